package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.core.wire.Connection;
import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Cancels calls whose caller has gone: one thread looks after those that take long, so that the quick ones cost nothing
 * but an entry.
 */
public final class SlowCalls implements Closeable {

    private static final long PERIOD_MILLIS = 200;

    /** How often the end of the last call is looked for. */
    private static final long LOOK_MILLIS = 20;

    private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
    private volatile boolean idle;
    private final Thread thread = new Thread(this::run, "sdk-callers");

    /** A call that is going on. Closed when it is done. */
    static final class Watch implements AutoCloseable {

        private final Set<Watch> watches;
        private final Connection connection;
        private final Cancellation cancellation;
        private final long begin = System.nanoTime();

        private Watch(Set<Watch> watches, Connection connection, Cancellation cancellation) {
            this.watches = watches;
            this.connection = connection;
            this.cancellation = cancellation;
        }

        private void look() {
            boolean slow = System.nanoTime() - begin > PERIOD_MILLIS * 1_000_000;
            if (slow && !connection.isAlive() && watches.remove(this)) {
                // What is done then may write, and so wait: not on this thread.
                Thread.ofPlatform().daemon().name("sdk-cancel").start(cancellation::cancel);
            }
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }

    /** Starts looking. */
    public SlowCalls() {
        thread.setDaemon(true);
        thread.start();
    }

    Watch watch(Connection connection, Cancellation cancellation) {
        Watch watch = new Watch(watches, connection, cancellation);
        watches.add(watch);
        if (idle) {
            LockSupport.unpark(thread);
        }
        return watch;
    }

    private void run() {
        while (!thread.isInterrupted()) {
            idle = true;
            if (watches.isEmpty()) {
                LockSupport.park(this);
            }
            idle = false;
            LockSupport.parkNanos(this, PERIOD_MILLIS * 1_000_000);
            watches.forEach(Watch::look);
        }
    }

    /** Waits at most so long until no call is going on. */
    public void awaitNone(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!watches.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
