package dev.secretsengine.core.store;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.plugin.ProviderEntry;
import dev.secretsengine.core.plugin.ProviderRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one store that serves the user's own secrets. With {@code store = "auto"} the first use decides and records the
 * choice; from then on a store that does not answer is an error, never a reason to take another. Thread-safe.
 */
public final class ActiveStore {

    /** The plugin that every store serves. */
    public static final String PLUGIN = "docker-pass";

    private static final Logger LOG = LoggerFactory.getLogger(ActiveStore.class);
    static final String AUTO = "auto";

    /** How soon a waiting request notices that its caller has gone. */
    private static final Duration SLICE = Duration.ofMillis(200);

    /** How long a list of plugins waits for a store that hangs. */
    private static final Duration LOOK = Duration.ofSeconds(3);

    private final PluginManager plugins;
    private final ProviderRegistry registry;
    private final EngineConfig config;
    private final StoreChoice choice;
    private final Stores stores;

    /** Held by the request that chooses for all. */
    private final ReentrantLock deciding = new ReentrantLock();

    /** What the last lookup found, as long as nothing of what it depends on has changed. */
    private volatile @Nullable Running running;
    private @Nullable String announcement;

    /**
     * The choice kept in this file.
     *
     * @param threads where stores run that are no part of the image
     */
    public ActiveStore(PluginManager plugins, ProviderRegistry registry, EngineConfig config, Path recordFile,
            ExecutorService threads) {
        this.plugins = plugins;
        this.registry = registry;
        this.config = config;
        this.choice = new StoreChoice(config, new StoreRecord(recordFile));
        this.stores = new Stores(plugins, registry, threads, this::name);
    }

    /** Starts the store that is chosen already, if one is, so that the first request finds it open. */
    public void warmUp(RequestContext context) {
        try {
            if (choice.settled().isPresent()) {
                require(context).probe(context);
            }
        } catch (SecretsException e) {
            LOG.info("the store is not ready yet: {}", e.advice());
        }
    }

    /**
     * The active store, chosen now if none was.
     *
     * @throws SecretsException.Unavailable if there is none that can be used
     * @throws SecretsException.Invalid if the configuration names one that is not there
     */
    public LocalStore require(RequestContext context) throws SecretsException {
        StoreRecord.Choice made = choice.settled().orElse(null);
        if (made == null) {
            made = alone(context, () -> {
                StoreRecord.Choice present = choice.settled().orElse(null);
                return present == null ? choice.remembered(decide(context)) : present;
            });
        }
        LocalStore store = started(made, context);
        if (store instanceof CollectionStore divided) {
            return inCollection(made, divided, context);
        }
        choice.remembered(made);
        return store;
    }

    /** The store with the collection that was recorded at its first use, which may be now. */
    private LocalStore inCollection(StoreRecord.Choice made, CollectionStore store, RequestContext context)
            throws SecretsException {
        Optional<String> recorded = made.collection();
        if (recorded.isPresent()) {
            CollectionStore used = store.in(recorded.get());
            // A slip of the pen in the configuration must not outlive its correction.
            if (!choice.isRecorded(made) && isThere(used.probe(context))) {
                choice.remembered(made);
            }
            return used;
        }
        return alone(context, () -> {
            StoreRecord.Choice present = choice.settled().orElse(made);
            String collection = present.collection().isPresent()
                    ? present.collection().get()
                    : store.collection(context);
            choice.remembered(collection.isEmpty() ? present : present.with(present.store(), collection));
            return collection.isEmpty() ? store : store.in(collection);
        });
    }

    private static boolean isThere(LocalStore.Probe probe) {
        return probe.state() == LocalStore.State.READY || probe.state() == LocalStore.State.LOCKED;
    }

    /** What is done once, by one request for all. */
    private interface Decision<T> {

        T make() throws SecretsException;
    }

