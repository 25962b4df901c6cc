package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How one plugin does since the engine was started: how often it was asked, what came of it, and whether it is left alone
 * for now. Outlives the provider, which comes and goes with its bundle. Thread-safe, without a lock: every lookup passes
 * through.
 */
public final class PluginHealth {

    private static final Logger LOG = LoggerFactory.getLogger(PluginHealth.class);

    private static final Duration QUICK = Duration.ofMillis(2);
    private static final int PATIENCE = 3;
    private static final Duration TRIAL = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(30);
    private static final int LONGEST_PAUSE_DOUBLED = 4;

    /**
     * What went wrong last.
     *
     * @param text one line
     * @param at when
     */
    public record Mishap(String text, Instant at) {
    }

    private record Pause(String reason, long untilNanos) {

        long leftNanos() {
            return untilNanos - System.nanoTime();
        }
    }

    private record Unanswered(SecretPattern pattern, Mishap mishap) {
    }

    private final String plugin;
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final AtomicInteger overdue = new AtomicInteger();
    private volatile boolean quick;
    private volatile long lastSuccessMillis;
    private volatile boolean proven;
    private volatile @Nullable Mishap lastError;
    private volatile @Nullable Unanswered unanswered;
    private volatile @Nullable String fatal;
    private final AtomicReference<@Nullable Pause> pause = new AtomicReference<>();

    PluginHealth(String plugin) {
        this.plugin = plugin;
    }

    /**
     * Asks the provider, unless it is to be left alone.
     *
     * @throws SecretsException what the provider threw, or that it is left alone
     */
    public List<Envelope> ask(SecretsProvider provider, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        admit();
        return observe(provider, pattern, context);
    }

    /**
     * The plugin is to be asked now: nothing is to be sent to one that is left alone. What comes of it is for
     * {@link #observe}.
     *
     * @throws SecretsException.Unavailable if it is left alone
     */
    public void admit() throws SecretsException {
        calls.incrementAndGet();
        requireWilling();
    }

    /**
     * Asks a provider that was admitted.
     *
     * @throws SecretsException what the provider threw
     */
    public List<Envelope> observe(SecretsProvider provider, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        // A thread that the bundle starts inherits this, and can be told by it later.
        thread.setContextClassLoader(provider.getClass().getClassLoader());
        long begin = System.nanoTime();
        try {
            List<Envelope> answer = provider.getSecrets(pattern, context);
            quick = System.nanoTime() - begin < QUICK.toNanos();
            succeeded(pattern);
            return answer;
        } catch (SecretsException.NotFound e) {
            succeeded(pattern);
            throw e;
        } catch (SecretsException e) {
            remember(pattern, failed(e), context);
            throw e;
        } catch (OutOfMemoryError e) {
            leaveAlone("it ran out of memory");
            throw e;
        } catch (RuntimeException | Error e) {
            // Its message may hold anything.
            remember(pattern, failed("it threw " + e.getClass().getName()), context);
            throw e;
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    private void requireWilling() throws SecretsException {
        String reason = fatal;
        if (reason != null) {
            throw new SecretsException.Unavailable(plugin, "the plugin " + plugin + " has stopped (" + reason + ")",
                    "docker pass plugins enable " + plugin + " tries it again");
        }
        Pause current = pause.get();
        if (current != null && (current.leftNanos() > 0 || !isFirstAfter(current))) {
            throw new SecretsException.Unavailable(plugin,
                    "the plugin " + plugin + " is left alone: " + current.reason(),
                    "docker pass plugins enable " + plugin + " tries it at once");
        }
    }

    /** After a pause one lookup tries how it is, and the others go on waiting for what comes of that. */
    private boolean isFirstAfter(Pause current) {
        return pause.compareAndSet(current, new Pause(current.reason(), System.nanoTime() + TRIAL.toNanos()));
    }

    private void remember(SecretPattern pattern, Mishap mishap, RequestContext context) {
        if (!context.cancellation().isCancelled()) {
            unanswered = new Unanswered(pattern, mishap);
        }
    }

    private void succeeded(SecretPattern pattern) {
        Unanswered last = unanswered;
        if (last != null && last.pattern().equals(pattern)) {
            unanswered = null;
        }
        lastSuccessMillis = System.currentTimeMillis();
        proven = true;
        if (overdue.get() != 0) {
            overdue.set(0);
            pause.set(null);
        }
    }

    private Mishap failed(SecretsException failure) {
        if (failure.isFatal() && fatal == null) {
            fatal = failure.advice();
            LOG.warn("the plugin {} has stopped: {}", plugin, failure.getMessage());
        }
        return failed(failure.advice());
    }

    private Mishap failed(String text) {
        failures.incrementAndGet();
        Mishap mishap = new Mishap(text, Instant.now());
        lastError = mishap;
        return mishap;
    }

    /** Whether its last answer came at once, which a lookup can take a chance on. */
    public boolean isQuick() {
        return quick;
    }

    /** It is not quick now. */
    public void heldUp() {
        quick = false;
    }

    /** The provider went on long after its answer was no longer wanted. */
    public void overdue() {
        quick = false;
        failed("it did not answer in time, and did not stop either");
        if (overdue.incrementAndGet() >= PATIENCE) {
            pauseFor("it did not answer in time " + overdue.get() + " times in a row");
        }
    }

    private void leaveAlone(String reason) {
        failed(reason);
        overdue.accumulateAndGet(PATIENCE, Math::max);
        pauseFor(reason);
    }

    private void pauseFor(String reason) {
        long doubled = Math.min(overdue.get() - PATIENCE, LONGEST_PAUSE_DOUBLED);
        Duration length = FIRST_PAUSE.multipliedBy(1L << doubled);
        pause.set(new Pause(reason, System.nanoTime() + length.toNanos()));
        LOG.warn("the plugin {} is left alone for {} s: {}", plugin, length.toSeconds(), reason);
    }

    private Optional<String> paused() {
        Pause current = pause.get();
        return current == null
                ? Optional.empty()
                : Optional.of(current.reason() + ", and is asked again in "
                        + Math.max(1, current.leftNanos() / 1_000_000_000) + " s");
    }

    /** Why it is not asked for now, if it is not. */
    public Optional<String> trouble() {
        return Optional.ofNullable(fatal).or(this::paused);
    }

    /** The last lookup that failed, as one line, until the same one is answered; else empty. */
    String unanswered() {
        Unanswered last = unanswered;
        return last == null
                ? ""
                : "lookup of " + last.pattern() + " failed at " + last.mishap().at().truncatedTo(ChronoUnit.SECONDS)
                        + ": " + last.mishap().text();
    }

    /** It was enabled again, or replaced: it is asked as if nothing had happened. */
    void forgive() {
        proven = false;
        quick = false;
        fatal = null;
        unanswered = null;
        pause.set(null);
        overdue.set(0);
    }

    /** Whether it has answered since it was enabled or replaced. */
    boolean isProven() {
        return proven;
    }

    /** How often it was to be asked. */
    public long calls() {
        return calls.get();
    }

    /** How often it failed; a secret that is not there is no failure. */
    public long failures() {
        return failures.get();
    }

    /** When it last answered, be it that there is no such secret. */
    public Optional<Instant> lastSuccess() {
        long millis = lastSuccessMillis;
        return millis == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(millis));
    }

    /** What went wrong last. */
    public Optional<Mishap> lastError() {
        return Optional.ofNullable(lastError);
    }
}
