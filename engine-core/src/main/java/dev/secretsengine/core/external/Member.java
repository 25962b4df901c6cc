package dev.secretsengine.core.external;

import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;

/** What has registered: a provider, or a module of access control. */
sealed interface Member permits ExternalPlugin, AccessModule {

    String name();

    /** Without a leading v. */
    String version();

    /** The IDs that it is asked for; empty for a module. */
    String servedPattern();

    PluginChannel channel();

    default PluginRow row(PluginStatus status, String message) {
        return new PluginRow(name(), version(), servedPattern(), true, true, "", status, message);
    }
}
