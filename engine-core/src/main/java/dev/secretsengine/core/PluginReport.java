package dev.secretsengine.core;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.plugin.PluginHealth;
import dev.secretsengine.core.plugin.PluginRow;
import java.util.Map;
import java.util.Optional;

/**
 * Everything there is to say of one plugin.
 *
 * @param row its line in the list
 * @param group the group it belongs to, empty for none
 * @param bundle the bundle it comes from; none for a process of its own
 * @param settings what is configured, or its default, by setting; of a secret only whether there is one
 * @param health what came of its lookups since the engine was started
 * @param hits lookups that it answered from memory, 0 if it remembers nothing
 * @param misses lookups that it could not answer so
 */
public record PluginReport(PluginRow row, String group, Optional<PluginBundle> bundle, Map<String, String> settings,
        PluginHealth health, long hits, long misses) {
}
