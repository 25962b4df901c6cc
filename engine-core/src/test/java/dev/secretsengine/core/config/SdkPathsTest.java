package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SdkPathsTest {

    private static SdkPaths paths(Map<String, String> environment) {
        return SdkPaths.of(environment, EnginePaths.of(environment));
    }

    @Test
    void areThoseThatTheSdkKnows() {
        SdkPaths paths = paths(Map.of("HOME", "/home/u"));
        assertEquals(List.of(Path.of("/home/u/.cache/docker-secrets-engine/engine.sock")), paths.sockets(false));
        assertEquals(Path.of("/home/u/.config/docker-secrets-engine/plugins"), paths.plugins());
        assertTrue(paths.takesSharedNames(false));
    }

    @Test
    void followTheXdgVariables() {
        SdkPaths paths = paths(Map.of("HOME", "/home/u", "XDG_CACHE_HOME", "/c", "XDG_CONFIG_HOME", "/f"));
        assertEquals(List.of(Path.of("/c/docker-secrets-engine/engine.sock")), paths.sockets(false));
        assertEquals(Path.of("/f/docker-secrets-engine/plugins"), paths.plugins());
        assertEquals(List.of(Path.of("/home/u/.cache/docker-secrets-engine/engine.sock")),
                paths(Map.of("HOME", "/home/u", "XDG_CACHE_HOME", "relative")).sockets(false));
    }

    @Test
    void stayBelowTheEnginesOwnHome() {
        SdkPaths paths = paths(Map.of("HOME", "/home/u", "SECRETS_ENGINE_HOME", "/e"));
        assertEquals(List.of(Path.of("/e/run/engine.sock")), paths.sockets(false));
        assertEquals(Path.of("/e/config/plugins"), paths.plugins());
        assertFalse(paths.takesSharedNames(false));
        assertEquals(List.of(Path.of("/e/run/engine.sock"),
                Path.of("/home/u/.cache/docker-secrets-engine/engine.sock")), paths.sockets(true));
        assertEquals(List.of(Path.of("/e/run/engine.sock")),
                paths(Map.of("SECRETS_ENGINE_HOME", "/e")).sockets(true), "nothing leads to the shared one");
    }

    @Test
    void haveAnAbstractNameForEachUser() {
        assertEquals("docker-secrets-engine/1000/daemon.sock", SdkPaths.abstractName(1000));
    }
}
