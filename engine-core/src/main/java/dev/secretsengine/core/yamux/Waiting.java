package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.locks.Condition;
import java.util.function.BooleanSupplier;

/** Waiting with an end, as input and output do it. */
final class Waiting {

    /** A deadline that never comes. */
    static final long FOREVER = Long.MAX_VALUE;

    private Waiting() {
    }

    /** The time on {@link System#nanoTime} that is so far away. */
    static long deadline(Duration fromNow) {
        return System.nanoTime() + fromNow.toNanos();
    }

    /**
     * Waits until something is so, which is looked at whenever something has changed. The caller holds the lock.
     *
     * @throws SocketTimeoutException if the deadline has passed
     * @throws InterruptedIOException if the thread is interrupted; it stays so
     */
    static void until(BooleanSupplier so, Condition changed, long deadline) throws IOException {
        try {
            while (!so.getAsBoolean()) {
                if (deadline == FOREVER) {
                    changed.await();
                } else if (changed.awaitNanos(deadline - System.nanoTime()) <= 0 && !so.getAsBoolean()) {
                    throw new SocketTimeoutException("the time is up");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted = new InterruptedIOException("interrupted");
            interrupted.initCause(e);
            throw interrupted;
        }
    }
}
