package dev.secretsengine.core.config;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where clients and plugins of the Go SDK look for an engine, and where one that launches plugins finds them. An engine
 * with {@code SECRETS_ENGINE_HOME} keeps to its own folder unless it is asked to take the shared names as well.
 *
 * @param own the socket below {@code SECRETS_ENGINE_HOME}, null without it
 * @param shared the socket that the SDK knows, null if the environment does not lead to it
 * @param plugins the folder of executables that the engine launches
 */
public record SdkPaths(@Nullable Path own, @Nullable Path shared, Path plugins) {

    private static final String FOLDER = "docker-secrets-engine";

    private static final String SOCKET = "engine.sock";

    /**
     * Reads the environment.
     *
     * @param paths those of the same environment
     */
    public static SdkPaths of(Map<String, String> environment, EnginePaths paths) {
        Path shared = shared(environment);
        String home = environment.get("SECRETS_ENGINE_HOME");
        if (home != null && !home.isEmpty()) {
            return new SdkPaths(paths.run().resolve(SOCKET), shared, paths.config().resolve("plugins"));
        }
        return new SdkPaths(null, shared, paths.config().resolveSibling(FOLDER).resolve("plugins"));
    }

    private static @Nullable Path shared(Map<String, String> environment) {
        String cache = environment.getOrDefault("XDG_CACHE_HOME", "");
        String home = environment.getOrDefault("HOME", "");
        if (cache.startsWith("/")) {
            return Path.of(cache, FOLDER, SOCKET);
        }
        return home.startsWith("/") ? Path.of(home, ".cache", FOLDER, SOCKET) : null;
    }

    /** Whether the names that all engines of a user have in common are to be taken. */
    public boolean takesSharedNames(boolean wanted) {
        return own == null || wanted;
    }

    /** The socket files to be served. */
    public List<Path> sockets(boolean wanted) {
        List<Path> files = new ArrayList<>();
        if (own != null) {
            files.add(own);
        }
        if (shared != null && takesSharedNames(wanted)) {
            files.add(shared);
        }
        return files;
    }

    /** The abstract name that the newest SDK tries first, without its leading NUL. */
    public static String abstractName(long uid) {
        return FOLDER + "/" + uid + "/daemon.sock";
    }
}
