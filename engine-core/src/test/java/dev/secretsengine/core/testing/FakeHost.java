package dev.secretsengine.core.testing;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.plugin.ProviderRegistry;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A framework in memory: started bundles register their services, stopped ones withdraw them. */
public final class FakeHost implements PluginHost {

    private final Map<String, FakeBundle> bundles = new LinkedHashMap<>();
    private final Set<String> hidden = new LinkedHashSet<>();
    private final Set<String> running = new LinkedHashSet<>();
    private final Map<String, Integer> starts = new LinkedHashMap<>();
    private @Nullable ProviderRegistry registry;
    private Runnable listener = () -> {
    };

    /** Where the services go; set before the first start. */
    public synchronized void registerIn(ProviderRegistry services) {
        registry = services;
    }

    /** Drops a bundle in. */
    public void add(FakeBundle bundle) {
        synchronized (this) {
            bundles.put(bundle.id(), bundle);
        }
        listener.run();
    }

    /** Deletes a bundle: it is stopped and gone. */
    public void remove(FakeBundle bundle) throws HostException {
        stop(bundle.toBundle());
        synchronized (this) {
            bundles.remove(bundle.id());
        }
        listener.run();
    }

    /** Lists a bundle no longer, or again, as it is when a higher version of it comes and goes. It is not stopped. */
    public void hide(FakeBundle bundle, boolean hide) {
        synchronized (this) {
            if (hide) {
                hidden.add(bundle.id());
            } else {
                hidden.remove(bundle.id());
            }
        }
        listener.run();
    }

    @Override
    public synchronized List<PluginBundle> bundles() {
        return bundles.values().stream().filter(bundle -> !hidden.contains(bundle.id())).map(FakeBundle::toBundle)
                .toList();
    }

    @Override
    public void start(PluginBundle bundle) throws HostException {
        FakeBundle started;
        synchronized (this) {
            started = Objects.requireNonNull(bundles.get(bundle.id()), "the bundle was removed");
            starts.merge(bundle.id(), 1, Integer::sum);
        }
        started.startup().run();
        synchronized (this) {
            running.add(bundle.id());
        }
        started.services().forEach((provider, properties) -> registry().put(properties::get, provider, true));
    }

    @Override
    public void stop(PluginBundle bundle) throws HostException {
        FakeBundle stopped;
        synchronized (this) {
            stopped = bundles.get(bundle.id());
            if (stopped == null || !running.remove(bundle.id())) {
                return;
            }
        }
        stopped.shutdown().run();
        stopped.services().keySet().forEach(registry()::remove);
    }

    private synchronized ProviderRegistry registry() {
        return Objects.requireNonNull(registry, "registerIn comes first");
    }

    /** The symbolic names of the bundles that run now. */
    public synchronized Set<String> running() {
        Set<String> names = new LinkedHashSet<>();
        running.forEach(id -> names.add(bundles.get(id).name()));
        return names;
    }

    /** How often a bundle was started. */
    public synchronized int starts(FakeBundle bundle) {
        return starts.getOrDefault(bundle.id(), 0);
    }

    @Override
    public List<String> problems() {
        return List.of();
    }

    @Override
    public void whenChanged(Runnable action) {
        listener = action;
    }
}
