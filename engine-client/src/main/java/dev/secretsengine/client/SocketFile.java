package dev.secretsengine.client;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Where the engine of this user listens. */
final class SocketFile {

    private static final Path IN_CACHE = Path.of("docker-secrets-engine", "engine.sock");

    private SocketFile() {
    }

    /** As the environment and the system say. */
    static Path find() throws EngineException {
        return find(System.getenv(), name -> System.getProperty(name, ""));
    }

    static Path find(Map<String, String> environment, UnaryOperator<String> properties) throws EngineException {
        String own = environment.get("SECRETS_ENGINE_HOME");
        if (own != null && !own.isEmpty()) {
            return absolute("SECRETS_ENGINE_HOME", own).resolve("run").resolve("engine.sock");
        }
        String system = properties.apply("os.name").toLowerCase(Locale.ROOT);
        if (system.startsWith("windows")) {
            return absolute("LOCALAPPDATA", environment.get("LOCALAPPDATA")).resolve("DockerSecretsEngine")
                    .resolve("service").resolve("daemon.sock");
        }
        String home = environment.getOrDefault("HOME", properties.apply("user.home"));
        if (system.startsWith("mac")) {
            return absolute("HOME", home).resolve("Library").resolve("Caches").resolve(IN_CACHE);
        }
        String cache = environment.get("XDG_CACHE_HOME");
        // The XDG specification: a relative path is ignored.
        return cache != null && cache.startsWith("/")
                ? Path.of(cache).resolve(IN_CACHE)
                : absolute("HOME", home).resolve(".cache").resolve(IN_CACHE);
    }

    private static Path absolute(String variable, @Nullable String folder) throws EngineException {
        if (folder == null || folder.isEmpty() || !Path.of(folder).isAbsolute()) {
            throw new EngineException.Invalid(variable + " is not an absolute path: set it, or give the socket's path");
        }
        return Path.of(folder);
    }
}
