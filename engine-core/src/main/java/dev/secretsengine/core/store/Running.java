package dev.secretsengine.core.store;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderEntry;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The store that serves, and what made it so. Immutable. */
public final class Running {

    private final ProviderEntry entry;
    private final boolean ofTheImage;
    private final String configured;
    private final StoreRecord.Choice chosen;
    private final List<ProviderEntry> stores;

    private Running(ProviderEntry entry, boolean ofTheImage, String configured, StoreRecord.Choice chosen,
            List<ProviderEntry> stores) {
        this.entry = entry;
        this.ofTheImage = ofTheImage;
        this.configured = configured;
        this.chosen = chosen;
        this.stores = stores;
    }

    /** The store that serves if the choice is settled and its store the only one that runs; else null. */
    static @Nullable Running of(String configured, StoreRecord.@Nullable Choice choice, List<ProviderEntry> stores,
            PluginManager plugins) {
        if (choice == null || stores.size() != 1 || !(configured.equals(ActiveStore.AUTO)
                || configured.equals(choice.store()))) {
            return null;
        }
        ProviderEntry entry = stores.get(0);
        boolean ofTheImage = plugins.isStoreOfTheImage(choice.store());
        return entry.store().filter(choice.store()::equals).isPresent()
                ? new Running(entry, ofTheImage, configured, choice, stores)
                : null;
    }

    /** The store itself. */
    public LocalStore store() {
        return (LocalStore) entry.provider();
    }

    /** The version of its plugin. */
    public String version() {
        return entry.version();
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
