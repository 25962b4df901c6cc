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
import java.io.IOException;
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
    private final StoreRecord record;
    private final Stores stores;

    /** Held by the request that chooses for all. */
    private final ReentrantLock deciding = new ReentrantLock();

    private volatile StoreRecord.@Nullable Choice chosen;

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
        this.record = new StoreRecord(recordFile);
        this.stores = new Stores(plugins, registry, threads, this::name);
    }

    /** Starts the store that is chosen already, if one is, so that the first request finds it open. */
    public void warmUp(RequestContext context) {
        try {
            if (settled().isPresent()) {
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
        StoreRecord.Choice choice = settled().orElse(null);
        if (choice == null) {
            choice = alone(context, () -> {
                StoreRecord.Choice made = settled().orElse(null);
                return made == null ? remembered(decide(context)) : made;
            });
        }
        LocalStore store = started(choice, context);
        if (store instanceof CollectionStore divided) {
            return inCollection(choice, divided, context);
        }
        remembered(choice);
        return store;
    }

    /** The store with the collection that was recorded at its first use, which may be now. */
    private LocalStore inCollection(StoreRecord.Choice choice, CollectionStore store, RequestContext context)
            throws SecretsException {
        Optional<String> recorded = choice.collection();
        if (recorded.isPresent()) {
            remembered(choice);
            return store.in(recorded.get());
        }
        return alone(context, () -> {
            StoreRecord.Choice present = settled().orElse(choice);
            String collection = present.collection().isPresent()
                    ? present.collection().get()
                    : store.collection(context);
            remembered(collection.isEmpty() ? present : present.with(present.store(), collection));
            return collection.isEmpty() ? store : store.in(collection);
        });
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

    private LocalStore started(StoreRecord.Choice choice, RequestContext context) throws SecretsException {
        try {
            return stores.started(choice.store(), context);
        } catch (SecretsException.Invalid e) {
            throw choice.equals(chosen) ? record.missing(choice, plugins.declaredStores()) : e;
        }
    }

    /** The store that serves lookups, by what was configured at most 200 ms ago; empty if only {@link #require} can tell. */
    public Optional<Running> running() {
        try {
            String configured = config.storeLately();
            Running last = running;
            if (last == null || !last.isStill(registry.stores(), chosen, configured)) {
                last = Running.of(configured, chosen, registry.stores(), plugins);
                running = last;
            }
            return Optional.ofNullable(last);
        } catch (SecretsException e) {
            // Who requires the store is told.
            return Optional.empty();
        }
    }

    /** The choice that stands: the configured one, else the recorded one. */
    private synchronized Optional<StoreRecord.Choice> settled() throws SecretsException {
        StoreName configured = StoreName.parse(config.store());
        if (chosen == null) {
            try {
                chosen = record.read().orElse(null);
            } catch (SecretsException e) {
                if (configured.store().equals(AUTO)) {
                    throw e;
                }
                LOG.warn("the configured store is used: {}", e.getMessage());
            }
        }
        StoreRecord.Choice present = chosen;
        if (configured.store().equals(AUTO)) {
            return Optional.ofNullable(present);
        }
        // Recorded once it is known to be there: a slip of the pen must not outlive its correction.
        StoreRecord.Choice choice = present != null && present.store().equals(configured.store())
                ? present
                : new StoreRecord.Choice(configured.store(), "configured",
                        present == null ? Map.of() : present.collections());
        return Optional.of(configured.collection().isEmpty()
                ? choice
                : choice.with(configured.store(), configured.collection()));
    }

    /** The same choice, which is recorded if it was not. */
    private synchronized StoreRecord.Choice remembered(StoreRecord.Choice choice) throws SecretsException {
        if (!choice.equals(chosen)) {
            try {
                record.write(choice);
            } catch (IOException e) {
                throw new SecretsException.Failed(PLUGIN, "cannot record the choice of the store",
                        "check the space and the owner of the state folder").causedBy(e);
            }
            LOG.info("store {} {} {}", choice.store(), choice.collection().orElse(""), choice.reason());
            chosen = choice;
        }
        return choice;
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
                StoreRecord.Choice choice = new StoreRecord.Choice(entry.store().orElseThrow(),
                        String.join("; ", passedOver), Map.of());
                if (!passedOver.isEmpty()) {
                    announcement = choice.reason() + ": secrets go to the " + choice.store()
                            + " store from now on (store = \"...\" in config.toml chooses another)";
                }
                return choice;
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
        String recorded = settled().map(choice -> choice.collections().getOrDefault(store.store(), "")).orElse("");
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
            Optional<StoreRecord.Choice> choice = settled();
            if (choice.isPresent()) {
                String store = choice.get().store();
                LocalStore started = started(choice.get(), context);
                Optional<String> collection = choice.get().collection();
                if (collection.isPresent() && started instanceof CollectionStore divided) {
                    started = divided.in(collection.get());
                }
                boolean isShort = context.remaining().compareTo(LOOK) < 0;
                LocalStore.Probe probe = started.probe(isShort ? context : context.within(LOOK));
                bundle = plugins.storeBundle(store);
                message = describe(choice.get(), probe);
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

    private static String describe(StoreRecord.Choice choice, LocalStore.Probe probe) {
        StringBuilder text = new StringBuilder("store: ").append(choice.store());
        for (String more : List.of(choice.reason(), probe.message())) {
            if (!more.isEmpty()) {
                text.append("; ").append(more);
            }
        }
        return text.toString();
    }

    /** Whether lookups find what is in this store, or in this collection of it. */
    public boolean isActive(StoreName name) {
        try {
            return settled().filter(choice -> choice.store().equals(name.store()) && (name.collection().isEmpty()
                    || choice.collection().filter(name.collection()::equals).isPresent())).isPresent();
        } catch (SecretsException e) {
            return false;
        }
    }

    /** The name of the chosen store, if one is. */
    public Optional<String> name() {
        try {
            return settled().map(StoreRecord.Choice::store);
        } catch (SecretsException e) {
            return Optional.empty();
        }
    }
}
