package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.ForeignFiles;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.external.ExternalPlugins;
import dev.secretsengine.core.plugin.EnabledPlugins;
import dev.secretsengine.core.plugin.PluginHealth;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.ProviderEntry;
import dev.secretsengine.core.plugin.ProviderRegistry;
import dev.secretsengine.core.plugin.Quarantine;
import dev.secretsengine.core.plugin.SecondTries;
import dev.secretsengine.core.resolve.Lookup;
import dev.secretsengine.core.resolve.References;
import dev.secretsengine.core.resolve.Resolver;
import dev.secretsengine.core.resolve.Source;
import dev.secretsengine.core.store.ActiveStore;
import dev.secretsengine.core.store.Running;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;

/** The engine of one user: everything a command or a server can ask for. Thread-safe. */
public final class Engine {

    private static final Duration WARM_UP = Duration.ofSeconds(10);

    private static final SecretPattern EVERYTHING = SecretPattern.parse("**");

    private final PluginHost host;
    private final EngineConfig config;
    private final EnabledPlugins enabled;
    private final PluginSettings configured;
    private final Quarantine quarantine;
    private final ProviderRegistry registry;
    private final SecondTries secondTries;
    private final PluginManager plugins;
    private final ExternalPlugins external;
    private final ActiveStore store;
    private final Resolver resolver;
    private final References references;
    private final PluginSetup setup;
    private final PluginInspector inspector;
    private final ExecutorService threads;
    private final ForeignFiles foreign;

    /** An engine that answers nothing until {@link #open}. */
    public Engine(PluginHost host, EnginePaths paths, ExecutorService threads) {
        this.host = host;
        this.threads = threads;
        this.foreign = new ForeignFiles(paths, SdkPaths.of(System.getenv(), paths));
        this.config = new EngineConfig(paths.configFile());
        this.configured = new PluginSettings(config, paths.pluginSettingsFile());
        this.registry = new ProviderRegistry(new FromSettings());
        this.secondTries = new SecondTries(registry, threads);
        this.enabled = new EnabledPlugins(paths.state().resolve("plugins"));
        this.quarantine = new Quarantine(paths.state().resolve("quarantine"));
        this.plugins = new PluginManager(host, registry, enabled, quarantine, threads);
        this.external = new ExternalPlugins(enabled, threads);
        this.store = new ActiveStore(plugins, registry, config, paths.state().resolve("store"), threads);
        this.resolver = new Resolver(threads);
        this.references = new References(this::resolve, threads);
        this.setup = new PluginSetup(plugins, registry, configured, store, paths, external::knows, threads);
        this.inspector = new PluginInspector(plugins, registry, configured, store, threads);
    }

    /** Hands plugins what the configuration files and the store say. */
    private final class FromSettings implements ProviderRegistry.Configurator {

        @Override
        public void configure(String plugin, Configurable provider) throws SecretsException {
            provider.configure(new PluginValues(plugin, provider.settings(), configured, store));
        }

        @Override
        public Object source() {
            return configured.source();
        }
    }

    /** The host knows its bundles: starts plugins and store in the background. */
    public void open() {
        plugins.open();
        threads.execute(() -> store.warmUp(RequestContext.of(WARM_UP)));
    }

    /** Starts nothing any more, and ends what runs beside it. */
    public void close() {
        plugins.close();
        external.close();
    }

    /** The registry that the framework's services are put into. */
    public ProviderRegistry registry() {
        return registry;
    }

    /** Switches plugins on and off. */
    public PluginManager plugins() {
        return plugins;
    }

    /** Plugins that are processes of their own. */
    // Public for another package of this module; nobody outside of it can name the type.
    @SuppressWarnings("exports")
    public ExternalPlugins external() {
        return external;
    }

    /**
     * Switches a plugin of either kind on or off, and remembers it.
     *
     * @throws SecretsException see {@link PluginManager#enable} and {@link ExternalPlugins#enable}
     */
    public void enable(String name, boolean on, RequestContext context) throws SecretsException {
        if (external.knows(name)) {
            external.enable(name, on);
        } else {
            plugins.enable(name, on, context);
        }
    }

    /** Whether a plugin that is no process of its own has this name. */
    public boolean hasOwnPlugin(String name) {
        return name.equals(ActiveStore.PLUGIN)
                || plugins.rows().stream().anyMatch(row -> row.name().equals(name));
    }

    /** Every plugin, the local store's included, by name. */
    public List<PluginRow> rows(RequestContext context) throws SecretsException {
        plugins.awaitSettled(plugin -> true, context);
        secondTries.make(registry.dueByChange(plugins::serves), context);
        List<PluginRow> rows = new ArrayList<>(plugins.rows());
        rows.add(store.row(context));
        rows.addAll(external.rows());
        rows.sort(Comparator.comparing(PluginRow::name));
        return rows;
    }

