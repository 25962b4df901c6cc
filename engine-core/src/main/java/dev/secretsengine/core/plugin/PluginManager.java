package dev.secretsengine.core.plugin;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
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
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bundles into the state that the user wants: a bundle runs while one of its plugins is enabled, a store's
 * bundle while its store is wanted. Thread-safe.
 */
public final class PluginManager {

    private static final Logger LOG = LoggerFactory.getLogger(PluginManager.class);

    private final PluginHost host;
    private final ProviderRegistry registry;
    private final EnabledPlugins enabled;
    private final ExecutorService threads;

    /** By the bundle's id; guarded by this, as all that follows. */
    private final Map<String, BundleRun> runs = new LinkedHashMap<>();

    /** The ids of the bundles that are there; a run whose bundle is not is on its way down. */
    private final Set<String> present = new HashSet<>();

    /** Which bundle serves a plugin name: the first to declare it. */
    private final Map<String, String> owners = new HashMap<>();

    private final Set<String> wantedStores = new HashSet<>();
    private boolean ready;
    private boolean closed;

    /** A manager that does nothing until {@link #open}. */
    public PluginManager(PluginHost host, ProviderRegistry registry, EnabledPlugins enabled, ExecutorService threads) {
        this.host = host;
        this.registry = registry;
        this.enabled = enabled;
        this.threads = threads;
        registry.whenChanged(this::wake);
        host.whenChanged(this::reconcile);
    }

    private synchronized void wake() {
        notifyAll();
    }

    /** The host knows its bundles now: starts those that are wanted. Lookups waited for this. */
    public void open() {
        synchronized (this) {
            ready = true;
        }
        reconcile();
    }

    /** Starts no bundle any more. */
    public synchronized void close() {
        closed = true;
        notifyAll();
    }

    /** Which stores' bundles are to run. */
    public void wantStores(Collection<String> stores) {
        synchronized (this) {
            wantedStores.clear();
            wantedStores.addAll(stores);
        }
        reconcile();
    }

    /** The names of the stores that some bundle declares, sorted. */
    public synchronized Set<String> declaredStores() {
        Set<String> stores = new TreeSet<>();
        presentRuns().forEach(
                run -> run.bundle().plugins().forEach(plugin -> plugin.store().ifPresent(stores::add)));
        return stores;
    }

