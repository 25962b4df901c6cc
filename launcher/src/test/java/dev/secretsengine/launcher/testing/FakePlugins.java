package dev.secretsengine.launcher.testing;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.plugin.ProviderRegistry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Bundles of one plugin each: a started one registers its service, a stopped one withdraws it. */
public final class FakePlugins implements PluginHost {

    private record Bundle(PluginBundle described, SecretsProvider provider, Map<String, Object> properties) {
    }

    private final Map<String, Bundle> bundles = new LinkedHashMap<>();
    private final List<String> problems = new ArrayList<>();
    private @Nullable ProviderRegistry registry;

    void registerIn(ProviderRegistry services) {
        registry = services;
    }

    /** A plugin that may be disabled. */
    public synchronized void plugin(String name, SecretsProvider provider) {
        add(name, provider, Map.of("name", name, "version", "2.1", "pattern", name + "/**"),
                Map.of(PluginProperties.NAME, name, PluginProperties.VERSION, "2.1", PluginProperties.PATTERN,
                        name + "/**"));
    }

    /** A plugin with more attributes in its manifest. */
    public synchronized void plugin(String name, SecretsProvider provider, Map<String, Object> more) {
        Map<String, Object> declared = new HashMap<>(Map.of("name", name, "version", "2.1", "pattern", name + "/**"));
        declared.putAll(more);
        add(name, provider, declared, Map.of(PluginProperties.NAME, name, PluginProperties.VERSION, "2.1",
                PluginProperties.PATTERN, name + "/**"));
    }

    /** A local store. */
    public synchronized void store(String store, int ranking, LocalStore provider) {
        add(store, provider,
                Map.of("name", "docker-pass", "version", "1.0", "pattern", "**", "configurable", "false", "store",
                        store),
                Map.of(PluginProperties.NAME, "docker-pass", PluginProperties.VERSION, "1.0",
                        PluginProperties.PATTERN, "**", PluginProperties.STORE, store, "service.ranking", ranking));
    }

    private void add(String name, SecretsProvider provider, Map<String, Object> declared,
            Map<String, Object> registered) {
        PluginBundle described = new PluginBundle(name, "bundle-" + name, "1", true,
                List.of(PluginDeclaration.of(new HashMap<>(declared))), Optional.empty());
        bundles.put(name, new Bundle(described, provider, registered));
    }

    /** Something is wrong with a drop folder. */
    public synchronized void problem(String line) {
        problems.add(line);
    }

    private synchronized Bundle bundle(PluginBundle bundle) {
        return Objects.requireNonNull(bundles.get(bundle.id()));
    }

    @Override
    public synchronized List<PluginBundle> bundles() {
        return bundles.values().stream().map(Bundle::described).toList();
    }

    @Override
    public void start(PluginBundle bundle) {
        Bundle started = bundle(bundle);
        Objects.requireNonNull(registry).put(started.properties()::get, started.provider(), true);
    }

    @Override
    public void stop(PluginBundle bundle) {
        Objects.requireNonNull(registry).remove(bundle(bundle).provider());
    }

    @Override
    public synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    @Override
    public void whenChanged(Runnable action) {
        // The bundles are all there before the engine opens.
    }
}
