package dev.secretsengine.api;

import java.util.ArrayList;
import java.util.List;

/** A signal that fires at most once: the answer is no longer wanted. Thread-safe. */
public final class Cancellation {

    private final List<Runnable> actions = new ArrayList<>();
    private volatile boolean cancelled;

    /** A signal that has not fired. */
    public Cancellation() {
    }

    /** Whether the signal has fired. */
    public boolean isCancelled() {
        return cancelled;
    }

    /**
     * Runs an action when the signal fires, at once if it has fired already. The action must not block.
     *
     * @return takes the action back when closed
     */
    public Registration onCancel(Runnable action) {
        synchronized (this) {
            if (!cancelled) {
                actions.add(action);
                return () -> forget(action);
            }
        }
        action.run();
        return () -> {
        };
    }

    private synchronized void forget(Runnable action) {
        actions.remove(action);
    }

    /** Fires the signal. Later calls do nothing. */
    public void cancel() {
        List<Runnable> due;
        synchronized (this) {
            cancelled = true;
            due = List.copyOf(actions);
            actions.clear();
        }
        due.forEach(Runnable::run);
    }

    /** An action that waits for the signal. */
    @FunctionalInterface
    public interface Registration extends AutoCloseable {

        @Override
        void close();
    }
}
