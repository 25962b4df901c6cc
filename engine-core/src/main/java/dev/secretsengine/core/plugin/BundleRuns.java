package dev.secretsengine.core.plugin;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundles that are there, and bringing each into the state that is wanted of it. Thread-safe. */
final class BundleRuns {

    private static final Logger LOG = LoggerFactory.getLogger(BundleRuns.class);

    private final PluginHost host;
    private final EnabledPlugins enabled;
    private final Quarantine quarantine;
    private final ExecutorService threads;

    /** By the bundle's id; guarded by this, as all that follows. */
    private final Map<String, BundleRun> runs = new LinkedHashMap<>();

    /** The ids of the bundles that are there; a run whose bundle is not is on its way down. */
    private final Set<String> present = new HashSet<>();

    /** Which bundle serves a plugin name: the first to declare it. */
    private final Map<String, String> owners = new HashMap<>();

    private final Set<String> wantedStores = new HashSet<>();

    /** Plugins whose bundle runs for a moment although they may be off, and for how many. */
    private final Map<String, Integer> visits = new HashMap<>();

    /** What lookups need to know of {@link #owners}: what the bundle that serves a name declares of it. */
    private volatile Map<String, PluginDeclaration> declared = Map.of();

    /** How many runs are at work: lookups wait for none of them, nearly always, and without the lock. */
    private final AtomicInteger working = new AtomicInteger();

    private boolean ready;

    /** Everything that is wanted at first is at work, or done. */
    private volatile boolean opened;
    private boolean closed;

    BundleRuns(PluginHost host, EnabledPlugins enabled, Quarantine quarantine, ExecutorService threads) {
        this.host = host;
        this.enabled = enabled;
        this.quarantine = quarantine;
        this.threads = threads;
        host.whenChanged(this::reconcile);
    }

    synchronized void wake() {
        notifyAll();
    }

    synchronized void open() {
        ready = true;
        reconcile();
        opened = true;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }

    void wantStores(Collection<String> stores) {
        synchronized (this) {
            wantedStores.clear();
            wantedStores.addAll(stores);
        }
        reconcile();
    }

    /** Turns every bundle to where it is wanted now; does not wait. */
    synchronized void reconcile() {
        if (!ready || closed) {
            return;
        }
        List<PluginBundle> bundles = new ArrayList<>(host.bundles());
        bundles.sort(Comparator.comparing(PluginBundle::builtIn).reversed().thenComparing(PluginBundle::name));
        present.clear();
        owners.clear();
        for (PluginBundle bundle : bundles) {
            present.add(bundle.id());
            BundleRun run = runs.computeIfAbsent(bundle.id(), id -> newRun(bundle));
            if (bundle.failure().isEmpty()) {
                bundle.plugins().stream().filter(plugin -> plugin.store().isEmpty())
                        .forEach(plugin -> owners.putIfAbsent(plugin.name(), bundle.id()));
            }
            if (run.turn(isWanted(bundle))) {
                work(run);
            }
        }
        declared = declarations();
        dropWhatIsGone();
        notifyAll();
    }

    /**
     * A bundle that is gone, or shadowed by a higher version, is stopped and then forgotten: if it comes back before,
     * one run does both in order.
     */
    private void dropWhatIsGone() {
        for (BundleRun run : List.copyOf(runs.values())) {
            if (!isPresent(run)) {
                if (run.turn(false)) {
                    work(run);
                }
                if (!run.isBusy()) {
                    runs.remove(run.bundle().id());
                }
            }
        }
    }

    private void work(BundleRun run) {
        working.incrementAndGet();
        threads.execute(() -> run.work(host, this));
    }

    private Map<String, PluginDeclaration> declarations() {
        Map<String, PluginDeclaration> declarations = new HashMap<>();
        for (BundleRun run : present()) {
            for (PluginDeclaration plugin : run.bundle().plugins()) {
                if (plugin.store().isEmpty() && run.bundle().id().equals(owners.get(plugin.name()))) {
                    declarations.putIfAbsent(plugin.name(), plugin);
                }
            }
        }
        return Map.copyOf(declarations);
    }

