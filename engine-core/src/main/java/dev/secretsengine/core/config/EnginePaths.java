package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of one user's engine lie. With {@code SECRETS_ENGINE_HOME} everything is below that folder, otherwise
 * the XDG variables decide.
 *
 * @param config configuration and the age identity
 * @param data age entries and the user's drop folder
 * @param state lock, address record, enabled plugins, logs, the framework's cache
 * @param run the folder of the sockets
 */
public record EnginePaths(Path config, Path data, Path state, Path run) {

    /** The longest path of a Unix socket in bytes, on Linux. */
    private static final int SOCKET_PATH_LIMIT = 107;

    private static final String NAME = "secrets-engine";

    /**
     * Reads the environment.
     *
     * @throws IllegalArgumentException if neither {@code HOME} nor {@code SECRETS_ENGINE_HOME} says where to go, or a
     *     path is not absolute
     */
    public static EnginePaths of(Map<String, String> environment) {
        String home = environment.get("SECRETS_ENGINE_HOME");
        if (home != null && !home.isEmpty()) {
            Path root = absolute("SECRETS_ENGINE_HOME", home);
            return new EnginePaths(root.resolve("config"), root.resolve("data"), root.resolve("state"),
                    root.resolve("run"));
        }
        Path state = xdg(environment, "XDG_STATE_HOME", ".local/state");
        return new EnginePaths(xdg(environment, "XDG_CONFIG_HOME", ".config"),
                xdg(environment, "XDG_DATA_HOME", ".local/share"), state, runFolder(environment).orElse(state));
    }

    private static Path xdg(Map<String, String> environment, String variable, String fallback) {
        String configured = environment.get(variable);
        // The XDG specification: a relative path is ignored.
        if (configured != null && configured.startsWith("/")) {
            return Path.of(configured, NAME);
        }
        String home = environment.get("HOME");
        if (home == null || home.isEmpty()) {
            throw new IllegalArgumentException("HOME is not set: set HOME, or SECRETS_ENGINE_HOME to a folder");
        }
        return absolute("HOME", home).resolve(fallback).resolve(NAME);
    }

    private static Path absolute(String variable, String path) {
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException(variable + " is not an absolute path: set it to one that starts with /");
        }
        return Path.of(path);
    }

    private static Optional<Path> runFolder(Map<String, String> environment) {
        String configured = environment.get("XDG_RUNTIME_DIR");
        if (configured != null && !configured.isEmpty()) {
            return usable(Path.of(configured));
        }
        return ownUid().flatMap(uid -> usable(Path.of("/run/user", uid)));
    }

    private static Optional<Path> usable(Path folder) {
        return folder.isAbsolute() && Files.isDirectory(folder) && Files.isWritable(folder)
                ? Optional.of(folder.resolve(NAME))
                : Optional.empty();
    }

    private static Optional<String> ownUid() {
        try {
            return Optional.of(Files.getAttribute(Path.of("/proc/self"), "unix:uid").toString());
        } catch (IOException | UnsupportedOperationException e) {
            return Optional.empty();
        }
    }

    /** The configuration file, which need not exist. */
    public Path configFile() {
        return config.resolve("config.toml");
    }

    /** What set-up writes of the settings of plugins; need not exist. */
    public Path pluginSettingsFile() {
        return config.resolve("plugins.toml");
    }

    /** What a plugin keeps of its own below {@link dev.secretsengine.api.PluginProperties#STATE_FOLDER}. */
    public Path pluginState(String plugin) {
        return state.resolve("plugin").resolve(plugin);
    }

    /** The user's drop folder for bundles. */
    public Path dropFolder() {
        return data.resolve("runtime");
    }

    /** Held by the one engine that runs. */
    public Path lockFile() {
        return state.resolve("engine.lock");
    }

    /** Held by a client while it starts an engine. */
    public Path startLockFile() {
        return state.resolve("start.lock");
    }

    /** Where the running engine listens, for callers whose environment would lead elsewhere. */
    public Path addressFile() {
        return state.resolve("engine.address");
    }

    /** The log of the engine. */
    public Path logFile() {
        return state.resolve("logs").resolve("engine.log");
    }

    /**
     * Where a new engine listens for commands.
     *
     * @throws IllegalArgumentException if the path is longer than a socket's may be
     */
    public Path cliSocket() {
        return checkLength(run.resolve("cli.sock"));
    }

    /**
     * Where a new engine serves the secret driver of Docker Swarm.
     *
     * @throws IllegalArgumentException if the path is longer than a socket's may be
     */
    public Path swarmSocket() {
        return checkLength(run.resolve("swarm.sock"));
    }

    /** Where the running engine listens: as its address record says, else as this environment leads. */
    public Path runningCliSocket() {
        return Optional.ofNullable(recordedSocket()).orElseGet(this::cliSocket);
    }

    private @Nullable Path recordedSocket() {
        try {
            for (String line : Files.readAllLines(addressFile())) {
                if (line.startsWith("socket=/")) {
                    return Path.of(line.substring("socket=".length()));
                }
            }
            return null;
        } catch (IOException | InvalidPathException e) {
            return null;
        }
    }

    private static Path checkLength(Path socket) {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > SOCKET_PATH_LIMIT) {
            throw new IllegalArgumentException("the socket path " + socket + " has " + length
                    + " bytes and a socket takes at most " + SOCKET_PATH_LIMIT
                    + ": set SECRETS_ENGINE_HOME or XDG_RUNTIME_DIR to a shorter folder");
        }
        return socket;
    }
}
