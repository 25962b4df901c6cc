package dev.secretsengine.kit.remote;

import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import java.util.function.LongSupplier;

/** A backend that said it was asked too often: until the time it named it is not asked again. Thread-safe. */
public final class RateLimit {

    private static final Duration MOST = Duration.ofHours(24);

    private final String plugin;
    private final String service;
    private final LongSupplier clock;

    /** Guarded by this, as until. */
    private boolean isReached;
    private long until;

    /**
     * No limit is reached yet.
     *
     * @param service what the user calls the backend
     */
    public RateLimit(String plugin, String service) {
        this(plugin, service, System::nanoTime);
    }

    RateLimit(String plugin, String service, LongSupplier clock) {
        this.plugin = plugin;
        this.service = service;
        this.clock = clock;
    }

    /**
     * To be called before the backend is asked.
     *
     * @throws SecretsException.Unavailable if it does not want to be asked yet
     */
    public synchronized void require() throws SecretsException.Unavailable {
        if (isReached && until - clock.getAsLong() > 0) {
            throw failure();
        }
        isReached = false;
    }

    /**
     * Notes that the backend said so.
     *
     * @param wait how long it wants to be left alone; at least a second, at most a day
     * @return what to throw
     */
    public synchronized SecretsException.Unavailable reached(Duration wait) {
        Duration bounded = wait.compareTo(MOST) > 0 ? MOST : wait;
        long nanos = Math.max(bounded.toNanos(), Duration.ofSeconds(1).toNanos());
        isReached = true;
        until = clock.getAsLong() + nanos;
        return failure();
    }

    private SecretsException.Unavailable failure() {
        return new SecretsException.Unavailable(plugin, service + " was asked too often and wants to be left alone",
                "try again in " + shown(until - clock.getAsLong()));
    }

    private static String shown(long nanos) {
        long seconds = Math.max(1, (nanos + 999_999_999) / 1_000_000_000);
        if (seconds < 120) {
            return seconds + " s";
        }
        return seconds < 7200 ? (seconds + 59) / 60 + " minutes" : (seconds + 3599) / 3600 + " hours";
    }
}
