package dev.secretsengine.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketFileTest {

    private static Path find(String system, String... environment) throws EngineException {
        Map<String, String> variables = new HashMap<>();
        for (String variable : environment) {
            variables.put(variable.split("=")[0], variable.substring(variable.indexOf('=') + 1));
        }
        return SocketFile.find(variables, name -> name.equals("os.name") ? system : "/from/passwd");
    }

    @ParameterizedTest
    @CsvSource({"SECRETS_ENGINE_HOME=relative,Linux", "HOME=,Linux", "HOME=relative,Mac OS X",
            "HOME=/home/me,Windows 11"})
    void rejectsAnEnvironmentThatLeadsNowhere(String variable, String system) {
        assertThrows(EngineException.Invalid.class, () -> find(system, variable));
    }

    @Test
    void aHomeOfItsOwnComesFirst() throws EngineException {
        assertEquals(Path.of("/se/run/engine.sock"),
                find("Linux", "SECRETS_ENGINE_HOME=/se", "XDG_CACHE_HOME=/cache", "HOME=/home/me"));
    }

    @Test
    void thenTheCacheFolderOfTheSystem() throws EngineException {
        assertEquals(Path.of("/cache/docker-secrets-engine/engine.sock"),
                find("Linux", "XDG_CACHE_HOME=/cache", "HOME=/home/me", "SECRETS_ENGINE_HOME="));
        assertEquals(Path.of("/home/me/.cache/docker-secrets-engine/engine.sock"),
                find("Linux", "XDG_CACHE_HOME=relative", "HOME=/home/me"));
        assertEquals(Path.of("/from/passwd/.cache/docker-secrets-engine/engine.sock"), find("Linux"));
        assertEquals(Path.of("/home/me/Library/Caches/docker-secrets-engine/engine.sock"),
                find("Mac OS X", "XDG_CACHE_HOME=/cache", "HOME=/home/me"));
        assertEquals(Path.of("/local/DockerSecretsEngine/service/daemon.sock"),
                find("Windows 11", "LOCALAPPDATA=/local"));
    }
}
