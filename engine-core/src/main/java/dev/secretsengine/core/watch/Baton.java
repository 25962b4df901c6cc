package dev.secretsengine.core.watch;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Who goes on with a piece of work: the thread that has begun it, which spares a change of threads, unless code that it
 * does not know holds it up; then another thread does, and this one is left behind in there.
 */
public final class Baton {

    private static final Duration PATIENCE = Duration.ofMillis(20);

    private static final int KEPT = 0;
    private static final int EXPOSED = 1;
    private static final int TAKEN = 2;

    private final Patrol<Baton> patrol;
    private final AtomicInteger state = new AtomicInteger(KEPT);
    private volatile long since;
    private volatile @Nullable Runnable successor;

    private Baton(Patrol<Baton> patrol) {
        this.patrol = patrol;
    }

    /** Sees to it that nobody is held up for long. */
    public static final class Course {

        private final Patrol<Baton> patrol;

        /** A course whose thread has this name. */
        public Course(String name) {
            patrol = new Patrol<>(name, PATIENCE, Baton::look);
        }

        /** For one piece of work. */
        public Baton baton() {
            return new Baton(patrol);
        }

        /** Nobody is looked after any more. */
        public void close() {
            patrol.close();
        }
    }

    /**
     * Does what may never end.
     *
     * @param next goes on in place of this thread, on another one, if it is held up
     * @throws PassedOn if that has happened
     */
    public void expose(Runnable work, Runnable next) {
        since = System.nanoTime();
        successor = next;
        state.set(EXPOSED);
        patrol.add(this);
        try {
            work.run();
        } finally {
            patrol.remove(this);
        }
        if (!state.compareAndSet(EXPOSED, KEPT)) {
            throw new PassedOn();
        }
    }

    private void look() {
        Runnable next = successor;
        if (next != null && System.nanoTime() - since > PATIENCE.toNanos() && state.compareAndSet(EXPOSED, TAKEN)) {
            patrol.remove(this);
            Thread.ofPlatform().daemon().name("engine").start(next);
        }
    }
}
