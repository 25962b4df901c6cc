package dev.secretsengine.kit;

import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The steps of one lookup that do not depend on each other, a few at a time. */
public final class Together {

    private Together() {
    }

    /**
     * Runs every step, and comes back when all are done. A single one runs on the caller's thread.
     *
     * @param plugin whose they are, for messages and thread names
     * @param most how many at the same time
     * @throws SecretsException.Unavailable if the caller's thread was interrupted
     * @throws SecretsException.Failed if a step threw
     */
    public static void run(String plugin, int most, List<Runnable> steps) throws SecretsException {
        if (steps.size() < 2) {
            steps.forEach(Runnable::run);
            return;
        }
        try (ExecutorService pool = Executors.newFixedThreadPool(Math.min(most, steps.size()),
                Thread.ofPlatform().daemon().name(plugin + "-", 0).factory())) {
            List<Future<?>> running = new ArrayList<>();
            steps.forEach(step -> running.add(pool.submit(step)));
            await(plugin, running, pool);
        }
    }

    private static void await(String plugin, List<Future<?>> running, ExecutorService pool) throws SecretsException {
        try {
            for (Future<?> one : running) {
                one.get();
            }
        } catch (InterruptedException e) {
            pool.shutdownNow();
            Thread.currentThread().interrupt();
            throw new SecretsException.Unavailable(plugin, "the lookup was interrupted", "try again");
        } catch (ExecutionException e) {
            throw new SecretsException.Failed(plugin, "the lookup broke off", "see the engine's log").causedBy(e);
        }
    }
}
