package dev.secretsengine.core.plugin;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.SecretsException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Hands plugins their settings. That may take as long as a plugin likes, so another hand-over may overtake it; then the last
 * one to end does not know whose settings are in force. Thread-safe.
 */
final class Configuring {

    private final ProviderRegistry.Configurator configurator;
    private final Map<String, Integer> underWay = new HashMap<>();
    private final Set<String> overlapped = new HashSet<>();

    Configuring(ProviderRegistry.Configurator configurator) {
        this.configurator = configurator;
    }

    void configure(String plugin, Configurable provider) throws SecretsException {
        count(plugin, 1);
        try {
            configurator.configure(plugin, provider);
        } catch (RuntimeException | Error e) {
            // Its message may hold anything, a setting's secret value for one.
            throw new SecretsException.Failed(plugin,
                    "the plugin " + plugin + " threw " + e.getClass().getName() + " when it was configured", "")
                    .causedBy(e);
        } finally {
            count(plugin, -1);
        }
    }

    private synchronized void count(String plugin, int change) {
        int now = underWay.merge(plugin, change, Integer::sum);
        if (now > 1) {
            overlapped.add(plugin);
        } else if (now == 0) {
            underWay.remove(plugin);
        }
    }

    /** Whether a hand-over has not ended yet. */
    synchronized boolean isUnderWay(String plugin) {
        return underWay.containsKey(plugin);
    }

    /** Whether the plugin is to be configured once more, because hand-overs have overlapped that are all over. Told once. */
    synchronized boolean takeOverlap(String plugin) {
        return !isUnderWay(plugin) && overlapped.remove(plugin);
    }
}
