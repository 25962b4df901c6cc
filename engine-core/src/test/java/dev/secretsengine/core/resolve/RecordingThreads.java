package dev.secretsengine.core.resolve;

import dev.secretsengine.api.SecretValue;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Threads that show the values which their tasks answer. */
final class RecordingThreads extends AbstractExecutorService {

    private final ExecutorService threads;
    private final Consumer<SecretValue> seen;

    RecordingThreads(ExecutorService threads, Consumer<SecretValue> seen) {
        this.threads = threads;
        this.seen = seen;
    }

    @Override
    public <T> Future<T> submit(Callable<T> task) {
        return threads.submit(() -> {
            T result = task.call();
            if (result instanceof SecretValue value) {
                seen.accept(value);
            }
            return result;
        });
    }

    @Override
    public void execute(Runnable command) {
        threads.execute(command);
    }

    @Override
    public void shutdown() {
        threads.shutdown();
    }

    @Override
    public List<Runnable> shutdownNow() {
        return threads.shutdownNow();
    }

    @Override
    public boolean isShutdown() {
        return threads.isShutdown();
    }

    @Override
    public boolean isTerminated() {
        return threads.isTerminated();
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) throws InterruptedException {
        return threads.awaitTermination(timeout, unit);
    }
}
