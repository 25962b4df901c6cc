package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which store the first command chooses, for a user who has chosen none, and whether it waits for its keyring. */
class KeyringFirstUseIT {

    private static final String STORE = "engine status --format '{{.Store}}'";

    /** The bus starts the keyring when that is asked for, which takes a moment. */
    private static KeyringSession slowlyStarting() throws Exception {
        return KeyringSession.starting("sleep 2.5; exec gnome-keyring-daemon --foreground --components=secrets"
                + " --unlock </run/keyrings/password.txt");
    }

    private static KeyringSession withoutSettings(KeyringSession session) throws IOException {
        session.sh("rm .config/secrets-engine/config.toml").ok();
        return session;
    }

    @Test
    void keyringThatTheBusStartsIsWaitedFor() throws Exception {
        try (KeyringSession session = withoutSettings(slowlyStarting())) {
            session.pass("set", "a=1").ok();
            assertEquals("keychain\n", session.sh("docker pass " + STORE).ok());
            assertEquals("login a 1", session.keyring("items"));
        }
    }

    @Test
    void chosenKeyringThatTheBusStartsIsWaitedFor() throws Exception {
        try (KeyringSession session = slowlyStarting()) {
            session.pass("engine", "start").ok();
            session.pass("set", "a=1").ok();
            session.kill(session.keyring("pid", "org.freedesktop.secrets"));
            assertEquals("1", session.pass("get", "--reveal", "a").ok());
        }
    }

    @Test
    void manyFirstCommandsOnABusyMachineChooseTheSameStore() throws Exception {
        try (KeyringSession session = withoutSettings(slowlyStarting())) {
            session.daemon("busy1", "sh -c 'while :; do :; done'");
            session.daemon("busy2", "sh -c 'while :; do :; done'");
            List<KeyringSession.Started> commands = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                commands.add(session.start("env SECRETS_ENGINE_HOME=/run/home/" + i + " docker-pass set a" + i + "=1"));
            }
            for (KeyringSession.Started command : commands) {
                command.end().ok();
            }
            for (int i = 0; i < 6; i++) {
                assertEquals("keychain\n",
                        session.sh("SECRETS_ENGINE_HOME=/run/home/" + i + " docker-pass " + STORE).ok());
            }
        }
    }

    @Test
    void announcementSaysHowToUseKWalletLater() throws Exception {
        try (KWallet wallet = KWallet.withoutWallet()) {
            KeyringSession session = withoutSettings(wallet.session());
            String line = session.pass("set", "a=1").failed(0);
            assertTrue(line.contains("age") && line.contains("KWallet"), line);
            assertTrue(line.contains("store = \"keychain\""), line);
            assertEquals("1", session.pass("get", "--reveal", "a").ok());
        }
    }
}
