package dev.secretsengine.core.store;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderEntry;
import dev.secretsengine.core.plugin.ProviderRegistry;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** The stores that run, fit to be called by anybody, and which of them are to run. Thread-safe. */
final class Stores {

    private final PluginManager plugins;
    private final ProviderRegistry registry;
    private final ExecutorService threads;
    private final Supplier<Optional<String>> active;

    /** The stores that are used beside the active one, each as often as it is. */
    private final List<String> leased = new ArrayList<>();

    /**
     * Stores that run on these threads if they are no part of the image.
     *
     * @param active the name of the active store, if one is chosen
     */
    Stores(PluginManager plugins, ProviderRegistry registry, ExecutorService threads,
            Supplier<Optional<String>> active) {
        this.plugins = plugins;
        this.registry = registry;
        this.threads = threads;
        this.active = active;
    }

    /** A store by its name, if it runs. */
    Optional<LocalStore> find(String name) {
        return registry.stores().stream().filter(entry -> entry.store().filter(name::equals).isPresent()).findFirst()
                .map(this::of);
    }

    /** The store of an entry. */
    LocalStore of(ProviderEntry entry) {
        LocalStore store = (LocalStore) entry.provider();
        String name = entry.store().orElseThrow();
        return plugins.isStoreOfTheImage(name) ? store : GuardedStore.of(name, store, threads);
    }

    /** Why a store does not run, if that is known. */
    Optional<String> failure(String name) {
        return plugins.storeFailure(name).or(() -> registry.failure(ActiveStore.PLUGIN));
    }

    /**
     * A store by its name, started if it does not run.
     *
     * @throws SecretsException.Invalid if there is none of this name
     * @throws SecretsException.Unavailable if it does not start
     */
    LocalStore started(String name, RequestContext context) throws SecretsException {
        Optional<LocalStore> found = find(name);
        if (found.isEmpty()) {
            want(name);
            plugins.awaitSettled(plugin -> plugin.store().filter(name::equals).isPresent(), context);
            found = find(name);
        } else if (registry.stores().size() > 1) {
            // The others were started only to be probed.
            want(name);
        }
        if (found.isEmpty()) {
            if (plugins.storeBundle(name).isEmpty()) {
                throw new SecretsException.Invalid(ActiveStore.PLUGIN, "there is no store \"" + name + "\"",
                        "set store in config.toml to auto or one of " + plugins.declaredStores());
            }
            throw new SecretsException.Unavailable(ActiveStore.PLUGIN, "the store " + name + " does not run",
                    failure(name).orElse("docker pass engine logs says why"));
        }
        return found.get();
    }

    private void want(String name) {
        Set<String> wanted = leased();
        if (wanted.contains(name)) {
            active.get().ifPresent(wanted::add);
        }
        wanted.add(name);
        plugins.wantStores(wanted);
    }

    private synchronized Set<String> leased() {
        return new HashSet<>(leased);
    }

    /** See {@link ActiveStore#lease}. */
    StoreLease lease(StoreName name, RequestContext context) throws SecretsException {
        synchronized (this) {
            leased.add(name.store());
        }
        try {
            LocalStore store = started(name.store(), context);
            StoreName used = name;
            if (store instanceof CollectionStore divided) {
                used = name.collection().isEmpty()
                        ? new StoreName(name.store(), preferred(name, divided, context))
                        : name;
                store = used.collection().isEmpty() ? store : divided.in(used.collection());
            } else if (!name.collection().isEmpty()) {
                throw new SecretsException.Invalid(ActiveStore.PLUGIN,
                        "the store " + name.store() + " has no collections", "name it " + name.store());
            }
            return new StoreLease(used, store, () -> release(name.store()));
        } catch (SecretsException | RuntimeException e) {
            release(name.store());
            throw e;
        }
    }

    private static String preferred(StoreName name, CollectionStore store, RequestContext context)
            throws SecretsException {
        try {
            return store.collection(context);
        } catch (SecretsException.Unavailable e) {
            throw new SecretsException.Unavailable(name.store(), "the store " + name + " cannot be used",
                    String.valueOf(e.getMessage())).causedBy(e);
        }
    }

    private void release(String name) {
        synchronized (this) {
            leased.remove(name);
        }
        Set<String> wanted = leased();
        active.get().ifPresent(wanted::add);
        plugins.wantStores(wanted);
    }
}
