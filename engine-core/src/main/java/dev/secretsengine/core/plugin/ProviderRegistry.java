package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The providers that are registered right now: configured, and ready to be asked. Thread-safe. */
public final class ProviderRegistry {

    private static final Logger LOG = LoggerFactory.getLogger(ProviderRegistry.class);

    /** Hands a plugin its settings. */
    @FunctionalInterface
    public interface Configurator {

        /** See {@link Configurable#configure}. */
        void configure(String plugin, Configurable provider) throws SecretsException;
    }

    private final Configurator configurator;
    private final IdentityHashMap<SecretsProvider, ProviderEntry> entries = new IdentityHashMap<>();
    private final Set<SecretsProvider> configured = Collections.newSetFromMap(new IdentityHashMap<>());
    private List<ProviderEntry> byName = List.of();
    private List<ProviderEntry> byRank = List.of();
    private final Map<String, String> failures = new HashMap<>();
    private Runnable listener = () -> {
    };

    /** An empty registry. */
    public ProviderRegistry(Configurator configurator) {
        this.configurator = configurator;
    }

    /** Calls back after every change. One listener only. */
    public synchronized void whenChanged(Runnable action) {
        listener = action;
    }

    /** Takes a service in, or its new properties. A service that makes no sense is left out, with its reason. */
    public void put(Function<String, @Nullable Object> properties, SecretsProvider provider, boolean isNew) {
        Object name = properties.apply(PluginProperties.NAME);
        String plugin = name == null ? "?" : name.toString();
        try {
            ProviderEntry entry = ProviderEntry.of(properties, provider);
            if (provider instanceof Configurable configurable && isDue(provider, isNew)) {
                configure(plugin, configurable);
                // The provider may have changed its properties just now.
                entry = ProviderEntry.of(properties, provider);
            }
            synchronized (this) {
                entries.put(provider, entry);
                failures.remove(plugin);
                sort();
            }
        } catch (SecretsException | RuntimeException e) {
            String reason = e instanceof SecretsException known ? known.advice() : String.valueOf(e.getMessage());
            LOG.warn("plugin {} is left out: {}", plugin, reason);
            synchronized (this) {
                entries.remove(provider);
                configured.remove(provider);
                failures.put(plugin, reason);
                sort();
            }
        }
        changed();
    }

    /** A service that could not be configured is tried again when it changes, though not from within itself. */
    private synchronized boolean isDue(SecretsProvider provider, boolean isNew) {
        return configured.add(provider) || isNew;
    }

    private void configure(String plugin, Configurable provider) throws SecretsException {
        try {
            configurator.configure(plugin, provider);
        } catch (RuntimeException | LinkageError e) {
            // Its message may hold anything, a setting's secret value for one.
            throw new SecretsException.Failed(plugin,
                    "the plugin " + plugin + " threw " + e.getClass().getName() + " when it was configured", "")
                    .causedBy(e);
        }
    }

    /** Lets a service go. */
    public void remove(SecretsProvider provider) {
        synchronized (this) {
            entries.remove(provider);
            configured.remove(provider);
            sort();
        }
        changed();
    }

    /** Once for each change, not for each lookup. */
    private void sort() {
        byName = entries.values().stream().sorted(Comparator.comparing(ProviderEntry::name)).toList();
        byRank = byName.stream().filter(entry -> entry.store().isPresent())
                .sorted(Comparator.comparingInt(ProviderEntry::ranking).reversed()).toList();
    }

    private void changed() {
        Runnable current;
        synchronized (this) {
            current = listener;
        }
        current.run();
    }

    /** Every provider, by plugin name. */
    public synchronized List<ProviderEntry> entries() {
        return byName;
    }

    /** The provider of a plugin that is no store. */
    public Optional<ProviderEntry> plugin(String name) {
        return entries().stream().filter(entry -> entry.name().equals(name) && entry.store().isEmpty()).findFirst();
    }

    /** The stores, the highest ranking first. */
    public synchronized List<ProviderEntry> stores() {
        return byRank;
    }

    /** Why a plugin's service was left out, if it was. */
    public synchronized Optional<String> failure(String plugin) {
        return Optional.ofNullable(failures.get(plugin));
    }
}
