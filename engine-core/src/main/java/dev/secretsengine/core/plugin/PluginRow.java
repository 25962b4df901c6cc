package dev.secretsengine.core.plugin;

/**
 * One line of {@code plugins ls}.
 *
 * @param name the plugin
 * @param version its version
 * @param pattern the IDs it is asked for
 * @param configurable whether it may be disabled
 * @param external whether it is a process of its own
 * @param bundle the symbolic name of its bundle
 * @param status what it is doing
 * @param message why, or how to set it up; one line or empty
 */
public record PluginRow(String name, String version, String pattern, boolean configurable, boolean external,
        String bundle, PluginStatus status, String message) {
}
