package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.watch.Delivery;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/** Runs code of a plugin that is no lookup: it may throw anything, and may never return. */
public final class PluginCode {

    private PluginCode() {
    }

    /**
     * Runs it on another thread.
     *
     * @throws SecretsException what it threw, {@code Failed} if that was anything else, {@code Unavailable} if it did not
     *     return before the deadline
     */
    public static <T> T call(ExecutorService threads, String plugin, RequestContext context, Callable<T> code)
            throws SecretsException {
        return call(threads, plugin, context, code, result -> {
        });
    }

    /**
     * The same for what has to be given back.
     *
     * @param unwanted takes a result that comes too late for the caller
     */
    public static <T> T call(ExecutorService threads, String plugin, RequestContext context, Callable<T> code,
            Consumer<T> unwanted) throws SecretsException {
        Delivery<T> result = new Delivery<>(code, unwanted);
        try {
            threads.execute(result);
        } catch (RejectedExecutionException e) {
            throw new SecretsException.Unavailable(plugin, "the engine is ending", "try again");
        }
        Cancellation.Registration gone = context.cancellation().onCancel(() -> result.cancel(true));
        try {
            return result.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | CancellationException e) {
            result.giveUp();
            throw new SecretsException.Unavailable(plugin, "the plugin " + plugin + " did not answer in time",
                    "try again, or look at docker pass plugins ls");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SecretsException known) {
                throw known;
            }
            // Its message may hold anything, a setting's secret value for one.
            String thrown = e.getCause() == null ? "nothing" : e.getCause().getClass().getName();
            throw new SecretsException.Failed(plugin, "the plugin " + plugin + " threw " + thrown,
                    "its author has to mend that").causedBy(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            result.giveUp();
            throw new SecretsException.Unavailable(plugin, "interrupted", "try again");
        } finally {
            gone.close();
        }
    }
}
