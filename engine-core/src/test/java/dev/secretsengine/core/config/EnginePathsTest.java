package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnginePathsTest {

    @TempDir
    Path folder;

    @Test
    void takesTheXdgVariables() {
        EnginePaths paths = EnginePaths.of(Map.of("XDG_CONFIG_HOME", "/c", "XDG_DATA_HOME", "/d", "XDG_STATE_HOME",
                "/s", "XDG_RUNTIME_DIR", folder.toString()));
        assertEquals(Path.of("/c/secrets-engine/config.toml"), paths.configFile());
        assertEquals(Path.of("/d/secrets-engine/runtime"), paths.dropFolder());
        assertEquals(Path.of("/s/secrets-engine/engine.lock"), paths.lockFile());
        assertEquals(Path.of("/s/secrets-engine/start.lock"), paths.startLockFile());
        assertEquals(Path.of("/s/secrets-engine/engine.address"), paths.addressFile());
        assertEquals(Path.of("/s/secrets-engine/logs/engine.log"), paths.logFile());
        assertEquals(folder.resolve("secrets-engine/cli.sock"), paths.cliSocket());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "relative/folder", "./here"})
    void ignoresAnXdgVariableThatIsNotAbsolute(String value) {
        EnginePaths paths = EnginePaths.of(Map.of("HOME", "/home/u", "XDG_CONFIG_HOME", value, "XDG_DATA_HOME", value,
                "XDG_STATE_HOME", value, "XDG_RUNTIME_DIR", folder.toString()));
        assertEquals(new EnginePaths(Path.of("/home/u/.config/secrets-engine"),
                Path.of("/home/u/.local/share/secrets-engine"), Path.of("/home/u/.local/state/secrets-engine"),
                folder.resolve("secrets-engine")), paths);
    }

    @Test
    void putsEverythingBelowTheEnginesOwnHome() {
        Map<String, String> environment = new HashMap<>(Map.of("SECRETS_ENGINE_HOME", "/e"));
        EnginePaths expected = new EnginePaths(Path.of("/e/config"), Path.of("/e/data"), Path.of("/e/state"),
                Path.of("/e/run"));
        assertEquals(expected, EnginePaths.of(environment), "without HOME");
        environment.putAll(Map.of("HOME", "/home/u", "XDG_CONFIG_HOME", "/c", "XDG_DATA_HOME", "/d", "XDG_STATE_HOME",
                "/s", "XDG_RUNTIME_DIR", folder.toString()));
        assertEquals(expected, EnginePaths.of(environment), "it wins over the XDG variables");
    }

    @Test
    void refusesRelativeHomes() {
        assertEquals("SECRETS_ENGINE_HOME is not an absolute path: set it to one that starts with /",
                messageFor(Map.of("SECRETS_ENGINE_HOME", "here")));
        assertEquals("HOME is not an absolute path: set it to one that starts with /",
                messageFor(Map.of("HOME", "here")));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void saysWhatToSetWithoutHome(boolean empty) {
        assertEquals("HOME is not set: set HOME, or SECRETS_ENGINE_HOME to a folder",
                messageFor(empty ? Map.of("HOME", "", "SECRETS_ENGINE_HOME", "") : Map.of()));
    }

    @Test
    void needsNoHomeWhereTheXdgVariablesSayAll() {
        EnginePaths paths = EnginePaths
                .of(Map.of("XDG_CONFIG_HOME", "/c", "XDG_DATA_HOME", "/d", "XDG_STATE_HOME", "/s"));
        assertEquals(Path.of("/s/secrets-engine"), paths.state());
    }

    @Test
    void putsSocketsIntoTheStateFolderIfTheRuntimeFolderIsMissing() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        for (Path unusable : new Path[]{folder.resolve("missing"), file, Path.of("relative")}) {
            EnginePaths paths = EnginePaths.of(Map.of("HOME", "/home/u", "XDG_RUNTIME_DIR", unusable.toString()));
            assertEquals(paths.state(), paths.run(), unusable.toString());
        }
    }

    @Test
    void takesASocketPathOf107BytesAndNoMore() {
        // The slash and "cli.sock" are 9 bytes; an umlaut is two bytes and one character.
        EnginePaths longest = pathsOfRun("/" + "a".repeat(95) + "ä");
        assertEquals(107, longest.cliSocket().toString().length() + 1);
        var error = assertThrows(IllegalArgumentException.class, pathsOfRun("/" + "a".repeat(96) + "ä")::cliSocket);
        assertEquals("the socket path /" + "a".repeat(96) + "ä/cli.sock has 108 bytes and a socket takes at most 107:"
                + " set SECRETS_ENGINE_HOME or XDG_RUNTIME_DIR to a shorter folder", error.getMessage());
    }

    @Test
    void followsTheAddressRecordOfTheRunningEngine() throws IOException {
        EnginePaths paths = new EnginePaths(folder, folder, folder.resolve("state"), Path.of("/r"));
        assertEquals(Path.of("/r/cli.sock"), paths.runningCliSocket(), "no record");
        Files.createDirectories(paths.state());
        Files.writeString(paths.addressFile(), "pid=12\nsocket=/elsewhere/cli.sock\nbuild=1\n");
        assertEquals(Path.of("/elsewhere/cli.sock"), paths.runningCliSocket());
        Files.writeString(paths.addressFile(), "socket=relative\n");
        assertEquals(Path.of("/r/cli.sock"), paths.runningCliSocket(), "a record that makes no sense");
        Files.write(paths.addressFile(), new byte[]{(byte) 0xff, 0, 0});
        assertEquals(Path.of("/r/cli.sock"), paths.runningCliSocket(), "a damaged record");
    }

    private EnginePaths pathsOfRun(String run) {
        return new EnginePaths(folder, folder, folder, Path.of(run));
    }

    private static String messageFor(Map<String, String> environment) {
        return assertThrows(IllegalArgumentException.class, () -> EnginePaths.of(environment)).getMessage();
    }
}
