package dev.secretsengine.core.testing;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.bundle.DroppedJar;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A bundle that exists in memory only: what its manifest declares, and what its activator registers. */
public final class FakeBundle {

    /** What an activator does before it registers its services. */
    @FunctionalInterface
    public interface Startup {

        /** See {@link PluginHost#start}. */
        void run() throws PluginHost.HostException;
    }

    private final String name;
    private final String version;
    private final List<PluginDeclaration> declared = new ArrayList<>();
    private final Map<SecretsProvider, Map<String, Object>> services = new IdentityHashMap<>();
    private boolean builtIn;
    private Optional<DroppedJar> jar = Optional.empty();
    private Optional<String> failure = Optional.empty();
    private Startup startup = () -> {
    };

    private Runnable shutdown = () -> {
    };

    private FakeBundle(String name, String version) {
        this.name = name;
        this.version = version;
    }

    public static FakeBundle of(String name, String version) {
        return new FakeBundle(name, version);
    }

    public FakeBundle builtIn() {
        builtIn = true;
        return this;
    }

    /** From a jar in a drop folder. */
    public FakeBundle dropped() {
        builtIn = false;
        jar = Optional.of(new DroppedJar("/drop/" + name + ".jar", "facts", ""));
        return this;
    }

    public FakeBundle broken(String reason) {
        failure = Optional.of(reason);
        return this;
    }

    public FakeBundle startsWith(Startup action) {
        startup = action;
        return this;
    }

    public FakeBundle stopsWith(Runnable action) {
        shutdown = action;
        return this;
    }

    /** A plugin that may be disabled and is enabled by default. */
    public FakeBundle plugin(String plugin, SecretsProvider provider) {
        return declares(plugin, Map.of()).registers(plugin, provider, Map.of());
    }

    /** A plugin in the manifest only. */
    public FakeBundle declares(String plugin, Map<String, Object> more) {
        Map<String, Object> attributes = new HashMap<>(
                Map.of("name", plugin, "version", version, "pattern", plugin + "/**"));
        attributes.putAll(more);
        declared.add(PluginDeclaration.of(attributes));
        return this;
    }

    /** A service of a running bundle only. */
    public FakeBundle registers(String plugin, SecretsProvider provider, Map<String, Object> more) {
        Map<String, Object> properties = new HashMap<>(Map.of(PluginProperties.NAME, plugin, PluginProperties.VERSION,
                version, PluginProperties.PATTERN, plugin + "/**"));
        properties.putAll(more);
        services.put(provider, properties);
        return this;
    }

    public static FakeBundle ofStore(String store, int ranking, LocalStore provider) {
        return of("bundle-" + store, "1").builtIn()
                .declares("docker-pass", Map.of("pattern", "**", "configurable", "false", "store", store))
                .registers("docker-pass", provider, Map.of(PluginProperties.PATTERN, "**", PluginProperties.STORE,
                        store, "service.ranking", ranking));
    }

    public String id() {
        return name + "@" + version;
    }

    String name() {
        return name;
    }

    Startup startup() {
        return startup;
    }

    Runnable shutdown() {
        return shutdown;
    }

    Map<SecretsProvider, Map<String, Object>> services() {
        return services;
    }

    PluginBundle toBundle() {
        return new PluginBundle(id(), name, version, builtIn, declared, failure, jar);
    }
}
