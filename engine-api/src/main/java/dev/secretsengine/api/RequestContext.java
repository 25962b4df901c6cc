package dev.secretsengine.api;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What comes with a request: until when an answer is wanted, whether it still is, and what belongs to the caller rather
 * than to the engine.
 */
public final class RequestContext {

    private final long deadlineNanos;
    private final Cancellation cancellation;
    private final Map<String, String> callerEnvironment;

    private RequestContext(long deadlineNanos, Cancellation cancellation, Map<String, String> callerEnvironment) {
        this.deadlineNanos = deadlineNanos;
        this.cancellation = cancellation;
        this.callerEnvironment = Map.copyOf(callerEnvironment);
    }

    /**
     * A context that ends after some time.
     *
     * @param timeout from now
     * @param callerEnvironment the caller's variables that a backend may need, never one that holds a secret
     */
    public static RequestContext of(Duration timeout, Cancellation cancellation,
            Map<String, String> callerEnvironment) {
        return new RequestContext(System.nanoTime() + timeout.toNanos(), cancellation, callerEnvironment);
    }

    /** A context without a caller, for work the engine does by itself. */
    public static RequestContext of(Duration timeout) {
        return of(timeout, new Cancellation(), Map.of());
    }

    /** The time that is left, zero once the deadline has passed or the request was cancelled. */
    public Duration remaining() {
        long left = deadlineNanos - System.nanoTime();
        return left <= 0 || cancellation.isCancelled() ? Duration.ZERO : Duration.ofNanos(left);
    }

    /** Whether the answer is no longer wanted. */
    public boolean isOver() {
        return remaining().isZero();
    }

    /** Fires when the caller has gone away. */
    public Cancellation cancellation() {
        return cancellation;
    }

    /**
     * A variable of the caller's environment. Only what backends are known to need is sent along (docs/protocol.md lists
     * it): {@code PATH}, {@code HOME}, {@code DOCKER_CONFIG}, the session bus, the locale and the like.
     */
    public Optional<String> callerVariable(String name) {
        return Optional.ofNullable(callerEnvironment.get(name));
    }

    /** The same caller and cancellation with a new time limit, counted from now. */
    public RequestContext within(Duration timeout) {
        return of(timeout, cancellation, callerEnvironment);
    }
}
