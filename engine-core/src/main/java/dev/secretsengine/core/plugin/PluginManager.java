package dev.secretsengine.core.plugin;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.resolve.Source;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the bundles into the state that the user wants: a bundle runs while one of its plugins is enabled, a store's
 * bundle while its store is wanted. Thread-safe.
 */
public final class PluginManager {

    private static final Logger LOG = LoggerFactory.getLogger(PluginManager.class);

    private final ProviderRegistry registry;
    private final EnabledPlugins enabled;
    private final Quarantine quarantine;
    private final BundleRuns runs;
    private final ExecutorService threads;
    private final PluginTable table;
    private final Registrar registrar;

    /** A manager that does nothing until {@link #open}. */
    public PluginManager(PluginHost host, ProviderRegistry registry, EnabledPlugins enabled, Quarantine quarantine,
            ExecutorService threads) {
        this.registry = registry;
        this.enabled = enabled;
        this.quarantine = quarantine;
        this.threads = threads;
        this.runs = new BundleRuns(host, enabled, quarantine, threads);
        this.registrar = new Registrar(runs);
        this.table = new PluginTable(registry, enabled, host, quarantine);
        registry.whenChanged(runs::wake);
    }

    /** The host knows its bundles now: starts those that are wanted. Lookups waited for this. */
    public void open() {
        runs.open();
    }

    /** Starts no bundle any more. */
    public void close() {
        runs.close();
        quarantine.end();
    }

    /** Which stores' bundles are to run. */
    public void wantStores(Collection<String> stores) {
        runs.wantStores(stores);
    }

    /** The names of the stores that some bundle declares, sorted. */
    public Set<String> declaredStores() {
        return runs.present().stream().flatMap(run -> run.bundle().plugins().stream())
                .flatMap(plugin -> plugin.store().stream()).collect(Collectors.toCollection(TreeSet::new));
    }

    /** The end of a visit. */
    @FunctionalInterface
    public interface Visit extends AutoCloseable {

        @Override
        void close();
    }

    /**
     * Has the bundle of a plugin run until the visit is closed, without letting lookups ask the plugin if it is off.
     *
     * @throws SecretsException.Unavailable if the deadline passes before it runs
     */
    public Visit visit(String name, RequestContext context) throws SecretsException {
        awaitSettled(plugin -> plugin.name().equals(name), context);
        if (registry.service(name).isEmpty()) {
            // It may have failed before: its user wants to know whether it still does.
            forgive(name);
        }
        runs.count(name, 1);
        try {
            awaitSettled(plugin -> plugin.name().equals(name), context);
        } catch (SecretsException e) {
            runs.count(name, -1);
            throw e;
        }
        return () -> runs.count(name, -1);
    }

    /**
     * Waits until no wanted plugin of this kind is on its way up.
     *
     * @throws SecretsException.Unavailable if the deadline passes first
     */
    public void awaitSettled(Predicate<PluginDeclaration> kind, RequestContext context) throws SecretsException {
        runs.awaitSettled(kind, context);
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
        PluginRow before = row(name).orElseThrow(() -> unknown(name));
        if (!on && !before.configurable()) {
            throw new SecretsException.Denied(name, "the plugin " + name + " is always on and cannot be disabled", "");
        }
        if (before.configurable()) {
            enabled.choose(name, on);
        }
        boolean ran = registry.service(name).isPresent();
        if (on) {
            forgive(name);
        }
        runs.reconcile();
        awaitSettled(plugin -> plugin.name().equals(name), context);
        if (on && ran) {
            // Its bundle runs for another one, or ran already: it is to see what has changed.
            PluginCode.call(threads, name, context, () -> {
                registry.refresh(name);
                return true;
            });
        } else if (!on) {
            registry.forgetCache(name);
        }
        PluginRow after = row(name).orElse(before);
        if (on && after.status() != PluginStatus.RUNNING) {
            throw new SecretsException.Failed(name, "the plugin " + name + " did not start", after.message());
        }
        LOG.info("plugin {} {}", name, after.status().text());
        return after;
    }

    private void forgive(String name) {
        registry.health(name).forgive();
        runs.forgive(name);
    }

    /** The row of the bundle that serves the name, if one does. */
    public Optional<PluginRow> row(String name) {
        String owner = bundle(name).map(PluginBundle::name).orElse("");
        return rows().stream().filter(row -> row.name().equals(name))
                .min(Comparator.comparing(row -> !row.bundle().equals(owner)));
    }

    /**
     * Whether lookups may ask a plugin: its bundle declares it, and it is enabled. A bundle that runs for another of
     * its plugins registers all of them.
     */
    public boolean serves(String name) {
        PluginDeclaration plugin = runs.declaration(name);
        return plugin != null && enabled.isEnabledLately(plugin);
    }

