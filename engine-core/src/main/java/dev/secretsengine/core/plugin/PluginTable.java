package dev.secretsengine.core.plugin;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import java.util.Optional;

/** Makes the lines of {@code plugins ls} for plugins of bundles: why one does not serve, the first reason there is. */
final class PluginTable {

    private final ProviderRegistry registry;
    private final EnabledPlugins enabled;
    private final PluginHost host;
    private final Quarantine quarantine;

    PluginTable(ProviderRegistry registry, EnabledPlugins enabled, PluginHost host, Quarantine quarantine) {
        this.registry = registry;
        this.enabled = enabled;
        this.host = host;
        this.quarantine = quarantine;
    }

    private record State(PluginStatus status, String message) {
    }

    /** Of a bundle that declares nothing that makes sense. */
    PluginRow row(PluginBundle bundle, String failure) {
        return new PluginRow(bundle.name(), bundle.version(), "", false, false, bundle.name(), PluginStatus.CRASHED,
                failure);
    }

    /**
     * Of a declared plugin.
     *
     * @param owner the bundle that has the plugin's name
     */
    PluginRow row(BundleRun run, PluginDeclaration plugin, PluginBundle owner) {
        PluginBundle bundle = run.bundle();
        State state = state(run, plugin, owner);
        String remark = bundle.equals(owner) ? host.remark(bundle) : "";
        String message = remark.isEmpty() || state.status() == PluginStatus.CRASHED ? state.message() : remark;
        String pattern = registry.plugin(plugin.name()).map(ProviderEntry::pattern).orElse(plugin.pattern()).toString();
        return new PluginRow(plugin.name(), plugin.version(), pattern, plugin.configurable(), false, bundle.name(),
                state.status(), message);
    }

    private State state(BundleRun run, PluginDeclaration plugin, PluginBundle owner) {
        PluginBundle bundle = run.bundle();
        Optional<String> broken = bundle.failure();
        if (broken.isPresent()) {
            return new State(PluginStatus.CRASHED, broken.get());
        }
        if (!bundle.equals(owner)) {
            return new State(PluginStatus.CRASHED, "the name is taken by bundle " + owner.name());
        }
        if (enabled.problem().isPresent()) {
            return new State(PluginStatus.STOPPED, "it may be disabled: that cannot be read");
        }
        if (!enabled.isEnabled(plugin)) {
            return new State(PluginStatus.DISABLED,
                    plugin.hint().isEmpty() ? "docker pass plugins enable " + plugin.name() : plugin.hint());
        }
        Optional<String> failure = quarantine.reason(bundle)
                .map(reason -> reason + ": docker pass plugins enable " + plugin.name() + " tries it at once")
                .or(run::failure);
        if (failure.isPresent()) {
            return new State(PluginStatus.CRASHED, failure.get());
        }
        if (run.isBusy()) {
            return new State(PluginStatus.STOPPED, "on its way");
        }
        if (registry.plugin(plugin.name()).isEmpty()) {
            return new State(PluginStatus.CRASHED,
                    registry.absence(plugin.name()));
        }
        PluginHealth health = registry.health(plugin.name());
        return health.trouble().map(trouble -> new State(PluginStatus.CRASHED, trouble))
                .orElseGet(() -> new State(PluginStatus.RUNNING, health.unanswered()));
    }
}
