package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Puts frames on a connection, one thread at a time and in order. A thread with data writes itself, which spares a
 * change of threads for every request; frames without data never wait for anybody: who is writing takes them along. A
 * write that the connection does not take in time ends the session, and with it whoever hangs in that write.
 */
final class FrameWriter {

    /** The largest payload of a frame, so that many streams take turns. */
    static final int MAX_DATA = 32 * 1024;

    /** A peer that asks and does not take the answers: 2,048 frames, and it is hung up on. */
    private static final int MAX_PENDING = 24 * 1024;

    /** How often a thread takes others' frames along before somebody else has to. */
    private static final int FAVOURS = 4;

    private final OutputStream out;
    private final Executor threads;
    private final Duration limit;
    private final Consumer<IOException> failure;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition free = lock.newCondition();
    private byte[] pending = new byte[Frame.HEADER * 16];
    private int pendingSize;
    private boolean busy;
    private long busySince;
    private boolean watched;
    private @Nullable IOException ended;

    /** Belongs to the thread that is writing. */
    private final byte[] buffer = new byte[MAX_PENDING + Frame.HEADER + MAX_DATA];

    /**
     * A writer.
     *
     * @param threads runs what the receive thread wants written
     * @param limit how long one write may take
     * @param failure ends the session
     */
    FrameWriter(OutputStream out, Executor threads, Duration limit, Consumer<IOException> failure) {
        this.out = out;
        this.threads = threads;
        this.limit = limit;
        this.failure = failure;
    }

    /** Puts a frame before the next that is written; the caller writes one, or has one written. */
    void append(Frame frame) throws IOException {
        lock.lock();
        try {
            check();
            if (pendingSize + Frame.HEADER <= MAX_PENDING) {
                if (pendingSize + Frame.HEADER > pending.length) {
                    pending = Arrays.copyOf(pending, Math.min(pending.length * 2, MAX_PENDING));
                }
                frame.encode(pending, pendingSize);
                pendingSize += Frame.HEADER;
                return;
            }
        } finally {
            lock.unlock();
        }
        IOException e = new IOException("the peer does not take its answers");
        failure.accept(e);
        throw e;
    }

    /** Writes a frame, or leaves it to who is writing. */
    void control(Frame frame) throws IOException {
        append(frame);
        flush();
    }

    /** Has a frame written by another thread: the receive thread's way. */
    void post(Frame frame) throws IOException {
        append(frame);
        if (isFree()) {
            handOver();
        }
    }

    private boolean isFree() {
        lock.lock();
        try {
            return !busy;
        } finally {
            lock.unlock();
        }
    }

    private void handOver() {
        try {
            threads.execute(() -> {
                try {
                    flush();
                } catch (IOException e) {
                    // The session has been told.
                }
            });
        } catch (RejectedExecutionException e) {
            failure.accept(new IOException("the engine is stopping", e));
        }
    }

    private void flush() throws IOException {
        lock.lock();
        try {
            check();
            if (busy || pendingSize == 0) {
                return;
            }
            begin();
        } finally {
            lock.unlock();
        }
        write(null, new byte[0], 0);
    }

    /**
     * Writes a data frame, behind what is pending.
     *
     * @throws java.net.SocketTimeoutException if others were writing until the deadline; nothing is written then
     */
    void data(Frame frame, byte[] bytes, int offset, long deadline) throws IOException {
        lock.lock();
        try {
            awaitTurn(deadline);
            check();
            begin();
        } finally {
            lock.unlock();
        }
        write(frame, bytes, offset);
    }

    private void awaitTurn(long deadline) throws IOException {
        try {
            Waiting.until(() -> !busy || ended != null, free, deadline);
        } catch (IOException e) {
            // The turn may have been given to this thread just now.
            free.signal();
            throw e;
        }
    }

    private void check() throws IOException {
        if (ended != null) {
            throw new IOException(ended.getMessage(), ended);
        }
    }

    /** The caller holds the lock, and is the one who writes from now on. */
    private void begin() {
        busy = true;
        busySince = System.nanoTime();
        if (!watched) {
            watched = true;
            Timers.after(limit, this::watch);
        }
    }

    /** Looks after the write that is under way, and goes on looking only while there is one. */
    private void watch() {
        long left;
        lock.lock();
        try {
            watched = busy && ended == null;
            left = limit.toNanos() - (System.nanoTime() - busySince);
            if (!watched) {
                return;
            }
            if (left > 0) {
                Timers.after(Duration.ofNanos(left), this::watch);
                return;
            }
        } finally {
            lock.unlock();
        }
        failure.accept(new IOException("the peer does not read"));
    }

    /** Writes as the one thread that does. */
    private void write(@Nullable Frame frame, byte[] bytes, int offset) throws IOException {
        try {
            int filled = takePending();
            if (frame != null) {
                int length = (int) frame.length();
                frame.encode(buffer, filled);
                System.arraycopy(bytes, offset, buffer, filled + Frame.HEADER, length);
                filled += Frame.HEADER + length;
            }
            for (int favours = FAVOURS; filled > 0; favours--) {
                send(filled);
                filled = favours > 0 ? takePending() : 0;
            }
        } catch (IOException e) {
            failure.accept(e);
            throw e;
        } finally {
            release();
        }
    }

    /** Whether its thread is interrupted matters to one stream; a channel would close under all of them. */
    private void send(int filled) throws IOException {
        boolean interrupted = Thread.interrupted();
        try {
            out.write(buffer, 0, filled);
            out.flush();
        } finally {
            Arrays.fill(buffer, 0, filled, (byte) 0);
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private int takePending() {
        lock.lock();
        try {
            int size = pendingSize;
            System.arraycopy(pending, 0, buffer, 0, size);
            pendingSize = 0;
            busySince = System.nanoTime();
            return size;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        boolean more;
        lock.lock();
        try {
            busy = false;
            more = pendingSize > 0 && ended == null;
            free.signal();
        } finally {
            lock.unlock();
        }
        if (more) {
            handOver();
        }
    }

    /** Nothing is written from now on, except what is being written. */
    void end(IOException reason) {
        lock.lock();
        try {
            ended = reason;
            free.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
