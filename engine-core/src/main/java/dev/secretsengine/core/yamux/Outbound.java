package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** What a stream sends: its frames, in order, within the window that the peer grants. */
final class Outbound {

    private static final long LARGEST_WINDOW = 0xffff_ffffL;

    private final int id;
    private final FrameWriter writer;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private long window = Frame.WINDOW_SIZE;
    private boolean begun;
    private boolean sending;
    private boolean finished;
    private @Nullable IOException broken;

    /** A half of a stream; begun means that the peer knows of it. */
    Outbound(int id, FrameWriter writer, boolean begun) {
        this.id = id;
        this.writer = writer;
        this.begun = begun;
    }

    /** Sends all of it, in frames that others' frames may come between. */
    void write(byte[] bytes, int offset, int length, long deadline) throws IOException {
        int sent = 0;
        while (sent < length) {
            sent += writeFrame(bytes, offset + sent, length - sent, deadline);
        }
    }

    private int writeFrame(byte[] bytes, int offset, int wanted, long deadline) throws IOException {
        boolean first;
        int length;
        lock.lock();
        try {
            Waiting.until(() -> !sending && (window > 0 || finished || broken != null), changed, deadline);
            check();
            first = !begun;
            begun = true;
            length = (int) Math.min(Math.min(wanted, window), FrameWriter.MAX_DATA);
            window -= length;
            sending = true;
        } finally {
            lock.unlock();
        }
        boolean written = false;
        try {
            if (first) {
                writer.append(Frame.signal(Frame.SYN, id));
            }
            writer.data(new Frame(Frame.DATA, 0, id, length), bytes, offset, deadline);
            written = true;
        } finally {
            sent(written ? 0 : length);
        }
        return length;
    }

    private void check() throws IOException {
        if (broken != null) {
            throw new IOException(broken.getMessage(), broken);
        }
        if (finished) {
            throw new IOException("the stream's output is closed");
        }
    }

    private void sent(int unused) {
        lock.lock();
        try {
            window += unused;
            sending = false;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Tells the peer of the stream, if it does not know yet. */
    void begin() throws IOException {
        lock.lock();
        try {
            if (begun) {
                return;
            }
            check();
            begun = true;
            sending = true;
        } finally {
            lock.unlock();
        }
        try {
            writer.control(Frame.signal(Frame.SYN, id));
        } finally {
            sent(0);
        }
    }

    /**
     * Ends it, once. A frame that is being written goes first; that takes as long as a write may take.
     *
     * @param evenUnused whether the peer is to hear of a stream that it does not know yet
     * @param atOnce whether the peer may be waiting for it
     */
    void finish(boolean evenUnused, boolean atOnce) throws IOException {
        int flags;
        lock.lock();
        try {
            while (sending) {
                changed.awaitUninterruptibly();
            }
            if (finished || broken != null) {
                return;
            }
            finished = true;
            changed.signalAll();
            if (!begun && !evenUnused) {
                return;
            }
            flags = begun ? Frame.FIN : Frame.SYN | Frame.FIN;
            begun = true;
        } finally {
            lock.unlock();
        }
        if (atOnce) {
            writer.control(Frame.signal(flags, id));
        } else {
            writer.leave(Frame.signal(flags, id));
        }
    }

    /** Whether the peer has heard of the stream. */
    boolean isBegun() {
        lock.lock();
        try {
            return begun;
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

    /** The peer grants more; nothing where the frame is there for its flags. */
    void granted(long more) throws YamuxException {
        if (more == 0) {
            return;
        }
        lock.lock();
        try {
            window += more;
            if (window > LARGEST_WINDOW) {
                throw new YamuxException("a stream's window is too large");
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing can be sent any more. */
    void fail(IOException reason) {
        lock.lock();
        try {
            if (broken == null) {
                broken = reason;
                changed.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }
}
