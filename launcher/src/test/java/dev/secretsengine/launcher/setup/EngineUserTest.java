package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineUserTest {

    @TempDir
    Path folder;

    private Machine machine;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(folder);
        machine.program("bin/getent", "#!/bin/sh\n[ \"$*\" = 'passwd 1000' ] || exit 2\n"
                + "echo 'zoe:x:1000:1000:Zoë:" + machine.folder() + "/zoe:/bin/sh'\n");
    }

    private EngineUser user(int uid, Map<String, String> environment) throws Exception {
        return EngineUser.of(Options.parse(List.of("docker")), environment, uid, machine.places());
    }

    @Test
    void isTheCaller() throws Exception {
        EngineUser user = user(1000, Map.of("HOME", "/home/a", "XDG_RUNTIME_DIR", machine.folder().toString(),
                "SUDO_UID", "5"));
        assertEquals("se-1000", user.runtime());
        assertEquals(machine.folder().resolve("secrets-engine/cli.sock"), user.socket());
        assertEquals(Optional.empty(), user.name());
        assertEquals("se-0", user(0, Map.of("HOME", "/root")).runtime());
        assertEquals("se-0", user(0, Map.of("HOME", "/root", "SUDO_UID", "0")).runtime());
    }

    @Test
    void isWhoCalledSudo() throws Exception {
        Map<String, String> roots = Map.of("HOME", "/root", "XDG_RUNTIME_DIR", machine.folder().toString(),
                "XDG_STATE_HOME", "/x", "SECRETS_ENGINE_HOME", "/y", "SUDO_UID", "1000");
        EngineUser user = user(0, roots);
        assertEquals("se-1000", user.runtime());
        assertEquals(Optional.of("zoe"), user.name());
        assertEquals(machine.folder().resolve("zoe/.local/state/secrets-engine/cli.sock"), user.socket());
        Files.createDirectories(machine.places().userRun().resolve("1000"));
        assertEquals(machine.places().userRun().resolve("1000/secrets-engine/cli.sock"), user(0, roots).socket());
    }

    @Test
    void isNobodyUnknown() {
        assertThrows(SetupException.class, () -> user(0, Map.of("SUDO_UID", "77")));
        assertThrows(SetupException.class, () -> user(0, Map.of("SUDO_UID", "x")));
    }
}
