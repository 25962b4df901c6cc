package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import org.freedesktop.dbus.DBusPath;
import org.jspecify.annotations.Nullable;

/**
 * Unlocks for all requests together: one attempt at a time, shared by every request that waits for it. gnome-keyring shows
 * no prompt any more after several were open and one was cancelled. Thread-safe.
 */
final class Unlocker {

    /** How long a prompt may stand. */
    private static final Duration PROMPT_TIME = Duration.ofMinutes(10);

    /** Requests whose user has refused: nothing asks them again. A request is known by its cancellation. */
    private final Map<Cancellation, BusException> refused = new WeakHashMap<>();

    private @Nullable Attempt current;

    /** Unlocks these objects. */
    @FunctionalInterface
    interface Action {

        void unlock(List<DBusPath> paths, RequestContext context) throws BusException;
    }

    /** One unlock, and how many requests wait for it. */
    private static final class Attempt implements Runnable {

        private final List<DBusPath> paths;
        private final Action action;
        private final boolean endsWithCallers;
        private final Cancellation abandoned = new Cancellation();

        /** Empty once everything is unlocked, else why not. */
        private final CompletableFuture<Optional<BusException>> outcome = new CompletableFuture<>();
        private int waiting;

        Attempt(List<DBusPath> paths, Action action, boolean endsWithCallers) {
            this.paths = List.copyOf(paths);
            this.action = action;
            this.endsWithCallers = endsWithCallers;
        }

        @Override
        public void run() {
            try {
                action.unlock(paths, RequestContext.of(PROMPT_TIME, abandoned, Map.of()));
                outcome.complete(Optional.empty());
            } catch (BusException e) {
                outcome.complete(Optional.of(e));
            } catch (RuntimeException e) {
                outcome.complete(Optional.of(BusException.failed()));
            }
        }
    }

    /**
     * Waits until these objects are unlocked, by an attempt that runs already if one does.
     *
     * @param endsWithCallers whether the prompt is taken away with the last request that waits for it; else it stands, and
     *     later requests wait for the same
     * @throws BusException if the user refused this request, or one that it waited together with; or the deadline passed
     */
    void unlock(List<DBusPath> paths, RequestContext context, Action action, boolean endsWithCallers)
            throws BusException {
        while (true) {
            Attempt attempt = join(new Attempt(paths, action, endsWithCallers), context.cancellation());
            Optional<BusException> failure;
            try {
                failure = Prompts.await(attempt.outcome, context, () -> true);
            } finally {
                leave(attempt);
            }
            if (failure.isEmpty() && attempt.paths.containsAll(paths)) {
                return;
            }
            // One that took too long was given up by others.
            if (failure.isPresent() && failure.get().kind() != BusException.Kind.SLOW) {
                throw remembered(failure.get(), context.cancellation());
            }
        }
    }

    private synchronized Attempt join(Attempt next, Cancellation request) throws BusException {
        BusException refusal = refused.get(request);
        if (refusal != null) {
            throw refusal;
        }
        Attempt attempt = current;
        if (attempt == null || attempt.outcome.isDone()) {
            attempt = next;
            current = attempt;
            Thread.ofPlatform().daemon().name("keychain-unlock").start(attempt);
        }
        attempt.waiting++;
        return attempt;
    }

    /** How many requests wait for the attempt that runs. */
    synchronized int waiting() {
        return current == null ? 0 : current.waiting;
    }

    private synchronized void leave(Attempt attempt) {
        attempt.waiting--;
        if (attempt.waiting == 0 && attempt.endsWithCallers) {
            attempt.abandoned.cancel();
        }
    }

    private synchronized BusException remembered(BusException failure, Cancellation request) {
        if (failure.kind() == BusException.Kind.DISMISSED || failure.kind() == BusException.Kind.LOCKED) {
            refused.put(request, failure);
        }
        return failure;
    }
}
