package dev.secretsengine.core.watch;

import java.io.Closeable;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread that looks at whatever is under way again and again, and sleeps while nothing is: what is quick costs no more
 * than an entry. Thread-safe.
 *
 * @param <T> what it looks at, told apart by {@link Object#equals}
 */
public final class Patrol<T> implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(Patrol.class);

    private final Set<T> entries = ConcurrentHashMap.newKeySet();
    private final long periodNanos;
    private final Consumer<T> look;
    private final Thread thread;
    private volatile boolean started;
    private volatile boolean idle;

    /**
     * A patrol whose thread begins with the first entry.
     *
     * @param look must not wait
     */
    public Patrol(String name, Duration period, Consumer<T> look) {
        this(period, look, Thread.ofPlatform().daemon().name(name).factory());
    }

    /** The same with a thread from elsewhere. */
    Patrol(Duration period, Consumer<T> look, ThreadFactory threads) {
        this.periodNanos = period.toNanos();
        this.look = look;
        this.thread = threads.newThread(this::run);
    }

    /**
     * From now on it is looked at, for the first time within the period.
     *
     * @throws OutOfMemoryError if there is no thread for that; it is not looked at then
     */
    public void add(T entry) {
        entries.add(entry);
        if (idle) {
            LockSupport.unpark(thread);
        } else if (!started) {
            try {
                start();
            } catch (OutOfMemoryError e) {
                entries.remove(entry);
                throw e;
            }
        }
    }

    /** The next entry tries again if there is no thread to be had. */
    private synchronized void start() {
        if (!started) {
            thread.start();
            started = true;
        }
    }

    /** It is looked at no more; whether it was until now. */
    public boolean remove(T entry) {
        return entries.remove(entry);
    }

    /** Looks at everything soon, before the period is over. */
    public void hurry() {
        LockSupport.unpark(thread);
    }

    /** Whether there is nothing to look at. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    private void run() {
        while (!thread.isInterrupted()) {
            idle = true;
            if (entries.isEmpty()) {
                LockSupport.park(this);
            }
            idle = false;
            LockSupport.parkNanos(this, periodNanos);
            entries.forEach(this::lookAt);
        }
    }

    private void lookAt(T entry) {
        try {
            look.accept(entry);
        } catch (RuntimeException | OutOfMemoryError e) {
            // No thread to be had, for one: the others are looked at all the same.
            LOG.error("{} could not look after something: {}", thread.getName(), e.getClass().getName());
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
