package dev.secretsengine.launcher.host;

import java.time.Duration;
import java.util.Arrays;

/**
 * Collects garbage once the engine has been idle for a while after some work, and before long where it never is: what
 * commands and lookups left behind does not stay in memory, neither its size nor its content. Thread-safe.
 */
final class IdleCleaning {

    private static final Duration IDLE = Duration.ofSeconds(6);
    private static final Duration AT_LATEST = Duration.ofSeconds(20);

    /** The young generation, by the engine's flags. */
    private static final int YOUNG_BYTES = 2 << 20;

    /** Small, so that no gap at the end of a thread's piece of it can hold a value. */
    private static final int FILLER_BYTES = 64;

    private final long idleNanos;
    private final long latestNanos;
    private final Runnable clean;
    private volatile long lastWork;
    private volatile boolean isDue;

    IdleCleaning() {
        this(IDLE, AT_LATEST, IdleCleaning::clean);
    }

    IdleCleaning(Duration idle, Duration atLatest, Runnable clean) {
        this.idleNanos = idle.toNanos();
        this.latestNanos = atLatest.toNanos();
        this.clean = clean;
    }

    /** A command, or the answer to a request, has ended. */
    void worked() {
        lastWork = System.nanoTime();
        if (!isDue) {
            begin();
        }
    }

    private synchronized void begin() {
        isDue = true;
        notifyAll();
    }

    private synchronized void awaitWork() throws InterruptedException {
        while (!isDue) {
            wait();
        }
    }

    /** Cleans until it is interrupted. */
    void run() {
        try {
            while (true) {
                awaitWork();
                long latest = System.nanoTime() + latestNanos;
                for (long left = left(latest); left > 0; left = left(latest)) {
                    Thread.sleep(Duration.ofNanos(left));
                }
                // First, so that work that ends from here on is cleaned up after as well.
                isDue = false;
                clean.run();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private long left(long latest) {
        return Math.min(lastWork + idleNanos, latest) - System.nanoTime();
    }

    private static void clean() {
        System.gc();
        overwriteFree();
        // Gives back what that took.
        System.gc();
    }

    /** The collector copies what lives, secrets among it, and clears nothing: new arrays do. */
    private static void overwriteFree() {
        for (long left = Runtime.getRuntime().freeMemory(); left > 0; left -= YOUNG_BYTES) {
            // Too large for the young generation.
            Arrays.fill(new byte[YOUNG_BYTES], (byte) 0);
        }
        for (int i = 0; i < YOUNG_BYTES / FILLER_BYTES; i++) {
            Arrays.fill(new byte[FILLER_BYTES], (byte) 0);
        }
    }
}
