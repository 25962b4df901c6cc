package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.freedesktop.dbus.DBusPath;
import org.jspecify.annotations.Nullable;

/**
 * Unlocks for all requests together: one attempt at a time, shared by every request that waits for it. gnome-keyring shows
 * no prompt any more after several were open and one was cancelled. Thread-safe.
 */
final class Unlocker {

    /** An attempt ends with the last request that waits for it, and never by itself. */
    private static final Duration WITHOUT_DEADLINE = Duration.ofDays(1);

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
        private final Cancellation abandoned = new Cancellation();

        /** Empty once everything is unlocked, else why not. */
        private final CompletableFuture<Optional<BusException>> outcome = new CompletableFuture<>();
        private int waiting;

        Attempt(List<DBusPath> paths, Action action) {
            this.paths = List.copyOf(paths);
            this.action = action;
        }

        @Override
        public void run() {
            try {
                action.unlock(paths, RequestContext.of(WITHOUT_DEADLINE, abandoned, Map.of()));
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
     * @throws BusException if the user refused this request, or one that it waited together with; or the deadline passed
     */
    void unlock(List<DBusPath> paths, RequestContext context, Action action) throws BusException {
        while (true) {
            Attempt attempt = join(paths, action, context.cancellation());
            Optional<BusException> failure;
            try {
                failure = outcome(attempt, context);
            } finally {
                leave(attempt);
            }
            if (failure.isPresent() && !attempt.abandoned.isCancelled()) {
                throw remembered(failure.get(), context.cancellation());
            }
            if (failure.isEmpty() && attempt.paths.containsAll(paths)) {
                return;
            }
        }
    }

    private synchronized Attempt join(List<DBusPath> paths, Action action, Cancellation request) throws BusException {
        BusException refusal = refused.get(request);
        if (refusal != null) {
            throw refusal;
        }
        Attempt attempt = current;
        if (attempt == null || attempt.outcome.isDone()) {
            attempt = new Attempt(paths, action);
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
        if (attempt.waiting == 0 && !attempt.outcome.isDone()) {
            attempt.abandoned.cancel();
        }
    }

    private synchronized BusException remembered(BusException failure, Cancellation request) {
        if (failure.kind() == BusException.Kind.DISMISSED || failure.kind() == BusException.Kind.LOCKED) {
            refused.put(request, failure);
        }
        return failure;
    }

    private static Optional<BusException> outcome(Attempt attempt, RequestContext context) throws BusException {
        while (!context.isOver()) {
            try {
                return attempt.outcome.get(Bus.slice(context),
                        TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // The request may be over meanwhile.
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BusException.slow();
            } catch (ExecutionException e) {
                throw BusException.failed();
            }
        }
        throw BusException.slow();
    }
}
