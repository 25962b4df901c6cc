package dev.secretsengine.launcher.host;

import dev.secretsengine.core.bundle.PluginHost.HostException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs what starts and stops bundles, each time on a thread of its own: an activator that never returns must not take the
 * engine with it. Tells which bundles leave threads of theirs behind. Thread-safe.
 */
final class BundleThreads {

    private static final Logger LOG = LoggerFactory.getLogger(BundleThreads.class);

    private static final long PATIENCE_SECONDS = 10;

    /** What a thread may take to end after its bundle has told it to. */
    private static final long GRACE_MILLIS = 300;

    /** Threads of the engine that are at work for a bundle. */
    private static final Set<String> OURS = Set.of("engine", "bundle-start", "bundle-stop");

    /** Work of the framework that runs a bundle's own code. */
    @FunctionalInterface
    interface Work {

        void run() throws BundleException;
    }

    private final FrameworkWiring framework;

    /** The class loaders that outlived their bundle's stop, by symbolic name; guarded by this. */
    private final Map<String, List<WeakReference<ClassLoader>>> leftovers = new HashMap<>();

    BundleThreads(FrameworkWiring framework) {
        this.framework = framework;
    }

    /** Starts a bundle. The threads that it starts inherit its class loader, and can be told by it later. */
    void start(Bundle bundle, Work work, String apiVersion) throws HostException {
        framework.resolveBundles(List.of(bundle));
        bounded("start", loader(bundle), work, apiVersion);
    }

    /** Stops a bundle, or lets it go. */
    void stop(Bundle bundle, Work work) throws HostException {
        ClassLoader loader = loader(bundle);
        try {
            bounded("stop", loader, work, "");
        } finally {
            if (loader != null && !isSame(loader, BundleThreads.class.getClassLoader())) {
                note(String.valueOf(bundle.getSymbolicName()), loader);
            }
        }
    }

    private static @Nullable ClassLoader loader(Bundle bundle) {
        BundleWiring wiring = bundle.adapt(BundleWiring.class);
        return wiring == null ? null : wiring.getClassLoader();
    }

    private static void bounded(String verb, @Nullable ClassLoader loader, Work work, String apiVersion)
            throws HostException {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            work.run();
            return true;
        });
        Thread thread = new Thread(task, "bundle-" + verb);
        thread.setDaemon(true);
        if (loader != null) {
            thread.setContextClassLoader(loader);
        }
        thread.start();
        try {
            task.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new HostException("it did not " + verb + " within " + PATIENCE_SECONDS + " s", e);
        } catch (ExecutionException e) {
            boolean passes = e.getCause() instanceof BundleException failure
                    && failure.getType() == BundleException.ACTIVATOR_ERROR;
            throw new HostException(StartFailure.describe(e.getCause(), apiVersion), e, passes);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted", e);
        }
    }

    private void note(String name, ClassLoader loader) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(GRACE_MILLIS);
        int left = threadsOf(loader);
        while (left > 0 && System.nanoTime() < end) {
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            left = threadsOf(loader);
        }
        if (left > 0) {
            LOG.warn("bundle {} has left {} threads behind", name, left);
            synchronized (this) {
                leftovers.computeIfAbsent(name, key -> new ArrayList<>()).add(new WeakReference<>(loader));
            }
        }
    }

    // What equals means to a bundle's class loader is none of ours.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(@Nullable ClassLoader one, ClassLoader other) {
        return one == other;
    }

    private static int threadsOf(ClassLoader loader) {
        ThreadGroup root = Objects.requireNonNull(Thread.currentThread().getThreadGroup());
        while (root.getParent() != null) {
            root = root.getParent();
        }
        Thread[] all = new Thread[2 * root.activeCount() + 16];
        int count = root.enumerate(all);
        return (int) Arrays.stream(all, 0, count).filter(thread -> !OURS.contains(thread.getName()))
                .filter(thread -> isSame(thread.getContextClassLoader(), loader)
                        || isSame(thread.getClass().getClassLoader(), loader))
                .count();
    }

    /** What there is to say of a bundle's threads, one line or empty. */
    synchronized String remark(String name) {
        List<WeakReference<ClassLoader>> loaders = leftovers.get(name);
        if (loaders == null) {
            return "";
        }
        int count = 0;
        for (WeakReference<ClassLoader> reference : List.copyOf(loaders)) {
            ClassLoader loader = reference.get();
            int own = loader == null ? 0 : threadsOf(loader);
            if (own == 0) {
                loaders.remove(reference);
            }
            count += own;
        }
        if (count == 0) {
            leftovers.remove(name);
            return "";
        }
        return count + (count == 1 ? " thread" : " threads")
                + " that it has started did not end when it was stopped: docker pass engine restart ends them";
    }
}
