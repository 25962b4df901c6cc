package dev.secretsengine.core.store;

import dev.secretsengine.api.LocalStore;
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

    /** The entry of the store, and what was found of the rest. */
    Running(ProviderEntry entry, boolean ofTheImage, String configured, StoreRecord.Choice chosen,
            List<ProviderEntry> stores) {
        this.entry = entry;
        this.ofTheImage = ofTheImage;
        this.configured = configured;
        this.chosen = chosen;
        this.stores = stores;
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
