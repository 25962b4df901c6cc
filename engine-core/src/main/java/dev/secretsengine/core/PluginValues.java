package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.KeptSettings;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A plugin's settings: plain ones from the configuration files, secret ones from the local store; before both, those that
 * are only being tried.
 */
final class PluginValues implements Configurable.Values {

    private static final Duration STORE_TIME = Duration.ofSeconds(10);

    private final String plugin;
    private final List<Setting> settings;
    private final PluginSettings configured;
    private final KeptSettings kept;
    private final ActiveStore store;
    private final Map<String, String> texts;
    private final Map<String, SecretValue> secrets;

    /**
     * The settings of now.
     *
     * @throws SecretsException if they cannot be read
     */
    PluginValues(String plugin, List<Setting> settings, PluginSettings configured, ActiveStore store)
            throws SecretsException {
        this(plugin, settings, configured, configured.kept(plugin), store, Map.of(), Map.of());
    }

    /**
     * Settings of which some are only being tried.
     *
     * @param kept those that are there: however long somebody takes to read them, they are of one set-up
     * @param secrets stay the caller's
     */
    PluginValues(String plugin, List<Setting> settings, PluginSettings configured, KeptSettings kept, ActiveStore store,
            Map<String, String> texts, Map<String, SecretValue> secrets) {
        this.plugin = plugin;
        this.settings = settings;
        this.configured = configured;
        this.kept = kept;
        this.store = store;
        this.texts = texts;
        this.secrets = secrets;
    }

    @Override
    public String text(String name) throws SecretsException {
        Setting setting = declared(name, false);
        String tried = texts.get(name);
        return tried != null
                ? tried
                : configured.own(plugin, name).orElse(kept.texts().getOrDefault(name, setting.defaultValue()));
    }

    @Override
    public Optional<SecretValue> secret(String name) throws SecretsException {
        declared(name, true);
        SecretValue tried = secrets.get(name);
        if (tried != null) {
            return Optional.of(tried.copy());
        }
        if (kept.secrets().isEmpty()) {
            return Optional.empty();
        }
        RequestContext context = RequestContext.of(STORE_TIME);
        Optional<SecretValue> found = store.require(context)
                .get(InternalIds.ofSetting(plugin, kept.secrets(), name), context).map(Envelope::value);
        if (found.isEmpty() && !configured.kept(plugin).secrets().equals(kept.secrets())) {
            throw new SecretsException.Unavailable(plugin, "the plugin " + plugin + " is just being set up",
                    "try again");
        }
        return found;
    }

    private Setting declared(String name, boolean secret) throws SecretsException {
        return settings.stream().filter(setting -> setting.name().equals(name) && setting.secret() == secret)
                .findFirst().orElseThrow(() -> new SecretsException.Invalid(plugin,
                        "the plugin " + plugin + " reads the setting " + name + ", which it does not declare", ""));
    }
}
