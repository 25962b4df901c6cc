package dev.secretsengine.core.connect;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.core.watch.PassedOn;
import dev.secretsengine.core.wire.Peer;

/**
 * One call of a procedure.
 *
 * @param peer who calls
 * @param request its deadline and cancellation
 * @param course whether another thread can go on with it
 */
public record Call(Peer peer, RequestContext request, Course course) {

    /** The rest of a procedure. */
    @FunctionalInterface
    public interface Rest {

        /** What the procedure answers. */
        Object answer() throws CallException;
    }

    /** A call's thread, which may be lost in code that nobody knows. */
    public interface Course {

        /** One that cannot be left: who calls has to wait. */
        Course FIXED = new Course() {

            @Override
            public boolean isExposed() {
                return false;
            }

            @Override
            public void expose(Runnable work, Rest rest) {
                work.run();
            }
        };

        /** Whether another thread goes on if this one is held up. */
        boolean isExposed();

        /**
         * Does work that may never end.
         *
         * @param rest what is to be done then instead of what follows here, on another thread
         * @throws PassedOn if another thread is at it
         */
        void expose(Runnable work, Rest rest);
    }
}
