package dev.secretsengine.core;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One after the other changes what a plugin is set up with: a purge in the middle of a set-up would leave half of it.
 * Thread-safe.
 */
final class Turns {

    private final Map<String, ReentrantLock> locks = new ConcurrentHashMap<>();

    /** It is over when this is closed, by the same thread. */
    interface Turn extends AutoCloseable {

        @Override
        void close();
    }

    /**
     * Waits for the others.
     *
     * @throws SecretsException.Unavailable if they are not done before the deadline
     */
    Turn await(String plugin, RequestContext context) throws SecretsException {
        ReentrantLock lock = locks.computeIfAbsent(plugin, _ -> new ReentrantLock());
        try {
            if (lock.tryLock(context.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                if (!context.isOver()) {
                    return lock::unlock;
                }
                // The caller has gone while it waited, and wants nothing any more.
                lock.unlock();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new SecretsException.Unavailable(plugin, "somebody else is setting the plugin " + plugin + " up",
                "try again when that is done");
    }
}
