package dev.secretsengine.core.watch;

import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Who goes on with a piece of work: the thread that has begun it, which spares a change of threads, unless code that it
 * does not know holds it up; then another thread does, and this one is left behind in there. Thread-safe.
 */
public final class Baton implements Closeable {

    private static final Duration PATIENCE = Duration.ofMillis(20);

    private final ThreadFactory successors;
    private final Patrol<Exposure> patrol;

    /** A baton; the thread that sees to it that nobody is held up for long has this name. */
    public Baton(String name) {
        this(name, Thread.ofPlatform().daemon().name("engine").factory());
    }

    /** The same, with threads from elsewhere. */
    Baton(String name, ThreadFactory successors) {
        this.successors = successors;
        this.patrol = new Patrol<>(name, PATIENCE, this::look);
    }

    /** One thread in there. Whoever ends it first goes on. */
    private static final class Exposure {

        private final long since = System.nanoTime();
        private final AtomicBoolean ended = new AtomicBoolean();
        private final Runnable next;

        Exposure(Runnable next) {
            this.next = next;
        }

        boolean end() {
            return ended.compareAndSet(false, true);
        }
    }

    /**
     * Does what may never end.
     *
     * @param next goes on in place of this thread, on another one, if it is held up
     * @throws PassedOn if that has happened, whatever the work has thrown since
     */
    public void expose(Runnable work, Runnable next) {
        Exposure exposure = new Exposure(next);
        patrol.add(exposure);
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            end(exposure);
            throw e;
        }
        end(exposure);
    }

    private void end(Exposure exposure) {
        patrol.remove(exposure);
        if (!exposure.end()) {
            throw new PassedOn();
        }
    }

    /** Nothing is taken before there is a thread that goes on with it: there may be none to be had. */
    private void look(Exposure exposure) {
        if (System.nanoTime() - exposure.since > PATIENCE.toNanos()) {
            successors.newThread(() -> {
                if (exposure.end()) {
                    patrol.remove(exposure);
                    exposure.next.run();
                }
            }).start();
        }
    }

    /** Nobody is looked after any more. */
    @Override
    public void close() {
        patrol.close();
    }
}
