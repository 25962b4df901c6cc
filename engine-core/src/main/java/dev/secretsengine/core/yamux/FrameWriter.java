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

    /** How long a frame that nobody waits for may wait for others that it can go with. */
    private static final Duration MOMENT = Duration.ofMillis(5);

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
    private boolean planned;
    private boolean left;
    private long leftAt;
    private @Nullable IOException ended;

    /** Belongs to the thread that is writing. */
    private final byte[] buffer = new byte[MAX_PENDING + Frame.HEADER + MAX_DATA];

    /** The threads write for those that may not, the limit is for one write, and the failure ends the session. */
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
            int size = pendingSize + Frame.HEADER;
            if (size <= MAX_PENDING) {
                pending = size <= pending.length ? pending : Arrays.copyOf(pending, Math.min(2 * size, MAX_PENDING));
                frame.encode(pending, pendingSize);
                pendingSize = size;
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
        handOver();
    }

    /** Leaves a frame to whoever writes next; if nobody does in a moment, another thread writes it. */
    void leave(Frame frame) throws IOException {
        append(frame);
        lock.lock();
        try {
            leftAt = left ? leftAt : System.nanoTime();
            left = true;
            if (!planned) {
                planned = true;
                Timers.after(MOMENT, this::writeLeft);
            }
            if (pendingSize < MAX_PENDING / 2) {
                return;
            }
        } finally {
            lock.unlock();
        }
        flush();
    }

    /** On the clock's thread, which must not write. Under load some frame is always left, but never for long. */
    private void writeLeft() {
        lock.lock();
        try {
            long rest = MOMENT.toNanos() - (System.nanoTime() - leftAt);
            planned = left && rest > 0 && ended == null;
            if (planned) {
                Timers.after(Duration.ofNanos(rest), this::writeLeft);
                return;
            }
            left = false;
        } finally {
            lock.unlock();
        }
        handOver();
    }

    /** Unless somebody is writing, who takes it along. */
    private void handOver() {
        lock.lock();
        try {
            if (busy || pendingSize == 0 || ended != null) {
                return;
            }
        } finally {
            lock.unlock();
        }
        try {
            threads.execute(this::flushAsTold);
        } catch (RejectedExecutionException e) {
            failure.accept(new IOException("the engine is stopping", e));
        }
    }

    private void flushAsTold() {
        try {
            flush();
        } catch (IOException e) {
            // The session has been told.
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
        lock.lock();
        try {
            watched = busy && ended == null;
            long rest = limit.toNanos() - (System.nanoTime() - busySince);
            if (watched && rest > 0) {
                Timers.after(Duration.ofNanos(rest), this::watch);
            }
            if (!watched || rest > 0) {
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
                frame.encode(buffer, filled);
                System.arraycopy(bytes, offset, buffer, filled + Frame.HEADER, (int) frame.length());
                filled += Frame.HEADER + (int) frame.length();
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
            left = false;
            busySince = System.nanoTime();
            return size;
        } finally {
            lock.unlock();
        }
    }

    private void release() {
        lock.lock();
        try {
            busy = false;
            free.signal();
        } finally {
            lock.unlock();
        }
        handOver();
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
