package dev.secretsengine.launcher.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClientEnvironmentTest {

    private static Map<String, String> restored(Map<String, String> environment) {
        Map<String, String> restored = new HashMap<>(environment);
        ClientEnvironment.restore(restored);
        return restored;
    }

    @Test
    void takesOutWhatTheEntryPointAndDockerPutIn() {
        assertEquals(Map.of("PATH", "/bin", "DOCKER_CONFIG", "/c"),
                restored(Map.of("DOCKER_PASS_TERMINAL", "111", "DOCKER_CLI_PLUGIN_SOCKET", "@docker_cli_1",
                        "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND", "docker pass", "LC_ALL", "C.UTF-8", "PATH", "/bin",
                        "DOCKER_CONFIG", "/c")));
    }

    @Test
    void bringsBackWhatWasPutAside() {
        assertEquals(Map.of("LC_ALL", "de_DE.UTF-8", "JDK_JAVA_OPTIONS", "-Xmx1g", "JAVA_TOOL_OPTIONS", ""),
                restored(Map.of("LC_ALL", "C.UTF-8", "DOCKER_PASS_SAVED_LC_ALL", "de_DE.UTF-8",
                        "DOCKER_PASS_SAVED_JDK_JAVA_OPTIONS", "-Xmx1g", "DOCKER_PASS_SAVED_JAVA_TOOL_OPTIONS", "")));
    }

    @Test
    void leavesAnythingElseAlone() {
        Map<String, String> own = Map.of("A", "se://x", "DOCKER_PASS", "1", "LANG", "C");
        assertEquals(own, restored(own));
    }
}
