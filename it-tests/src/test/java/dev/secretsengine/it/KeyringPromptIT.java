package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gnome-keyring with the prompts that a user sees. */
class KeyringPromptIT {

    private static final String DIALOG = "Unlock Login Keyring";
    private static final String PASSWORD = "ctrl+a p w Return";
    private static final String CANCEL = "Escape";

    private GnomeKeyring keyring;
    private KeyringSession session;

    @BeforeEach
    void start() throws Exception {
        keyring = GnomeKeyring.onScreen();
        session = keyring.session();
        for (String id : new String[]{"a", "b", "c"}) {
            session.pass("set", id + "=1").ok();
        }
        keyring.session().keyring("create", "other", "pw");
        keyring.lock();
    }

    @AfterEach
    void end() throws IOException {
        keyring.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"docker-pass get --reveal a", "docker-pass set b=2",
            "env X=se://a docker-pass run -- touch ran"})
    void interruptedPromptLeavesTheKeyringAlone(String line) throws Exception {
        String pid = keyring.pid();
        KeyringSession.Started command = session.start(line);
        session.awaitWindow(DIALOG);
        command.interrupt();
        Outcome outcome = command.end();
        assertEquals(130, outcome.code(), outcome::toString);
        assertNotEquals(0, session.sh("[ -e ran ]").code(), "the command has run");
        assertUnharmed(pid);
    }

    @Test
    void deadlinePassingAtAPromptLeavesTheKeyringAlone() throws Exception {
        String pid = keyring.pid();
        KeyringSession.Started lookup = session.start("lookup.py a 3000");
        session.awaitWindow(DIALOG);
        assertNotEquals("200\n", lookup.end().ok());
        assertUnharmed(pid);
    }

    /** The keyring is the one that was there, still has what it had unlocked, and prompts again. */
    private void assertUnharmed(String pid) throws Exception {
        assertEquals("1", session.answered("docker-pass get --reveal a", DIALOG, PASSWORD).ok());
        assertEquals(pid, keyring.pid());
        assertEquals("False", session.keyring("locked", "other"));
    }

    @Test
    void cancelEndsARunWithSeveralReferencesAtOnce() throws Exception {
        int before = session.calls("Unlock");
        long begin = System.nanoTime();
        Outcome outcome = session.answered("env A=se://a B=se://b C=se://c docker-pass run -- touch ran", DIALOG,
                CANCEL);
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20), "it went on after Cancel");
        assertEquals(125, outcome.code(), outcome::toString);
        // One line for each variable.
        assertEquals(3, outcome.err().lines().filter(line -> line.contains("the unlock prompt was dismissed")).count(),
                outcome::toString);
        assertNotEquals(0, session.sh("[ -e ran ]").code(), "the command has run");
        assertEquals(before + 1, session.calls("Unlock"));
        // Another program is prompted for as before.
        // Its dialog may take the last of the keys that were meant for the first one.
        Poll.until("an answer to another program",
                () -> session.answered("secret-tool lookup id a", DIALOG, PASSWORD).out().equals("1"));
    }

    @Test
    void oneAnswerServesARunWithSeveralReferences() throws Exception {
        int before = session.calls("Unlock");
        assertEquals("111\n", session.answered(
                "env A=se://a B=se://b C=se://c docker-pass run -- sh -c 'echo $A$B$C'", DIALOG, PASSWORD).ok());
        assertEquals(before + 1, session.calls("Unlock"));
    }
}
