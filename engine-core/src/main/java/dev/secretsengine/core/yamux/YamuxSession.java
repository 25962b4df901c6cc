package dev.secretsengine.core.yamux;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A connection that carries streams. Safe for use by many threads. It ends when it is closed, when the connection
 * does, when the peer breaks the protocol or is silent for too long; then all streams end at once. An answer that had
 * come in whole before the connection was lost can still be read.
 */
public final class YamuxSession implements Closeable {

    private final Closeable connection;
    private final Executor threads;
    private final YamuxSettings settings;
    private final StreamTable table;
    private final FrameWriter writer;
    private final KeepAlive keepAlive;

    private YamuxSession(boolean client, OutputStream out, Closeable connection, Executor threads,
            YamuxSettings settings) {
        this.connection = connection;
        this.threads = threads;
        this.settings = settings;
        this.table = new StreamTable(client, settings.inboundStreams());
        this.writer = new FrameWriter(out, threads, settings.writeWithin(), this::lost);
        this.keepAlive = new KeepAlive(writer, settings.answerWithin(), this::lost);
    }

    /**
     * A session whose streams have odd numbers: the side that connected.
     *
     * @param connection ends both streams when it is closed, also for threads that are waiting in them; the session
     *        closes it when it ends
     * @param threads must have a thread for each task at once: one reads as long as the session lasts, others write
     *        now and then. Platform threads, where the connection needs them.
     */
    public static YamuxSession client(InputStream in, OutputStream out, Closeable connection, Executor threads,
            YamuxSettings settings) {
        return start(true, in, out, connection, threads, settings);
    }

    /** The same for the side that was connected to: its streams have even numbers. */
    public static YamuxSession server(InputStream in, OutputStream out, Closeable connection, Executor threads,
            YamuxSettings settings) {
        return start(false, in, out, connection, threads, settings);
    }

    private static YamuxSession start(boolean client, InputStream in, OutputStream out, Closeable connection,
            Executor threads, YamuxSettings settings) {
        YamuxSession session = new YamuxSession(client, out, connection, threads, settings);
        session.keepAlive.start(settings.keepAlive());
        try {
            threads.execute(new Receiver(in, session.table, id -> session.stream(id, false), session.writer,
                    session.keepAlive, session::lost));
        } catch (RejectedExecutionException e) {
            session.lost(new IOException("the engine is stopping", e));
        }
        return session;
    }

    private YamuxStream stream(int id, boolean ours) {
        return new YamuxStream(id, ours, table, writer, settings.lingering());
    }

    /**
     * Opens a stream. While the peer has not acknowledged 256 of them it waits.
     *
     * @param patience how long it waits at most; the stream itself has no limit yet
     * @throws IOException if the session has ended, or the peer wants no more streams
     */
    public YamuxStream open(Duration patience) throws IOException {
        return table.open(id -> stream(id, true), Waiting.deadline(patience));
    }

    /**
     * Waits for the peer to open a stream. Somebody has to do so all the time: a Go peer ends a session whose streams
     * are not accepted in 75 seconds.
     *
     * @return null when the session has ended
     * @throws java.io.InterruptedIOException if the thread is interrupted
     */
    public @Nullable YamuxStream accept() throws IOException {
        YamuxStream stream = table.accept(Waiting.FOREVER);
        if (stream != null) {
            try {
                writer.control(Frame.signal(Frame.ACK, stream.id()));
            } catch (IOException e) {
                return null;
            }
        }
        return stream;
    }

    /** Asks the peer to open no more streams; those that are open go on, and more can be opened here. */
    public void goAway() throws IOException {
        table.leave();
        writer.control(new Frame(Frame.GO_AWAY, 0, 0, Frame.NORMAL));
    }

    /** Whether streams can be opened. */
    public boolean isOpen() {
        return table.isOpen();
    }

    /** Why the session ended, in a few words for the log; empty while it has not. */
    public String reason() {
        IOException why = table.ended();
        if (why == null) {
            return "";
        }
        String message = why.getMessage();
        return message == null ? why.getClass().getSimpleName() : message;
    }

    /** How many streams have not ended on both sides. */
    int streams() {
        return table.size();
    }

    /** Ends the session and its connection at once, and all streams with it. */
    @Override
    public void close() {
        end(new IOException("the session was closed"), false);
    }

    /** The connection is of no more use. */
    private void lost(IOException why) {
        end(why, true);
    }

    private void end(IOException why, boolean keepWhole) {
        List<YamuxStream> streams = table.end(why);
        if (streams == null) {
            // Whoever hangs in saying farewell is not to hang for long.
            hangUp();
            return;
        }
        keepAlive.stop();
        for (YamuxStream stream : streams) {
            stream.forgetAbandonment();
            stream.fail(why, keepWhole);
        }
        if (why instanceof YamuxException) {
            farewell(why);
        } else {
            writer.end(why);
            hangUp();
        }
    }

    /** Tells the peer what it did before the connection is closed, from another thread: this one may be receiving. */
    private void farewell(IOException why) {
        try {
            threads.execute(() -> {
                try {
                    writer.control(new Frame(Frame.GO_AWAY, 0, 0, Frame.PROTOCOL_ERROR));
                } catch (IOException e) {
                    // It has gone already.
                } finally {
                    writer.end(why);
                    hangUp();
                }
            });
        } catch (RejectedExecutionException e) {
            writer.end(why);
            hangUp();
        }
    }

    private void hangUp() {
        try {
            connection.close();
        } catch (IOException e) {
            // It is of no more use either way.
        }
    }
}
