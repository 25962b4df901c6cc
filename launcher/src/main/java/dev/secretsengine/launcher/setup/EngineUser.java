package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.launcher.docker.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The user whose engine is meant: the caller, or who called sudo.
 *
 * @param uid his uid
 * @param name his name, empty where he is the caller
 * @param environment what leads to his engine
 * @param socket where it listens
 */
record EngineUser(int uid, Optional<String> name, Map<String, String> environment, Path socket) {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final int NAME = 0;
    private static final int HOME = 5;

    /** The name of his runtime in {@code daemon.json}. */
    String runtime() {
        return "se-" + uid;
    }

    static EngineUser of(Options options, Map<String, String> environment, int ownUid, Places places)
            throws SetupException, IOException {
        Optional<String> told = options.value(Options.AS_UID);
        if (told.isPresent()) {
            Path socket = Path.of(options.value(Options.AS_SOCKET).orElse("/"));
            return new EngineUser(number(Options.AS_UID, told.get()), Optional.empty(), Map.of(), socket);
        }
        int sudo = ownUid == 0 ? number("SUDO_UID", environment.getOrDefault("SUDO_UID", "0")) : 0;
        return sudo == 0
                ? new EngineUser(ownUid, Optional.empty(), environment, socket(environment))
                : behindSudo(sudo, places);
    }

    private static int number(String what, String text) throws SetupException {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw new SetupException(what + " is not a number: unset it or correct it");
        }
    }

    /** Nothing of root's own environment says where another user's engine is. */
    private static EngineUser behindSudo(int uid, Places places) throws SetupException, IOException {
        Optional<Program> getent = places.program("getent", Map.of());
        String entry = getent.isPresent()
                ? getent.get().run(PATIENCE, "passwd", Integer.toString(uid)).text()
                : "";
        List<String> fields = List.of(entry.split(":"));
        if (fields.size() <= HOME) {
            throw new SetupException(
                    "there is no user with uid " + uid + ", which SUDO_UID names: correct or unset it");
        }
        Map<String, String> environment = new HashMap<>(Map.of("HOME", fields.get(HOME), "USER", fields.get(NAME),
                "PATH", "/usr/local/bin:/usr/bin:/bin"));
        Path run = places.userRun().resolve(Integer.toString(uid));
        // Without this the paths would take root's own run-time folder.
        environment.put("XDG_RUNTIME_DIR", run.toString());
        Path bus = run.resolve("bus");
        if (Files.exists(bus)) {
            environment.put("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + bus);
        }
        return new EngineUser(uid, Optional.of(fields.get(NAME)), Map.copyOf(environment), socket(environment));
    }

    private static Path socket(Map<String, String> environment) {
        EnginePaths paths = EnginePaths.of(environment);
        Path running = paths.runningCliSocket();
        // The record of an engine that was killed outlives it.
        return Files.exists(running) ? running : paths.cliSocket();
    }
}