    private BundleRun newRun(PluginBundle bundle) {
        Duration left = quarantine.left(bundle);
        if (left.isPositive()) {
            later(left.plusMillis(10), this::reconcile);
        }
        return new BundleRun(bundle);
    }

    private boolean isPresent(BundleRun run) {
        return present.contains(run.bundle().id());
    }

    /** Of the bundles that are there. */
    synchronized List<BundleRun> present() {
        return runs.values().stream().filter(this::isPresent).toList();
    }

    /** Of the bundle that serves a name. */
    synchronized Optional<BundleRun> owner(String plugin) {
        return Optional.ofNullable(runs.get(owners.get(plugin)));
    }

    /** Of the bundle that a store comes from. */
    Optional<BundleRun> ownerOfStore(String store) {
        return present().stream().filter(run -> run.declaresStore(store)).findFirst();
    }

    /** What the bundle that serves a name declares of it. */
    @Nullable
    PluginDeclaration declaration(String plugin) {
        return declared.get(plugin);
    }

    /** The plugin names that some bundle serves. */
    synchronized Set<String> names() {
        return Set.copyOf(owners.keySet());
    }

    private boolean isWanted(PluginBundle bundle) {
        return bundle.failure().isEmpty() && quarantine.reason(bundle).isEmpty()
                && bundle.plugins().stream().anyMatch(plugin -> isWanted(bundle, plugin));
    }

    private boolean isWanted(PluginBundle bundle, PluginDeclaration plugin) {
        return plugin.store().map(wantedStores::contains)
                .orElseGet(() -> bundle.id().equals(owners.get(plugin.name()))
                        && (enabled.isEnabled(plugin) || visits.containsKey(plugin.name())));
    }

    /** Starts a bundle for one of its runs. */
    void start(PluginBundle bundle) throws PluginHost.HostException {
        try (Quarantine.Risk _ = quarantine.risk(bundle)) {
            host.start(bundle);
        }
    }

    /** One visit more or less. */
    void count(String name, int change) {
        synchronized (this) {
            visits.merge(name, change, Integer::sum);
            visits.values().removeIf(count -> count == 0);
        }
        reconcile();
    }

    /**
     * Waits until no wanted plugin of this kind is on its way up.
     *
     * @throws SecretsException.Unavailable if the deadline passes first
     */
    void awaitSettled(Predicate<PluginDeclaration> kind, RequestContext context) throws SecretsException {
        if (!opened || working.get() > 0) {
            awaitRuns(kind, context);
        }
    }

    private synchronized void awaitRuns(Predicate<PluginDeclaration> kind, RequestContext context)
            throws SecretsException {
        while (!closed && (!ready || runs.values().stream().anyMatch(run -> run.isBusyWith(kind)))) {
            Duration left = context.remaining();
            if (left.isZero()) {
                throw new SecretsException.Unavailable("plugins", "a plugin is still starting", "try again");
            }
            try {
                wait(Math.max(1, Math.min(left.toMillis(), 100)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new SecretsException.Unavailable("plugins", "interrupted while a plugin starts", "try again");
            }
        }
    }

    /** A failure is no longer a reason not to start it. */
    synchronized void forgive(String plugin) {
        runs.values().stream().filter(run -> run.declares(plugin)).forEach(run -> {
            run.forgetFailure();
            quarantine.release(run.bundle());
        });
    }

    private void later(Duration pause, Runnable action) {
        CompletableFuture.delayedExecutor(pause.toMillis(), TimeUnit.MILLISECONDS, threads).execute(action);
    }

    /** Called by a run whose work is done. */
    void worked(BundleRun run) {
        working.decrementAndGet();
        run.failure().ifPresent(reason -> LOG.warn("bundle {} failed: {}", run.bundle().name(), reason));
        run.nextAttempt().ifPresent(pause -> later(pause, () -> {
            run.retry();
            reconcile();
        }));
        synchronized (this) {
            if (!isPresent(run) && !run.isBusy()) {
                runs.remove(run.bundle().id(), run);
            }
            notifyAll();
        }
    }
}
