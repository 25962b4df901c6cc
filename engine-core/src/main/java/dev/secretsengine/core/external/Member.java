package dev.secretsengine.core.external;

import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;

/** What has registered: a provider, or a module of access control. */
sealed interface Member permits ExternalPlugin, AccessModule {

    /** Of one that has not been seen since the engine started. */
    String UNKNOWN_VERSION = "0.0.0";

    String name();

    /** Without a leading v. */
    String version();

    /** The IDs that it is asked for; empty for a module. */
    String servedPattern();

    PluginChannel channel();

    default PluginRow row(PluginStatus status, String message) {
        return row(name(), version(), servedPattern(), status, message);
    }

    /** Of one that is not there, and so does not say what it serves. */
    static PluginRow absent(String name, String version, PluginStatus status, String message) {
        return row(name, version, "", status, message);
    }

    private static PluginRow row(String name, String version, String pattern, PluginStatus status, String message) {
        return new PluginRow(name, version, pattern, true, true, "", status, message);
    }
}
