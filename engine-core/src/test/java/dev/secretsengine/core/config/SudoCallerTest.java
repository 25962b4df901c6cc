package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SudoCallerTest {

    @TempDir
    Path home;

    @BeforeEach
    void giveTheHomeToAnotherUserThanRoot() throws IOException {
        if ((Integer) Files.getAttribute(home, "unix:uid") == 0) {
            Files.setAttribute(home, "unix:uid", 65534);
        }
    }

    private Map<String, String> behindSudo(String... more) {
        Map<String, String> environment = new HashMap<>(Map.of("SUDO_UID", "1000", "SUDO_USER", "alice"));
        for (int i = 0; i < more.length; i += 2) {
            environment.put(more[i], more[i + 1]);
        }
        return environment;
    }

    private static Optional<String> objection(Map<String, String> environment) {
        return SudoCaller.of(environment, 0).flatMap(SudoCaller::objection);
    }

    private Optional<String> kept(String variable) {
        return Optional.of("sudo kept " + variable + "=" + home + ": root would leave files there that you cannot read;"
                + " run it without sudo, or sudo -H docker pass ls for root's own secrets");
    }

    @Test
    void refusesFoldersOfAnotherUser() {
        assertEquals(kept("HOME"), objection(behindSudo("HOME", home.toString())));
        assertEquals(kept("XDG_CACHE_HOME"), objection(behindSudo("HOME", "/", "XDG_CACHE_HOME", home.toString())));
        assertEquals(kept("XDG_RUNTIME_DIR"), objection(behindSudo("HOME", "/", "XDG_RUNTIME_DIR", home.toString())));
    }

    @Test
    void refusesWhatIsRootsInTheHomeOfAnotherUser() throws IOException {
        for (String folder : new String[]{".config", ".local/share", ".local/state", ".cache"}) {
            Files.createDirectories(home.resolve(folder).resolve("secrets-engine"));
        }
        assertEquals(kept("HOME"), objection(behindSudo("HOME", home.toString())));
    }

    @Test
    void acceptsFoldersOfRoot() {
        assertEquals(Optional.empty(), objection(behindSudo("HOME", "/nonexistent")));
        assertEquals(Optional.empty(), objection(behindSudo()));
        assertEquals(Optional.empty(), objection(behindSudo("HOME", "/", "XDG_DATA_HOME", "relative")));
    }

    @Test
    void concernsRootBehindTheSudoOfAnotherUserOnly() {
        Map<String, String> environment = behindSudo("HOME", home.toString());
        assertEquals(Optional.empty(), SudoCaller.of(environment, 1000), "sudo -u");
        environment.put("SUDO_UID", "0");
        assertEquals(Optional.empty(), SudoCaller.of(environment, 0), "root's own sudo");
        assertEquals(Optional.empty(), SudoCaller.of(Map.of("HOME", home.toString()), 0), "a job in a container");
        assertEquals(Optional.empty(), SudoCaller.of(behindSudo("SECRETS_ENGINE_HOME", "/x"), 0));
    }

    @Test
    void saysWhoseSecretsAreUsedWhereSudoStandsBeforeTheCommand() {
        Optional<String> note = Optional.of("note: sudo: this uses root's secrets, not those of alice");
        assertEquals(note, note(behindSudo()));
        assertEquals(note, note(behindSudo("SUDO_COMMAND", "/usr/bin/docker pass ls")));
        assertEquals(Optional.empty(), note(behindSudo("SUDO_COMMAND", "/bin/bash")));
        Map<String, String> unnamed = behindSudo();
        unnamed.remove("SUDO_USER");
        assertEquals(Optional.of("note: sudo: this uses root's secrets, not those of uid 1000"), note(unnamed));
    }

    private static Optional<String> note(Map<String, String> environment) {
        return SudoCaller.of(environment, 0).flatMap(SudoCaller::note);
    }
}