    /** Decides whose services are taken. */
    public Registrar registrar() {
        return registrar;
    }

    /**
     * For a lookup that found nothing: a plugin that could have it, is enabled and does not run is the reason.
     *
     * @throws SecretsException.Unavailable if there is one
     */
    public void requireRunning(SecretPattern pattern) throws SecretsException {
        if (enabled.problem().isPresent()) {
            throw new SecretsException.Unavailable(pattern.toString(), enabled.problem().get(), "");
        }
        for (String name : runs.names().stream().sorted().toList()) {
            boolean wanted = declaration(name)
                    .filter(plugin -> plugin.pattern().intersects(pattern) && enabled.isEnabled(plugin)).isPresent();
            if (wanted && registry.plugin(name).isEmpty()) {
                throw new SecretsException.Unavailable(name, "the plugin " + name + " does not run ("
                        + failure(name).orElseGet(() -> registry.absence(name)) + ")",
                        "docker pass plugins enable " + name + " tries it again");
            }
        }
    }

    /** What the bundle that serves a name declares of it. */
    public Optional<PluginDeclaration> declaration(String name) {
        return Optional.ofNullable(runs.declaration(name));
    }

    /** The bundle that serves a name. */
    public Optional<PluginBundle> bundle(String name) {
        return runs.owner(name).map(BundleRun::bundle);
    }

    /** Why the bundle of a plugin, or its service, does not run, if it was to. */
    public Optional<String> failure(String name) {
        return runs.owner(name).flatMap(run -> quarantine.reason(run.bundle()).or(run::failure))
                .or(() -> registry.failure(name));
    }

    /** The plugins of a group, by name. */
    public List<String> members(String group) {
        return runs.names().stream().filter(name -> declaration(name).filter(plugin -> plugin.group().equals(group))
                .isPresent()).sorted().toList();
    }

    /** Says that no plugin has this name, and which have if it is a group's. */
    public SecretsException.NotFound unknown(String name) {
        List<String> members = members(name);
        return members.isEmpty()
                ? new SecretsException.NotFound(name, "there is no plugin \"" + name + "\"",
                        "docker pass plugins ls lists them")
                : new SecretsException.NotFound(name, name + " is a group of plugins",
                        "name one of " + String.join(", ", members));
    }

    /** Forgets what the user chose for a plugin: its own default counts again. */
    public void forgetChoice(String name) throws SecretsException {
        enabled.forget(name);
        forgive(name);
        runs.reconcile();
    }

    /** A provider that lookups may ask, as they ask it. The first time is a risk, as starting it is. */
    public Source source(ProviderEntry entry) {
        return new Source(entry.name(), entry.version(), entry.pattern(),
                new BundleLookup(entry, registry.health(entry.name()), this, quarantine),
                Source.Manner.APART);
    }

    /** Every plugin that is no store, loaded or only available, and every broken bundle, by name. */
    public List<PluginRow> rows() {
        List<PluginRow> rows = new ArrayList<>();
        for (BundleRun run : runs.present()) {
            PluginBundle bundle = run.bundle();
            if (bundle.failure().isPresent() && bundle.plugins().isEmpty()) {
                rows.add(table.row(bundle, bundle.failure().get()));
            }
            bundle.plugins().stream().filter(plugin -> plugin.store().isEmpty()).forEach(
                    plugin -> rows.add(table.row(run, plugin, bundle(plugin.name()).orElse(bundle))));
        }
        rows.sort(Comparator.comparing(PluginRow::name));
        return rows;
    }

    /** How the bundle of a store is doing: why it failed, if it did. */
    public Optional<String> storeFailure(String store) {
        return runs.ownerOfStore(store)
                .flatMap(run -> run.bundle().failure().or(() -> quarantine.reason(run.bundle())).or(run::failure));
    }

    /** Whether the bundle of a store failed by something that may pass, such as a start that took too long. */
    public boolean mayStoreStartLater(String store) {
        return runs.ownerOfStore(store).flatMap(BundleRun::nextAttempt).isPresent();
    }

    /** Whether a store can come from nowhere but the engine's image, and so is known to keep deadlines. */
    public boolean isStoreOfTheImage(String store) {
        List<BundleRun> declaring = runs.present().stream().filter(run -> run.declaresStore(store)).toList();
        return !declaring.isEmpty() && declaring.stream().allMatch(run -> run.bundle().builtIn());
    }

    /** The symbolic name of the bundle that a store comes from. */
    public Optional<PluginBundle> storeBundle(String store) {
        return runs.ownerOfStore(store).map(BundleRun::bundle);
    }
}
