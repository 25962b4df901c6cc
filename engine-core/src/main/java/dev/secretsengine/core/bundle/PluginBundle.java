package dev.secretsengine.core.bundle;

import java.util.List;
import java.util.Optional;

/**
 * A bundle that could serve plugins, started or not.
 *
 * @param id tells this bundle, in this revision, from all others
 * @param name its symbolic name, or the name of a file that is no bundle
 * @param version its version, as text
 * @param builtIn whether it is part of the engine's own image
 * @param plugins what its manifest declares
 * @param failure why it cannot be used at all, one line
 * @param jar the jar it came in, if it is no part of the engine's own image
 */
public record PluginBundle(String id, String name, String version, boolean builtIn, List<PluginDeclaration> plugins,
        Optional<String> failure, Optional<DroppedJar> jar) {

    /** Copies the declarations. */
    public PluginBundle {
        plugins = List.copyOf(plugins);
    }

    /** A bundle that came in no jar of its own. */
    public PluginBundle(String id, String name, String version, boolean builtIn, List<PluginDeclaration> plugins,
            Optional<String> failure) {
        this(id, name, version, builtIn, plugins, failure, Optional.empty());
    }
}
