package dev.secretsengine.core.store;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store that serves, and what made it so. Immutable. */
public final class Running {

    private final LocalStore store;
    private final String version;
    private final boolean ofTheImage;
    private final String configured;
    private final StoreRecord.Choice chosen;
    private final List<ProviderEntry> stores;

    private Running(LocalStore store, String version, boolean ofTheImage, String configured, StoreRecord.Choice chosen,
            List<ProviderEntry> stores) {
        this.store = store;
        this.version = version;
        this.ofTheImage = ofTheImage;
        this.configured = configured;
        this.chosen = chosen;
        this.stores = stores;
    }

    /**
     * The store that serves if the choice is settled, a collection included, and its store the only one that runs; else
     * null.
     */
    static @Nullable Running of(String configured, StoreRecord.@Nullable Choice choice, List<ProviderEntry> stores,
            PluginManager plugins) throws SecretsException {
        if (choice == null || stores.size() != 1 || !isConfigured(StoreName.parse(configured), choice)) {
            return null;
        }
        ProviderEntry entry = stores.get(0);
        if (entry.store().filter(choice.store()::equals).isEmpty()) {
            return null;
        }
        LocalStore store = (LocalStore) entry.provider();
        if (store instanceof CollectionStore && choice.collection().isEmpty()) {
            return null;
        }
        return new Running(choice.in(store), entry.version(), plugins.isStoreOfTheImage(choice.store()), configured,
                choice,
                stores);
    }

    private static boolean isConfigured(StoreName configured, StoreRecord.Choice choice) {
        if (configured.store().equals(ActiveStore.AUTO)) {
            return true;
        }
        return configured.store().equals(choice.store()) && (configured.collection().isEmpty()
                || choice.collection().filter(configured.collection()::equals).isPresent());
    }

    /** The store itself. */
    public LocalStore store() {
        return store;
    }

    /** The version of its plugin. */
    public String version() {
        return version;
    }

    /** Whether it is part of the engine's image, and so known to keep deadlines. */
    public boolean ofTheImage() {
        return ofTheImage;
    }

    /** Whether nothing has changed: the registry has another list after each change. */
    @SuppressWarnings("ReferenceEquality") // A list with equal entries is not the question.
    boolean isStill(List<ProviderEntry> now, StoreRecord.@Nullable Choice choice, String configuration) {
        return stores == now && chosen.equals(choice) && configured.equals(configuration);
    }
}
