package dev.secretsengine.core.store;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderEntry;
import dev.secretsengine.core.plugin.ProviderRegistry;
import java.util.Optional;
import java.util.concurrent.ExecutorService;

/** The stores that run, fit to be called by anybody. Thread-safe. */
final class Stores {

    private final PluginManager plugins;
    private final ProviderRegistry registry;
    private final ExecutorService threads;

    /** Stores that run on these threads if they are no part of the image. */
    Stores(PluginManager plugins, ProviderRegistry registry, ExecutorService threads) {
        this.plugins = plugins;
        this.registry = registry;
        this.threads = threads;
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
}
