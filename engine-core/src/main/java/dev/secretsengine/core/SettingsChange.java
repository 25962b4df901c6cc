package dev.secretsengine.core;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.KeptSettings;
import dev.secretsengine.core.config.PluginSettings;
import dev.secretsengine.core.resolve.InternalIds;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * New settings of a plugin in the place of its old ones. Secrets are written as a new set beside the old one, and one
 * write of the file then names that set together with the plain settings that it was checked with. Used by one thread.
 */
final class SettingsChange {

    private static final Logger LOG = LoggerFactory.getLogger(SettingsChange.class);

    private final String plugin;
    private final PluginSettings configured;
    private final LocalStore target;
    private final KeptSettings before;
    private KeptSettings now;

    SettingsChange(String plugin, PluginSettings configured, LocalStore target, KeptSettings before) {
        this.plugin = plugin;
        this.configured = configured;
        this.target = target;
        this.before = before;
        this.now = before;
    }

    void make(Map<String, String> texts, Map<String, SecretValue> secrets, RequestContext context)
            throws SecretsException {
        if (secrets.isEmpty()) {
            replace(before.with(texts));
            return;
        }
        // A store that cannot be used says so before anything is written.
        List<SecretId> there = target.list(InternalIds.ofPlugin(plugin), context).stream().map(SecretInfo::id).toList();
        String set = UUID.randomUUID().toString().substring(0, 8);
        // From here on nobody else's change can succeed, so what is of no set that is read was left by an engine that
        // was killed, or by a change that failed.
        replace(now.with(before.secrets(), set));
        for (SecretId old : there) {
            String name = old.components().getLast();
            if (!isOf(before.secrets(), old)) {
                target.remove(old, context);
            } else if (!secrets.containsKey(name)) {
                copy(old, InternalIds.ofSetting(plugin, set, name), context);
            }
        }
        for (Map.Entry<String, SecretValue> secret : secrets.entrySet()) {
            target.set(InternalIds.ofSetting(plugin, set, secret.getKey()), secret.getValue(), Map.of(), context);
        }
        if (context.isOver()) {
            throw new SecretsException.Unavailable(plugin, "the plugin " + plugin + " was not set up in time",
                    "run this again");
        }
        replace(now.with(texts).with(set, before.secrets()));
    }

    private void replace(KeptSettings next) throws SecretsException {
        configured.replace(plugin, now, next);
        now = next;
    }

    private boolean isOf(String set, SecretId id) {
        return !set.isEmpty() && InternalIds.ofSet(plugin, set).matches(id);
    }

    private void copy(SecretId from, SecretId to, RequestContext context) throws SecretsException {
        Optional<Envelope> found = target.get(from, context);
        if (found.isPresent()) {
            try (Envelope secret = found.get()) {
                target.set(to, secret.value(), secret.metadata(), context);
            }
        }
    }

    private void remove(String set, RequestContext context) throws SecretsException {
        if (!set.isEmpty()) {
            for (SecretInfo secret : target.list(InternalIds.ofSet(plugin, set), context)) {
                target.remove(secret.id(), context);
            }
        }
    }

    /** Everything is as it was before; what somebody else has changed meanwhile stays as that one has made it. */
    void undo(RequestContext context) {
        if (now.equals(before)) {
            return;
        }
        boolean isMade = !now.secrets().equals(before.secrets());
        try {
            replace(before.with(before.secrets(), isMade ? now.secrets() : now.stale()));
        } catch (SecretsException e) {
            LOG.warn("the settings of {} are not as they were before: {}", plugin, e.getMessage());
            if (isMade) {
                return;
            }
        }
        dropOld(context);
    }

    /** The secrets that nobody reads any more. If that fails, the next set-up or purge does it. */
    void dropOld(RequestContext context) {
        try {
            remove(now.stale(), context);
            replace(now.with(now.secrets(), ""));
        } catch (SecretsException e) {
            LOG.warn("old secrets of {} are still in the store: {}", plugin, e.getMessage());
        }
    }
}
