package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A keyring that the bus starts when it is asked for, which takes a moment. */
class KeyringActivationIT {

    private KeyringSession session;

    @BeforeEach
    void start() throws Exception {
        session = KeyringSession.starting(
                "sleep 2.5; exec gnome-keyring-daemon --foreground --components=secrets --unlock </run/home/password");
        // As for a user who has chosen nothing yet.
        session.sh("printf pw >password; rm .config/secrets-engine/config.toml").ok();
    }

    @AfterEach
    void end() throws IOException {
        session.close();
    }

    @Test
    void firstCommandWaitsForTheKeyring() throws Exception {
        session.pass("set", "a=1").ok();
        assertEquals("keychain\n", session.pass("engine", "status", "--format", "{{.Store}}").ok());
        assertEquals("login a 1", session.keyring("items"));
    }

    @Test
    void manyFirstCommandsOnABusyMachineChooseTheSameStore() throws Exception {
        session.daemon("busy1", "sh -c 'while :; do :; done'");
        session.daemon("busy2", "sh -c 'while :; do :; done'");
        List<KeyringSession.Started> commands = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            commands.add(
                    session.start("env SECRETS_ENGINE_HOME=/run/home/engine" + i + " docker-pass set a" + i + "=1"));
        }
        for (KeyringSession.Started command : commands) {
            command.end().ok();
        }
        for (int i = 0; i < 6; i++) {
            assertEquals("keychain\n", session.sh("SECRETS_ENGINE_HOME=/run/home/engine" + i
                    + " docker-pass engine status --format '{{.Store}}'").ok());
        }
    }
}
