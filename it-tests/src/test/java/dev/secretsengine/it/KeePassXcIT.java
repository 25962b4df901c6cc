package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real KeePassXC, which asks before a program unlocks its database, and before one reads an item it did not make. */
class KeePassXcIT {

    private static final String ACCESS = "Access Request";
    private static final String UNLOCK = "Unlock Database";
    private static final String ALLOW = "Return";
    private static final String CANCEL = "Escape";

    /** What opens the database: by a new connection it is asked for access too. Return may come before the password does. */
    private static final String[] OPEN = {"Unlock failed", CANCEL, UNLOCK, "ctrl+a p w Return", ACCESS, ALLOW};

    private KeePassXc keepass;
    private KeyringSession session;

    @BeforeEach
    void start() throws Exception {
        keepass = KeePassXc.opened();
        session = keepass.session();
        session.pass("set", "a=1").ok();
    }

    @AfterEach
    void end() throws IOException {
        keepass.close();
    }

    @Test
    void deniedAccessIsSaidAndAskedForAgain() throws Exception {
        // Another connection is another program to KeePassXC.
        session.pass("engine", "restart");
        assertDismissed(5, session.answered("docker-pass get --reveal a", ACCESS, CANCEL));
        assertDismissed(125, session.answered("env X=se://a docker-pass run -- touch ran", ACCESS, CANCEL));
        assertNotEquals(0, session.sh("[ -e ran ]").code(), "the command has run");
        assertEquals("1", session.answered("docker-pass get --reveal a", ACCESS, ALLOW).ok());
    }

    @Test
    void cancelledUnlockingIsSaidAndAskedForAgain() throws Exception {
        keepass.lock();
        for (String line : List.of("docker-pass get --reveal a", "docker-pass set a=2", "docker-pass set b=2")) {
            assertDismissed(5, session.answered(line, UNLOCK, CANCEL));
        }
        assertEquals("1", session.answered("docker-pass get --reveal a", OPEN).ok());
        assertEquals("a\n", session.pass("ls").ok());
    }

    @Test
    void lockedDatabaseKeepsWhatIsToBeRemoved() throws Exception {
        keepass.lock();
        Outcome removal = session.answered("docker-pass rm a", UNLOCK, CANCEL);
        assertTrue(removal.code() == 4 || removal.code() == 5, removal::toString);
        assertEquals("RM: a\n", session.answered("docker-pass rm a", OPEN).ok());
        assertEquals("", session.pass("ls").ok());
    }

    @Test
    void lockedDatabaseIsCalledKeePassXc() throws Exception {
        keepass.lock();
        String message = session.pass("plugins", "ls", "--format", "{{.Message}}").ok();
        assertTrue(message.contains("locked"), message);
        assertTrue(message.contains("KeePassXC"), message);
        assertFalse(message.contains("Passwords and Keys"), message);
    }

    private static void assertDismissed(int code, Outcome outcome) {
        assertTrue(outcome.failed(code).contains("dismissed"), outcome::toString);
        assertEquals("", outcome.out());
    }
}
