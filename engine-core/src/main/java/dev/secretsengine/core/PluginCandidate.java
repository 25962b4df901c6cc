package dev.secretsengine.core;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.plugin.PluginCode;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.store.ActiveStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plugin that is being set up; its bundle runs until this is closed. Used by one thread. */
public final class PluginCandidate implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(PluginCandidate.class);

    private final String plugin;
    private final Configurable provider;
    private final List<Setting> settings;
    private final PluginSettings configured;
    private final ActiveStore store;
    private final PluginManager plugins;
    private final ExecutorService threads;
    private final PluginManager.Visit visit;

    PluginCandidate(String plugin, Configurable provider, List<Setting> settings, PluginSettings configured,
            ActiveStore store, PluginManager plugins, ExecutorService threads, PluginManager.Visit visit) {
        this.plugin = plugin;
        this.provider = provider;
        this.settings = settings;
        this.configured = configured;
        this.store = store;
        this.plugins = plugins;
        this.threads = threads;
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
        return store.require(context).describe(InternalIds.ofSetting(plugin, setting), context).isPresent();
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
     * Has the plugin check the values, keeps them, enables the plugin and waits until it serves.
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
        PluginValues values = new PluginValues(plugin, settings, configured, store, texts, secrets);
        PluginCode.call(threads, plugin, context, () -> {
            provider.check(values, context);
            return true;
        });
        LocalStore target = store.require(context);
        Map<String, String> before = configured.written(plugin);
        boolean wasOn = plugins.serves(plugin);
        Deque<Undo> done = new ArrayDeque<>();
        try {
            for (Map.Entry<String, SecretValue> secret : secrets.entrySet()) {
                SecretId id = InternalIds.ofSetting(plugin, secret.getKey());
                done.push(replace(target, id, secret.getValue(), context));
            }
            if (!texts.isEmpty()) {
                configured.put(plugin, texts);
            }
            plugins.enable(plugin, true, context);
        } catch (SecretsException e) {
            done.forEach(undo -> undo.run(target, context));
            restore(before, wasOn, context);
            throw e;
        } finally {
            done.forEach(Undo::close);
        }
    }

    private void restore(Map<String, String> before, boolean wasOn, RequestContext context) {
        try {
            if (!configured.written(plugin).equals(before)) {
                configured.remove(plugin);
                configured.put(plugin, before);
            }
            plugins.enable(plugin, wasOn, context);
        } catch (SecretsException e) {
            LOG.info("the plugin {} is as it was before: {}", plugin, e.getMessage());
        }
    }

    private static Undo replace(LocalStore target, SecretId id, SecretValue value, RequestContext context)
            throws SecretsException {
        Undo undo = new Undo(id, target.get(id, context));
        try {
            target.set(id, value, Map.of(), context);
            return undo;
        } catch (SecretsException e) {
            undo.close();
            throw e;
        }
    }

    /** What a secret was before. */
    private record Undo(SecretId id, Optional<Envelope> before) implements AutoCloseable {

        void run(LocalStore target, RequestContext context) {
            try {
                if (before.isPresent()) {
                    target.set(id, before.get().value(), before.get().metadata(), context);
                } else {
                    target.remove(id, context);
                }
            } catch (SecretsException e) {
                LOG.warn("{} is not as it was before: {}", id, e.getMessage());
            }
        }

        @Override
        public void close() {
            before.ifPresent(Envelope::close);
        }
    }

    @Override
    public void close() {
        visit.close();
    }
}
