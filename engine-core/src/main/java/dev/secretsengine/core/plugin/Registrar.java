package dev.secretsengine.core.plugin;

/**
 * Decides whose services are taken: a plugin's settings are its own, so no bundle comes by them under a name that is not
 * its own. Thread-safe.
 */
public final class Registrar {

    private final BundleRuns runs;

    Registrar(BundleRuns runs) {
        this.runs = runs;
    }

    /** Whether a bundle may register a plugin: its manifest declares it, and no other bundle has the name. */
    public boolean admits(String bundle, String plugin) {
        return runs.owner(plugin).filter(run -> run.bundle().name().equals(bundle)).isPresent();
    }

    /** Whether a bundle may register a local store: its manifest declares it. */
    public boolean admitsStore(String bundle, String store) {
        return runs.present().stream()
                .anyMatch(run -> run.bundle().name().equals(bundle) && run.declaresStore(store));
    }
}
