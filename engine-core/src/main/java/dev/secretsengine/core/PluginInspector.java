package dev.secretsengine.core;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.plugin.PluginCode;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.ProviderEntry;
import dev.secretsengine.core.plugin.ProviderRegistry;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;

/** Collects what there is to say of a plugin. Starts nothing for it. */
final class PluginInspector {

    private static final String SET = "set";
    private static final String NOT_SET = "not set";

    /** A locked store may ask its user to unlock it; for a look at a plugin nobody waits that long. */
    private static final Duration STORE_TIME = Duration.ofSeconds(5);

    private final PluginManager plugins;
    private final ProviderRegistry registry;
    private final PluginSettings configured;
    private final ActiveStore store;
    private final ExecutorService threads;

    PluginInspector(PluginManager plugins, ProviderRegistry registry, PluginSettings configured, ActiveStore store,
            ExecutorService threads) {
        this.plugins = plugins;
        this.registry = registry;
        this.configured = configured;
        this.store = store;
        this.threads = threads;
    }

    PluginReport inspect(PluginRow row, RequestContext context) throws SecretsException {
        String name = row.name();
        boolean isStore = name.equals(ActiveStore.PLUGIN);
        Optional<SecretsProvider> provider = isStore
                ? registry.stores().stream().findFirst().map(ProviderEntry::provider)
                : registry.service(name);
        Optional<PluginBundle> bundle = isStore
                ? store.name().flatMap(plugins::storeBundle)
                : plugins.bundle(name).filter(owner -> owner.name().equals(row.bundle()));
        String group = plugins.declaration(name).map(PluginDeclaration::group).orElse("");
        Caching cache = provider.orElse(null) instanceof Caching caching ? caching : null;
        return new PluginReport(row, group, bundle, settings(name, provider, context), registry.health(name),
                cache == null ? 0 : PluginCode.call(threads, name, context, cache::hits),
                cache == null ? 0 : PluginCode.call(threads, name, context, cache::misses));
    }

    private Map<String, String> settings(String name, Optional<SecretsProvider> provider, RequestContext context)
            throws SecretsException {
        Map<String, String> shown = new TreeMap<>(configured.all(name));
        if (!(provider.orElse(null) instanceof Configurable)) {
            // Nobody says which of them are secret, and people put tokens into files.
            shown.replaceAll((_, _) -> SET);
        }
        Map<String, String> secrets = secrets(name, context);
        shown.putAll(secrets);
        if (provider.orElse(null) instanceof Configurable configurable) {
            List<Setting> declared = PluginCode.call(threads, name, context,
                    () -> List.copyOf(configurable.settings()));
            for (Setting setting : declared) {
                if (setting.secret()) {
                    // Whatever a file says: it is not to be shown.
                    shown.put(setting.name(), secrets.getOrDefault(setting.name(), secrets.getOrDefault("", NOT_SET)));
                } else {
                    shown.putIfAbsent(setting.name(), setting.defaultValue());
                }
            }
        }
        shown.remove("");
        return shown;
    }

    /** Which secret settings have a value; with the store out of reach only that this is not known. */
    private Map<String, String> secrets(String name, RequestContext context) throws SecretsException {
        Map<String, String> secrets = new TreeMap<>();
        String set = configured.kept(name).secrets();
        if (set.isEmpty()) {
            return secrets;
        }
        try {
            RequestContext soon = context.within(STORE_TIME);
            for (SecretInfo secret : store.require(soon).list(InternalIds.ofSet(name, set), soon)) {
                secrets.put(secret.id().components().getLast(), SET);
            }
        } catch (SecretsException e) {
            secrets.put("", "unknown: " + e.advice());
        }
        return secrets;
    }
}
