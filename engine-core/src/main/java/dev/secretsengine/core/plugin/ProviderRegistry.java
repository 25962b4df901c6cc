package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
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

        /** What settings are read from, as it is now. When it is another, what was left out may make sense. */
        default Object source() {
            return "";
        }
    }

    private static final long RETRY_NANOS = 15_000_000_000L;

    private record Service(Function<String, @Nullable Object> properties, SecretsProvider provider) {
    }

    /**
     * Why a service is left out.
     *
     * @param passes whether it may be otherwise later: the store that its settings are in was locked, for one
     * @param source what settings were read from
     */
    private record Failure(String reason, boolean passes, long atNanos, Object source) {

        Failure triedAt(long nanos, Object from) {
            return new Failure(reason, passes, nanos, from);
        }
    }

    private final Configurator configurator;
    private final Configuring configuring;
    private final IdentityHashMap<SecretsProvider, ProviderEntry> entries = new IdentityHashMap<>();

    /** Those that are registered, and whether each was handed its settings. */
    private final IdentityHashMap<SecretsProvider, Boolean> present = new IdentityHashMap<>();

    private volatile List<ProviderEntry> byName = List.of();
    private volatile List<ProviderEntry> byRank = List.of();
    private final Map<String, Service> services = new HashMap<>();
    private final Map<String, PluginHealth> healths = new ConcurrentHashMap<>();
    private final Map<String, Failure> failures = new HashMap<>();
    private volatile boolean hasFailures;
    private Runnable listener = () -> {
    };

    /** An empty registry. */
    public ProviderRegistry(Configurator configurator) {
        this.configurator = configurator;
        this.configuring = new Configuring(configurator);
    }

    /** Calls back after every change. One listener only. */
    public synchronized void whenChanged(Runnable action) {
        listener = action;
    }

    /** Takes a service in, or its new properties. A service that makes no sense is left out, with its reason. */
    public void put(Function<String, @Nullable Object> properties, SecretsProvider provider, boolean isNew) {
        Object name = properties.apply(PluginProperties.NAME);
        String plugin = name == null ? "?" : name.toString();
        synchronized (this) {
            present.putIfAbsent(provider, false);
            if (isNew && properties.apply(PluginProperties.STORE) == null) {
                services.put(plugin, new Service(properties, provider));
            }
        }
        take(plugin, properties, provider, isNew);
    }

    private void take(String plugin, Function<String, @Nullable Object> properties, SecretsProvider provider,
            boolean isNew) {
        if (isNew) {
            health(plugin).forgive();
        }
        Object source = configurator.source();
        try {
            ProviderEntry entry = ProviderEntry.of(properties, provider);
            if (provider instanceof Configurable configurable && isDue(provider, isNew)) {
                configuring.configure(plugin, configurable);
                // The provider may have changed its properties just now.
                entry = ProviderEntry.of(properties, provider);
            }
            synchronized (this) {
                if (!present.containsKey(provider)) {
                    // It was let go while it was configured.
                    return;
                }
                entries.put(provider, entry);
                failures.remove(plugin);
                sort();
                hasFailures = !failures.isEmpty();
            }
        } catch (SecretsException | RuntimeException e) {
            String reason = e instanceof SecretsException known ? known.advice() : String.valueOf(e.getMessage());
            LOG.warn("plugin {} is left out: {}", plugin, reason);
            synchronized (this) {
                if (present.replace(provider, false) == null) {
                    return;
                }
                entries.remove(provider);
                failures.put(plugin, new Failure(reason, e instanceof SecretsException.Unavailable,
                        System.nanoTime(), source));
                hasFailures = !failures.isEmpty();
                sort();
            }
        }
        changed();
        if (configuring.takeOverlap(plugin)) {
            refresh(plugin);
        }
    }

    /** Hands a plugin's running provider its settings once more, if there is one. */
    public void refresh(String plugin) {
        Service service;
        synchronized (this) {
            service = services.get(plugin);
        }
        if (service != null) {
            take(plugin, service.properties(), service.provider(), true);
        }
    }

    /**
     * What could not be configured, and may be by now, because a file with settings was changed. Costs nothing if there is
     * no such plugin. Each is named once for a change, and not while it is being configured: whoever gets it is to
     * {@link #refresh} it.
     *
     * @param wanted whether the plugin is to run, and anybody would ask it
     */
    public List<String> dueByChange(Predicate<String> wanted) {
        return due(wanted, (failure, source) -> !failure.source().equals(source));
    }

    /**
     * The same also for a reason that may have passed, each now and then.
     *
     * @param wanted see {@link #dueByChange}
     */
    public List<String> due(Predicate<String> wanted) {
        long now = System.nanoTime();
        return due(wanted, (failure, source) -> !failure.source().equals(source)
                || (failure.passes() && now - failure.atNanos() > RETRY_NANOS));
    }

    private List<String> due(Predicate<String> wanted, BiPredicate<Failure, Object> mayPass) {
        if (!hasFailures) {
            return List.of();
        }
        Object source = configurator.source();
        List<String> due = failed().stream().filter(wanted).collect(Collectors.toCollection(ArrayList::new));
        synchronized (this) {
            due.removeIf(plugin -> {
                Failure failure = failures.get(plugin);
                if (failure == null || !services.containsKey(plugin) || configuring.isUnderWay(plugin)
                        || !mayPass.test(failure, source)) {
                    return true;
                }
                // The others do not wait for the one that tries.
                failures.put(plugin, failure.triedAt(System.nanoTime(), source));
                return false;
            });
        }
        return due;
    }

    private synchronized List<String> failed() {
        return List.copyOf(failures.keySet());
    }

    /** The provider of a plugin that is no store, whether its settings make sense or not. */
    public synchronized Optional<SecretsProvider> service(String plugin) {
        return Optional.ofNullable(services.get(plugin)).map(Service::provider);
    }

    /** Has a plugin forget what it remembers of its backend. */
    public void forgetCache(String plugin) {
        if (service(plugin).orElse(null) instanceof Caching cache) {
            try {
                cache.forget();
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("the plugin {} threw {} when it was to forget", plugin, e.getClass().getName());
            }
        }
    }

    /** How a plugin does; the same object as long as the engine runs. */
    public PluginHealth health(String plugin) {
        PluginHealth known = healths.get(plugin);
        return known == null ? healths.computeIfAbsent(plugin, PluginHealth::new) : known;
    }

    /** A service that could not be configured is tried again when it changes, though not from within itself. */
    private synchronized boolean isDue(SecretsProvider provider, boolean isNew) {
        return Boolean.FALSE.equals(present.replace(provider, true)) || isNew;
    }

    /** Lets a service go. */
    public void remove(SecretsProvider provider) {
        synchronized (this) {
            present.remove(provider);
            entries.remove(provider);
            sort();
            services.values().removeIf(service -> isSame(service.provider(), provider));
        }
        changed();
    }

    /** Once for each change, not for each lookup. */
    private void sort() {
        byName = entries.values().stream().sorted(Comparator.comparing(ProviderEntry::name)).toList();
        byRank = byName.stream().filter(entry -> entry.store().isPresent())
                .sorted(Comparator.comparingInt(ProviderEntry::ranking).reversed()).toList();
    }

    // What equals means to a bundle's class is none of ours.
    @SuppressWarnings("ReferenceEquality")
    private static boolean isSame(SecretsProvider one, SecretsProvider other) {
        return one == other;
    }

    private void changed() {
        Runnable current;
        synchronized (this) {
            current = listener;
        }
        current.run();
    }

    /** Every provider, by plugin name; another list after each change, the same until then. */
    public List<ProviderEntry> entries() {
        return byName;
    }

    /** The provider of a plugin that is no store. */
    public Optional<ProviderEntry> plugin(String name) {
        return entries().stream().filter(entry -> entry.name().equals(name) && entry.store().isEmpty()).findFirst();
    }

    /** The stores, the highest ranking first; another list after each change, the same until then. */
    public List<ProviderEntry> stores() {
        return byRank;
    }

    /** Why a plugin that is to run has no provider here. */
    public String absence(String plugin) {
        return failure(plugin).orElse("its bundle registered no service for it");
    }

    /** Why a plugin's service was left out, if it was. */
    public synchronized Optional<String> failure(String plugin) {
        return Optional.ofNullable(failures.get(plugin)).map(Failure::reason);
    }
}