    private synchronized void reconcile() {
        if (!ready || closed) {
            return;
        }
        List<PluginBundle> bundles = new ArrayList<>(host.bundles());
        bundles.sort(Comparator.comparing(PluginBundle::builtIn).reversed().thenComparing(PluginBundle::name));
        present.clear();
        owners.clear();
        for (PluginBundle bundle : bundles) {
            present.add(bundle.id());
            BundleRun run = runs.computeIfAbsent(bundle.id(), id -> new BundleRun(bundle));
            if (bundle.failure().isEmpty()) {
                bundle.plugins().stream().filter(plugin -> plugin.store().isEmpty())
                        .forEach(plugin -> owners.putIfAbsent(plugin.name(), bundle.id()));
            }
            if (run.turn(isWanted(bundle))) {
                threads.execute(() -> run.work(host, this));
            }
        }
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
                    threads.execute(() -> run.work(host, this));
                }
                if (!run.isBusy()) {
                    runs.remove(run.bundle().id());
                }
            }
        }
    }

    private boolean isPresent(BundleRun run) {
        return present.contains(run.bundle().id());
    }

    private Stream<BundleRun> presentRuns() {
        return runs.values().stream().filter(this::isPresent);
    }

    private boolean isWanted(PluginBundle bundle) {
        return bundle.failure().isEmpty() && bundle.plugins().stream().anyMatch(plugin -> isWanted(bundle, plugin));
    }

    private boolean isWanted(PluginBundle bundle, PluginDeclaration plugin) {
        return plugin.store().map(wantedStores::contains)
                .orElseGet(() -> bundle.id().equals(owners.get(plugin.name())) && enabled.isEnabled(plugin));
    }

    /**
     * Waits until no wanted plugin of this kind is on its way up.
     *
     * @throws SecretsException.Unavailable if the deadline passes first
     */
    public synchronized void awaitSettled(Predicate<PluginDeclaration> kind, RequestContext context)
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

    /**
     * Switches a plugin on or off, remembers it, and returns when it serves, has stopped or has failed.
     *
     * @throws SecretsException.NotFound if there is no such plugin
     * @throws SecretsException.Denied if it cannot be disabled
     * @throws SecretsException.Failed if it does not start, or the choice cannot be written
     */
    public PluginRow enable(String name, boolean on, RequestContext context) throws SecretsException {
        awaitSettled(plugin -> plugin.name().equals(name), context);
        PluginRow before = row(name).orElseThrow(() -> new SecretsException.NotFound(name,
                "there is no plugin \"" + name + "\"", "docker pass plugins ls lists them"));
        if (!on && !before.configurable()) {
            throw new SecretsException.Denied(name, "the plugin " + name + " is always on and cannot be disabled", "");
        }
        if (before.configurable()) {
            try {
                enabled.choose(name, on);
            } catch (IOException e) {
                throw new SecretsException.Failed(name, "cannot remember the choice",
                        "check the space and the owner of the state folder").causedBy(e);
            }
        }
        if (on) {
            forgetFailure(name);
        }
        reconcile();
        awaitSettled(plugin -> plugin.name().equals(name), context);
        PluginRow after = row(name).orElse(before);
        if (on && after.status() != PluginStatus.RUNNING) {
            throw new SecretsException.Failed(name, "the plugin " + name + " did not start", after.message());
        }
        LOG.info("plugin {} {}", name, after.status().text());
        return after;
    }

    private synchronized void forgetFailure(String name) {
        runs.values().stream().filter(run -> run.declares(name)).forEach(BundleRun::forgetFailure);
    }

    /** The row of the bundle that serves the name, if one does. */
    private synchronized Optional<PluginRow> row(String name) {
        return rows().stream().filter(row -> row.name().equals(name))
                .min(Comparator.comparing(row -> !row.bundle().equals(ownerName(name))));
    }

    /**
     * Whether lookups may ask a plugin: its bundle declares it, and it is enabled. A bundle that runs for another of
     * its plugins registers all of them.
     */
    public synchronized boolean serves(String name) {
        BundleRun owner = runs.get(owners.get(name));
        return owner != null && owner.bundle().plugins().stream()
                .anyMatch(plugin -> plugin.name().equals(name) && enabled.isEnabled(plugin));
    }

    /** Every plugin that is no store, loaded or only available, and every broken bundle, by name. */
    public synchronized List<PluginRow> rows() {
        List<PluginRow> rows = new ArrayList<>();
        for (BundleRun run : presentRuns().toList()) {
            PluginBundle bundle = run.bundle();
            if (bundle.failure().isPresent() && bundle.plugins().isEmpty()) {
                rows.add(new PluginRow(bundle.name(), bundle.version(), "", false, false, bundle.name(),
                        PluginStatus.CRASHED, bundle.failure().get()));
            }
            bundle.plugins().stream().filter(plugin -> plugin.store().isEmpty())
                    .forEach(plugin -> rows.add(row(run, plugin)));
        }
        rows.sort(Comparator.comparing(PluginRow::name));
        return rows;
    }

    /** How the bundle of a store is doing: why it failed, if it did. */
    public synchronized Optional<String> storeFailure(String store) {
        return presentRuns().filter(run -> run.declaresStore(store)).findFirst()
                .flatMap(run -> run.bundle().failure().or(run::failure));
    }

    /** The symbolic name of the bundle that a store comes from. */
    public synchronized Optional<PluginBundle> storeBundle(String store) {
        return presentRuns().filter(run -> run.declaresStore(store)).findFirst().map(BundleRun::bundle);
    }

    private PluginRow row(BundleRun run, PluginDeclaration plugin) {
        PluginBundle bundle = run.bundle();
        Optional<ProviderEntry> entry = registry.plugin(plugin.name());
        PluginStatus status = PluginStatus.CRASHED;
        String message = "";
        if (bundle.failure().isPresent()) {
            message = bundle.failure().get();
        } else if (!bundle.id().equals(owners.get(plugin.name()))) {
            message = "the name is taken by bundle " + ownerName(plugin.name());
        } else if (!enabled.isEnabled(plugin)) {
            status = PluginStatus.DISABLED;
            message = plugin.hint().isEmpty() ? "docker pass plugins enable " + plugin.name() : plugin.hint();
        } else if (run.failure().isPresent()) {
            message = run.failure().get();
        } else if (run.isBusy()) {
            status = PluginStatus.STOPPED;
            message = "on its way";
        } else if (entry.isPresent()) {
            status = PluginStatus.RUNNING;
        } else {
            message = registry.failure(plugin.name()).orElse("its bundle registered no service for it");
        }
        return new PluginRow(plugin.name(), plugin.version(),
                entry.map(ProviderEntry::pattern).orElse(plugin.pattern()).toString(), plugin.configurable(), false,
                bundle.name(), status, message);
    }

    private String ownerName(String plugin) {
        BundleRun owner = runs.get(owners.get(plugin));
        return owner == null ? "?" : owner.bundle().name();
    }

    /** Called by a run whose work is done. */
    void worked(BundleRun run) {
        run.failure().ifPresent(reason -> LOG.warn("bundle {} failed: {}", run.bundle().name(), reason));
        synchronized (this) {
            if (!isPresent(run) && !run.isBusy()) {
                runs.remove(run.bundle().id(), run);
            }
            notifyAll();
        }
    }
}
