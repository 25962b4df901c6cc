package dev.secretsengine.core.bundle;

import java.util.List;

/** What holds the bundles: finds, starts and stops them, and knows nothing of who is enabled. */
public interface PluginHost {

    /** A bundle could not be started or stopped; the message is one line. */
    final class HostException extends Exception {

        private static final long serialVersionUID = 1L;

        private final boolean passes;

        /** See the class. */
        public HostException(String message, Throwable cause) {
            this(message, cause, false);
        }

        /**
         * See the class.
         *
         * @param passes whether it may help to try again later
         */
        public HostException(String message, Throwable cause, boolean passes) {
            super(message, cause);
            this.passes = passes;
        }

        /** Whether it may help to try again later. */
        public boolean passes() {
            return passes;
        }
    }

    /** The bundles that are there now; of several with one symbolic name only the highest version. */
    List<PluginBundle> bundles();

    /**
     * Starts a bundle and returns when its activator has. Started twice it stays started.
     *
     * @throws HostException if it does not resolve or its activator fails
     */
    void start(PluginBundle bundle) throws HostException;

    /**
     * Stops a bundle; its services are gone when this returns.
     *
     * @throws HostException if its activator fails; the bundle is stopped all the same
     */
    void stop(PluginBundle bundle) throws HostException;

    /** Problems of the drop folders themselves, each one line; empty if all is well. */
    List<String> problems();

    /** What there is to say of a bundle besides, one line or empty: that it has left threads behind, for one. */
    default String remark(PluginBundle bundle) {
        return "";
    }

    /** Calls back, on any thread, after the list of bundles has changed. */
    void whenChanged(Runnable action);
}
