package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.KeptSettings;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.plugin.PluginCode;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin that is being set up; its bundle runs until this is closed. Used by one thread. */
public final class PluginCandidate implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PluginCandidate.class);

    private static final Duration UNDO_TIME = Duration.ofSeconds(10);

    private final String plugin;
    private final Configurable provider;
    private final List<Setting> settings;
    private final PluginSettings configured;
    private final ActiveStore store;
    private final PluginManager plugins;
    private final ExecutorService threads;
    private final Turns turns;
    private final PluginManager.Visit visit;

    PluginCandidate(String plugin, Configurable provider, List<Setting> settings, PluginSettings configured,
            ActiveStore store, PluginManager plugins, ExecutorService threads, Turns turns,
            PluginManager.Visit visit) {
        this.plugin = plugin;
        this.provider = provider;
        this.settings = settings;
        this.configured = configured;
        this.store = store;
        this.plugins = plugins;
        this.threads = threads;
        this.turns = turns;
        this.visit = visit;
    }

    /** Its name, also where a group was asked for. */
    public String plugin() {
        return plugin;
    }

    /** What it declares. */
    public List<Setting> settings() {
        return settings;
    }

    /**
     * Whether there is a value for a secret setting.
     *
     * @throws SecretsException if the local store cannot be read
     */
    public boolean isStored(String setting, RequestContext context) throws SecretsException {
        String set = configured.kept(plugin).secrets();
        return !set.isEmpty() && store.require(context)
                .describe(InternalIds.ofSetting(plugin, set, setting), context).isPresent();
    }

    /**
     * Refuses a plain setting that the user has set by hand.
     *
     * @throws SecretsException.Invalid if {@code config.toml} has it
     */
    public void requireFree(String setting) throws SecretsException {
        configured.requireFree(plugin, setting);
    }

    /**
     * Has the plugin check the values, keeps them, enables the plugin and waits until it serves. Whenever the engine is
     * killed, the plugin finds all of the old values or all of the new.
     *
     * @param texts new values of plain settings by name
     * @param secrets new values of secret settings by name; they stay the caller's
     * @throws SecretsException if the check fails, they cannot be kept, or the plugin does not run with them; everything
     *     is as it was before then
     */
    public void apply(Map<String, String> texts, Map<String, SecretValue> secrets, RequestContext context)
            throws SecretsException {
        for (String setting : texts.keySet()) {
            requireFree(setting);
        }
        KeptSettings before = configured.kept(plugin);
        PluginValues values = new PluginValues(plugin, settings, configured, before, store, texts, secrets);
        PluginCode.call(threads, plugin, context, () -> {
            provider.check(values, context);
            return true;
        });
        try (Turns.Turn _ = turns.await(plugin, context)) {
            change(before, texts, secrets, context);
        }
    }

    private void change(KeptSettings before, Map<String, String> texts, Map<String, SecretValue> secrets,
            RequestContext context) throws SecretsException {
        SettingsChange change = new SettingsChange(plugin, configured, store.require(context), before);
        try {
            change.make(texts, secrets, context);
        } catch (SecretsException e) {
            change.undo(inTime(context));
            throw e;
        }
        boolean wasOn = plugins.serves(plugin);
        try {
            plugins.enable(plugin, true, context);
        } catch (SecretsException e) {
            change.undo(inTime(context));
            restore(wasOn, inTime(context));
            throw e;
        }
        change.dropOld(context);
    }

    /** The caller may be gone, and its time up. */
    private static RequestContext inTime(RequestContext context) {
        return context.isOver() ? RequestContext.of(UNDO_TIME) : context;
    }

    private void restore(boolean wasOn, RequestContext context) {
        try {
            plugins.enable(plugin, wasOn, context);
        } catch (SecretsException e) {
            LOG.info("the plugin {} is as it was before: {}", plugin, e.getMessage());
        }
    }

    @Override
    public void close() {
        visit.close();
    }
}
