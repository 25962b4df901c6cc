package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a stream's peer has sent: filled by the receive thread, emptied by readers. */
final class Inbound {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReceiveBuffer buffer = new ReceiveBuffer();

    /** What the peer may still send. This, what is buffered and what is not granted yet are always one window. */
    private int window = Frame.WINDOW_SIZE;
    private int ungranted;
    private boolean finished;
    private boolean discarding;

    /** Whether anything came that nobody will ever read. */
    private boolean dropped;
    private @Nullable IOException broken;

    /**
     * Takes a frame's length off the window.
     *
     * @throws YamuxException if it is longer
     */
    void reserve(long length) throws YamuxException {
        lock.lock();
        try {
            if (length > window) {
                throw new YamuxException("a stream's window is overrun");
            }
            window -= (int) length;
        } finally {
            lock.unlock();
        }
    }

    /** Takes a piece of what was reserved. What comes behind the end is dropped: Go can be late with it. */
    void receive(byte[] bytes, int offset, int length) {
        lock.lock();
        try {
            if (!finished && !discarding && broken == null) {
                buffer.put(bytes, offset, length);
                changed.signalAll();
            } else if (discarding && length > 0) {
                dropped = true;
            }
        } finally {
            lock.unlock();
        }
    }

    /** The peer's end of it. */
    void finish() throws YamuxException {
        lock.lock();
        try {
            if (finished) {
                throw new YamuxException("a stream ended twice");
            }
            finished = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isFinished() {
        lock.lock();
        try {
            return finished;
        } finally {
            lock.unlock();
        }
    }

    boolean hasDropped() {
        lock.lock();
        try {
            return dropped;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for bytes; -1 at the end. */
    int read(byte[] bytes, int offset, int length, long deadline) throws IOException {
        lock.lock();
        try {
            Waiting.until(() -> buffer.size() > 0 || finished || discarding || broken != null, changed, deadline);
            if (broken != null) {
                throw new IOException(broken.getMessage(), broken);
            }
            if (discarding) {
                throw new IOException("the stream is closed");
            }
            if (buffer.size() == 0) {
                buffer.wipe();
                return -1;
            }
            int count = buffer.take(bytes, offset, length);
            ungranted += count;
            return count;
        } finally {
            lock.unlock();
        }
    }

    /** How many bytes can be had at once. */
    int available() {
        lock.lock();
        try {
            return buffer.size();
        } finally {
            lock.unlock();
        }
    }

    /** How much memory it takes. */
    int capacity() {
        lock.lock();
        try {
            return buffer.capacity();
        } finally {
            lock.unlock();
        }
    }

    /** What the peer is to be granted now: nothing until half a window has been read. */
    int grant() {
        lock.lock();
        try {
            if (finished || discarding || broken != null || ungranted < Frame.WINDOW_SIZE / 2) {
                return 0;
            }
            int granted = ungranted;
            ungranted = 0;
            window += granted;
            return granted;
        } finally {
            lock.unlock();
        }
    }

    /** Nobody reads any more. */
    void discard() {
        lock.lock();
        try {
            discarding = true;
            buffer.wipe();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The stream breaks. What came in whole, its end included, can still be read if the caller says so. */
    void fail(IOException reason, boolean keepWhole) {
        lock.lock();
        try {
            if (broken == null && !(keepWhole && finished)) {
                broken = reason;
                buffer.wipe();
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