    private <T> T alone(RequestContext context, Decision<T> decision) throws SecretsException {
        try {
            while (!deciding.tryLock(SLICE.toMillis(), TimeUnit.MILLISECONDS)) {
                if (context.isOver()) {
                    throw undecided();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw undecided();
        }
        try {
            return decision.make();
        } finally {
            deciding.unlock();
        }
    }

    /** Nothing is chosen for good by what did not answer in time. */
    private static SecretsException undecided() {
        return new SecretsException.Unavailable(PLUGIN, "the store was not chosen in time", "try again");
    }

    private LocalStore started(StoreRecord.Choice made, RequestContext context) throws SecretsException {
        try {
            return stores.started(made.store(), context);
        } catch (SecretsException.Invalid e) {
            throw choice.missing(made, plugins.declaredStores()).orElse(e);
        }
    }

    /** The store that serves lookups, by what was configured at most 200 ms ago; empty if only {@link #require} can tell. */
    public Optional<Running> running() {
        try {
            String configured = config.storeLately();
            Running last = running;
            StoreRecord.Choice recorded = choice.recorded();
            if (last == null || !last.isStill(registry.stores(), recorded, configured)) {
                last = Running.of(configured, recorded, registry.stores(), plugins);
                running = last;
            }
            return Optional.ofNullable(last);
        } catch (SecretsException e) {
            // Who requires the store is told.
            return Optional.empty();
        }
    }

    private StoreRecord.Choice decide(RequestContext context) throws SecretsException {
        plugins.awaitSettled(plugin -> false, context);
        plugins.wantStores(plugins.declaredStores());
        plugins.awaitSettled(plugin -> plugin.store().isPresent(), context);
        List<String> passedOver = new ArrayList<>();
        for (String store : plugins.declaredStores()) {
            if (stores.find(store).isEmpty()) {
                if (plugins.mayStoreStartLater(store)) {
                    throw undecided();
                }
                passedOver.add("the store " + store + " does not run"
                        + stores.failure(store).map(reason -> " (" + reason + ")").orElse(""));
            }
        }
        for (ProviderEntry entry : registry.stores()) {
            LocalStore.Probe probe = stores.of(entry).probe(context);
            if (probe.state() == LocalStore.State.UNKNOWN) {
                throw new SecretsException.Unavailable(PLUGIN, "no store was chosen: " + probe.message(), "");
            }
            if (probe.state() != LocalStore.State.ABSENT) {
                StoreRecord.Choice made = new StoreRecord.Choice(entry.store().orElseThrow(),
                        String.join("; ", passedOver), Map.of());
                if (!passedOver.isEmpty()) {
                    announcement = made.reason() + ": secrets go to the " + made.store()
                            + " store from now on (store = \"...\" in config.toml chooses another)";
                }
                return made;
            }
            if (context.isOver() || Thread.currentThread().isInterrupted()) {
                throw undecided();
            }
            passedOver.add(probe.message());
        }
        throw new SecretsException.Unavailable(PLUGIN,
                passedOver.isEmpty() ? "no store is installed" : String.join("; ", passedOver),
                "docker pass plugins ls shows what is there");
    }

    /**
     * A store by its name, whether it is the active one or not. Which one is active stays as it is. A store's recorded
     * collection is used unless the name says another.
     *
     * @throws SecretsException.Invalid if there is none of this name
     * @throws SecretsException.Unavailable if it does not start
     */
    public StoreLease lease(StoreName store, RequestContext context) throws SecretsException {
        String recorded = choice.settled().map(made -> made.collections().getOrDefault(store.store(), "")).orElse("");
        return stores.lease(store.collection().isEmpty() ? new StoreName(store.store(), recorded) : store, context);
    }

    /**
     * The active store's secrets that are in other collections than the one it uses.
     *
     * @throws SecretsException if the store cannot be reached
     */
    public OtherCollections elsewhere(SecretPattern pattern, RequestContext context) throws SecretsException {
        return require(context) instanceof CollectionStore divided
                ? new OtherCollections(new StoreName(name().orElse(PLUGIN), divided.collection(context)),
                        divided.elsewhere(pattern, context))
                : OtherCollections.NONE;
    }

    /**
     * The names of all stores, sorted.
     *
     * @throws SecretsException.Unavailable if they are not known in time
     */
    public Set<String> names(RequestContext context) throws SecretsException {
        plugins.awaitSettled(plugin -> false, context);
        return plugins.declaredStores();
    }

    /** Where a secret is that the collection in use does not have; empty if no other one has it, or none can be asked. */
    public Optional<SecretsException.NotFound> missing(SecretId id, RequestContext context) {
        try {
            return elsewhere(SecretPattern.of(id), context).missing(id);
        } catch (SecretsException e) {
            LOG.debug("other collections cannot be asked: {}", e.advice());
            return Optional.empty();
        }
    }

    /** What the user should be told once: that a fallback was chosen. Handed out once. */
    public synchronized Optional<String> takeAnnouncement() {
        Optional<String> told = Optional.ofNullable(announcement);
        announcement = null;
        return told;
    }

    /** The version of the running store's plugin. */
    public String version() {
        return registry.stores().stream().findFirst().map(ProviderEntry::version).orElse("");
    }

    /** The line of the store in {@code plugins ls}; asks the store how it is. */
    public PluginRow row(RequestContext context) {
        PluginStatus status = PluginStatus.RUNNING;
        String message;
        Optional<PluginBundle> bundle = Optional.empty();
        try {
            Optional<StoreRecord.Choice> made = choice.settled();
            if (made.isPresent()) {
                String store = made.get().store();
                LocalStore started = made.get().in(started(made.get(), context));
                boolean isShort = context.remaining().compareTo(LOOK) < 0;
                LocalStore.Probe probe = started.probe(isShort ? context : context.within(LOOK));
                bundle = plugins.storeBundle(store);
                message = describe(made.get(), probe);
                status = probe.state() == LocalStore.State.ABSENT ? PluginStatus.CRASHED : PluginStatus.RUNNING;
            } else {
                message = "the first use chooses the store";
            }
        } catch (SecretsException e) {
            status = PluginStatus.CRASHED;
            message = e.advice();
        }
        return new PluginRow(PLUGIN, bundle.map(PluginBundle::version).orElse(version()),
                SecretPattern.parse("**").toString(), false, false, bundle.map(PluginBundle::name).orElse(""), status,
                message);
    }

    private static String describe(StoreRecord.Choice made, LocalStore.Probe probe) {
        StringBuilder text = new StringBuilder("store: ").append(made.store());
        for (String more : List.of(made.reason(), probe.message())) {
            if (!more.isEmpty()) {
                text.append("; ").append(more);
            }
        }
        return text.toString();
    }

    /** Whether lookups find what is in this store, or in this collection of it. */
    public boolean isActive(StoreName name) {
        return choice.is(name);
    }

    /** The name of the chosen store, if one is. */
    public Optional<String> name() {
        return choice.name();
    }
}
