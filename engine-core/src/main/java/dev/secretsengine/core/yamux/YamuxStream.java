package dev.secretsengine.core.yamux;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * One stream of a session: bytes both ways, each way with its own end. A stream that was opened here is made known to
 * the peer with the first byte that is written, or by flush or the first read. Reading and writing may be done by
 * two threads. An interrupted thread gets an {@link java.io.InterruptedIOException}, one that waits too long a
 * {@link java.net.SocketTimeoutException}; the session is none the worse for it. A peer that does not read from the
 * connection at all can hold a writer for as long as the settings let one write take, then the session ends.
 */
public final class YamuxStream implements Closeable {

    private final int id;
    private final boolean ours;
    private final StreamTable table;
    private final FrameWriter writer;
    private final Duration lingering;
    private final Inbound inbound = new Inbound();
    private final Outbound outbound;
    private final Input input = new Input();
    private final Output output = new Output();
    private volatile long deadline = Waiting.FOREVER;
    private volatile @Nullable Future<?> abandonment;

    /** A stream that was opened here, or by the peer. */
    YamuxStream(int id, boolean ours, StreamTable table, FrameWriter writer, Duration lingering) {
        this.id = id;
        this.ours = ours;
        this.table = table;
        this.writer = writer;
        this.lingering = lingering;
        this.outbound = new Outbound(id, writer, !ours);
    }

    /** What the peer sends, up to its end. Closing it drops what is not read yet and what is still to come. */
    public InputStream input() {
        return input;
    }

    /** What the peer gets; not buffered, a write is one frame or several. Closing it ends this way only. */
    public OutputStream output() {
        return output;
    }

    /** How much time there is from now on for reads and writes that begin afterwards. */
    public void limit(Duration time) {
        deadline = Waiting.deadline(time);
    }

    /**
     * Tells the peer that nothing more comes. A Go server takes that for the caller's going away and cancels its
     * handler: read the answer first.
     */
    public void closeOutput() throws IOException {
        finish(true, true);
    }

    private void finish(boolean evenUnused, boolean atOnce) throws IOException {
        outbound.finish(evenUnused, atOnce);
        if (!outbound.isBegun() || inbound.isFinished()) {
            table.remove(this);
        }
    }

    /**
     * Ends both ways; what is not read yet is dropped. The peer hears of it with what is written next, or some
     * milliseconds later: the caller does not wait for that, nor for the peer's end of it.
     */
    @Override
    public void close() {
        inbound.discard();
        try {
            finish(false, false);
        } catch (IOException e) {
            // The session has ended, and the stream with it.
            table.remove(this);
        }
        if (abandonment == null && table.holds(this)) {
            abandonment = Timers.later(lingering, this::abandon);
            if (!table.holds(this)) {
                forgetAbandonment();
            }
        }
    }

    /** Breaks it: the peer's reads and writes fail. */
    public void reset() {
        fail(new IOException("the stream was reset"), false);
        if (table.remove(this) && outbound.isBegun()) {
            try {
                writer.control(Frame.signal(Frame.RST, id));
            } catch (IOException e) {
                // The session has ended, and the stream with it.
            }
        }
    }

    /** The same on a thread that may not write. */
    private void abandon() {
        fail(new IOException("the stream was reset"), false);
        if (table.remove(this)) {
            try {
                writer.post(Frame.signal(Frame.RST, id));
            } catch (IOException e) {
                // The session has ended, and the stream with it.
            }
        }
    }

    /** Its number, for logs. */
    public int id() {
        return id;
    }

    boolean isOurs() {
        return ours;
    }

    Inbound inbound() {
        return inbound;
    }

    Outbound outbound() {
        return outbound;
    }

    /** The peer's end of it came. */
    void finishedByPeer() throws YamuxException {
        inbound.finish();
        table.acknowledged(this);
        if (outbound.isFinished()) {
            table.remove(this);
        }
    }

    /** The peer broke it. */
    void resetByPeer() {
        table.remove(this);
        fail(new IOException("the peer has reset the stream"), false);
    }

    /** Bytes came; if nobody will ever read them the peer should know, for it may wait for a larger window. */
    void received() {
        if (inbound.hasDropped() && outbound.isFinished()) {
            abandon();
        }
    }

    /** Wakes whoever waits on it. */
    void fail(IOException reason, boolean keepWhole) {
        inbound.fail(reason, keepWhole);
        outbound.fail(reason);
    }

    /** It is in no table any more. */
    void forgetAbandonment() {
        Future<?> planned = abandonment;
        if (planned != null) {
            planned.cancel(false);
        }
    }

    private final class Input extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            if (length == 0) {
                return 0;
            }
            outbound.begin();
            int count = inbound.read(bytes, offset, length, deadline);
            int granted = inbound.grant();
            if (granted > 0) {
                writer.control(new Frame(Frame.WINDOW, 0, id, granted));
            }
            return count;
        }

        @Override
        public int available() {
            return inbound.available();
        }

        @Override
        public void close() {
            inbound.discard();
        }
    }

    private final class Output extends OutputStream {

        @Override
        public void write(int oneByte) throws IOException {
            write(new byte[]{(byte) oneByte}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, bytes.length);
            outbound.write(bytes, offset, length, deadline);
        }

        @Override
        public void flush() throws IOException {
            outbound.begin();
        }

        @Override
        public void close() throws IOException {
            closeOutput();
        }
    }
}
