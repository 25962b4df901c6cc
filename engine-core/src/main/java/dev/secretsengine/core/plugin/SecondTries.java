package dev.secretsengine.core.plugin;

import dev.secretsengine.api.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands plugins their settings once more. That runs code of theirs, which may never return: a request waits a moment for
 * it, and then goes on without them. Thread-safe.
 */
public final class SecondTries {

    private static final Logger LOG = LoggerFactory.getLogger(SecondTries.class);

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ProviderRegistry registry;
    private final Executor threads;

    /** Tries on these threads. */
    public SecondTries(ProviderRegistry registry, Executor threads) {
        this.registry = registry;
        this.threads = threads;
    }

    /** Tries with these plugins, all at once, and comes back soon. */
    public void make(List<String> plugins, RequestContext context) {
        if (plugins.isEmpty()) {
            return;
        }
        long millis = Math.min(context.remaining().toMillis(), PATIENCE.toMillis());
        try {
            CompletableFuture.allOf(plugins.stream().map(this::begin)
                    .toArray(CompletableFuture<?>[]::new)).get(millis, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("it takes long to configure one of {}: nobody waits for it", plugins);
        } catch (ExecutionException e) {
            LOG.error("could not configure one of {}", plugins, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private CompletableFuture<?> begin(String plugin) {
        try {
            return CompletableFuture.runAsync(() -> registry.refresh(plugin), threads);
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            LOG.warn("there is no thread to configure {} on: {}", plugin, e.getClass().getName());
            return CompletableFuture.completedFuture(null);
        }
    }
}
