package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A plugin's settings: plain ones from the configuration file, secret ones from the local store. */
final class PluginValues implements Configurable.Values {

    private static final Duration STORE_TIME = Duration.ofSeconds(10);

    private final String plugin;
    private final List<Setting> settings;
    private final EngineConfig config;
    private final ActiveStore store;

    PluginValues(String plugin, List<Setting> settings, EngineConfig config, ActiveStore store) {
        this.plugin = plugin;
        this.settings = settings;
        this.config = config;
        this.store = store;
    }

    @Override
    public String text(String name) throws SecretsException {
        Setting setting = declared(name, false);
        return config.plugin(plugin, name).orElse(setting.defaultValue());
    }

    @Override
    public Optional<SecretValue> secret(String name) throws SecretsException {
        declared(name, true);
        RequestContext context = RequestContext.of(STORE_TIME);
        return store.require(context).get(InternalIds.ofSetting(plugin, name), context).map(Envelope::value);
    }

    private Setting declared(String name, boolean secret) throws SecretsException {
        return settings.stream().filter(setting -> setting.name().equals(name) && setting.secret() == secret)
                .findFirst().orElseThrow(() -> new SecretsException.Invalid(plugin,
                        "the plugin " + plugin + " reads the setting " + name + ", which it does not declare", ""));
    }
}