    /** What keeps plugins off, each one line: the drop folders, or the file of those that are disabled. */
    public List<String> problems() {
        return Stream.concat(enabled.problem().stream(), host.problems().stream()).toList();
    }

    /** Which store is active, and what to tell the user about it. */
    public ActiveStore store() {
        return store;
    }

    /**
     * The store of the user's own secrets.
     *
     * @throws SecretsException if there is none that can be used
     */
    public LocalStore localStore(RequestContext context) throws SecretsException {
        return store.require(context);
    }

    /**
     * Everything that a pattern matches, from every plugin.
     *
     * @return at least one secret; the caller closes them
     * @throws SecretsException see {@link Resolver#resolve}
     */
    public List<Envelope> resolve(SecretPattern pattern, RequestContext context) throws SecretsException {
        Lookup lookup = lookup(pattern, context, false);
        lookup.run();
        try {
            return result(lookup, pattern);
        } catch (SecretsException.NotFound e) {
            throw pattern.asId().flatMap(id -> store.missing(id, context)).orElse(e);
        }
    }

    /**
     * The same in steps: begun here, worked on, and at last {@link #result}.
     *
     * @param exposed whether the thread that works on it may be lost in there
     * @throws SecretsException.NotFound if no plugin matches
     * @throws SecretsException.Unavailable if a plugin does not start in time
     */
    public Lookup lookup(SecretPattern pattern, RequestContext context, boolean exposed) throws SecretsException {
        plugins.awaitSettled(plugin -> plugin.pattern().intersects(pattern), context);
        secondTries.make(registry.due(name -> plugins.serves(name)
                && plugins.declaration(name).filter(plugin -> plugin.pattern().intersects(pattern)).isPresent()),
                context);
        List<Source> sources = new ArrayList<>();
        for (ProviderEntry entry : registry.entries()) {
            if (entry.store().isEmpty() && entry.pattern().intersects(pattern) && plugins.serves(entry.name())) {
                sources.add(plugins.source(entry));
            }
        }
        for (Source source : external.sources()) {
            sources.add(counted(source));
        }
        sources.add(counted(ofTheStore()));
        return resolver.begin(pattern, sources, context, exposed);
    }

    /** What a lookup has found; see {@link #resolve}. */
    public List<Envelope> result(Lookup lookup, SecretPattern pattern) throws SecretsException {
        try {
            return lookup.result();
        } catch (SecretsException.NotFound e) {
            plugins.requireRunning(pattern);
            throw e;
        } catch (SecretsException e) {
            throw explained(e);
        }
    }

    /** See {@link ForeignFiles#explained}. */
    public SecretsException explained(SecretsException failure) {
        return foreign.explained(failure);
    }

    /** Of a store that is no part of the image nobody knows whether it keeps its deadline. */
    private Source ofTheStore() {
        Running running = store.running().orElse(null);
        if (running == null) {
            return Source.of(ActiveStore.PLUGIN, store.version(), EVERYTHING,
                    (pattern, context) -> store.require(context).getSecrets(pattern, context), Source.Manner.APART);
        }
        return Source.of(ActiveStore.PLUGIN, running.version(), EVERYTHING,
                running.store()::getSecrets,
                running.ofTheImage() ? Source.Manner.HERE : Source.Manner.APART);
    }

    /** The same source, and its plugin's health knows of each question before it is sent. */
    private Source counted(Source source) {
        PluginHealth health = registry.health(source.name());
        return new Source(source.name(), source.version(), source.pattern(), new Source.Lookup() {

            @Override
            public Source.Pending begin(SecretPattern pattern, RequestContext context) throws SecretsException {
                health.admit();
                Source.Pending pending = Source.begin(source, pattern, context);
                return () -> health.observe((_, _) -> pending.await(), pattern, context);
            }

            @Override
            public void overdue() {
                health.overdue();
            }
        }, source.manner());
    }

    /** Files that somebody else may have changed are looked at before the next lookup: a command comes. */
    public void lookAgain() {
        config.lookAgain();
        enabled.lookAgain();
    }

    /** Sets plugins up. */
    public PluginSetup setup() {
        return setup;
    }

    /**
     * Everything there is to say of a plugin.
     *
     * @throws SecretsException.NotFound if there is none of this name
     */
    public PluginReport inspect(String name, RequestContext context) throws SecretsException {
        PluginRow row = rows(context).stream().filter(candidate -> candidate.name().equals(name)).findFirst()
                .orElseThrow(() -> plugins.unknown(name));
        return inspector.inspect(plugins.row(name).orElse(row), context);
    }

    /** The bundles that an earlier engine died of. */
    public Quarantine quarantine() {
        return quarantine;
    }

    /** What the user has configured. */
    public EngineConfig config() {
        return config;
    }

    /** Resolves environments. */
    public References references() {
        return references;
    }
}
