package dev.secretsengine.core.yamux;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The receive thread: hands frames to their streams. It never writes and never waits for a stream's reader. */
final class Receiver implements Runnable {

    private final FrameReader reader;
    private final StreamTable table;
    private final StreamTable.Maker maker;
    private final FrameWriter writer;
    private final KeepAlive keepAlive;
    private final Consumer<IOException> failure;

    /** Reads frames, makes the streams that the peer opens, and tells how it ended. */
    Receiver(InputStream in, StreamTable table, StreamTable.Maker maker, FrameWriter writer, KeepAlive keepAlive,
            Consumer<IOException> failure) {
        this.reader = new FrameReader(in);
        this.table = table;
        this.maker = maker;
        this.writer = writer;
        this.keepAlive = keepAlive;
        this.failure = failure;
    }

    @Override
    public void run() {
        try {
            Frame frame = reader.next();
            while (frame != null) {
                handle(frame);
                frame = reader.next();
            }
            failure.accept(new EOFException("the peer has closed the connection"));
        } catch (IOException e) {
            failure.accept(e);
        } catch (RuntimeException e) {
            // Of the connection's making; a session without its receive thread must not live on.
            failure.accept(new IOException("reading failed", e));
        } catch (Error e) {
            failure.accept(new IOException("reading failed", e));
            throw e;
        } finally {
            reader.wipe();
        }
    }

    private void handle(Frame frame) throws IOException {
        switch (frame.type()) {
            case Frame.PING -> ping(frame);
            case Frame.GO_AWAY -> goAway(frame);
            default -> stream(frame);
        }
    }

    private void ping(Frame frame) throws IOException {
        if (frame.has(Frame.SYN)) {
            writer.post(new Frame(Frame.PING, Frame.ACK, 0, frame.length()));
        } else {
            keepAlive.answered(frame.length());
        }
    }

    private void goAway(Frame frame) throws IOException {
        if (frame.length() != Frame.NORMAL) {
            throw new IOException("the peer has ended the session with code " + frame.length());
        }
        table.peerLeaves();
    }

    private void stream(Frame frame) throws IOException {
        YamuxStream stream = frame.has(Frame.SYN) ? admit(frame.stream()) : table.find(frame.stream());
        if (stream == null) {
            // It was refused, or ended before the peer heard of that.
            skip(frame);
            return;
        }
        if (frame.has(Frame.ACK)) {
            table.acknowledged(stream);
        }
        if (frame.has(Frame.RST)) {
            skip(frame);
            table.forget(stream);
            stream.resetByPeer();
            return;
        }
        if (frame.type() == Frame.DATA) {
            stream.inbound().reserve(frame.length());
            reader.payload(frame.length(), stream.inbound()::receive);
            stream.received();
        } else {
            stream.outbound().granted(frame.length());
        }
        if (frame.has(Frame.FIN)) {
            stream.finishedByPeer();
        }
    }

    private @Nullable YamuxStream admit(int id) throws IOException {
        YamuxStream stream = table.admit(id, maker);
        if (stream == null) {
            writer.post(Frame.signal(Frame.RST, id));
        }
        return stream;
    }

    /** No stream's window has room for more, so nobody may send it. */
    private void skip(Frame frame) throws IOException {
        if (frame.stream() == 0) {
            throw new YamuxException("a frame for no stream");
        }
        if (frame.type() == Frame.DATA) {
            if (frame.length() > Frame.WINDOW_SIZE) {
                throw new YamuxException("a stream's window is overrun");
            }
            reader.payload(frame.length(), (_, _, _) -> {
            });
        }
    }
}
