package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** gnome-keyring with several collections, of which work was the default one when the engine first stored something. */
class KeyringCollectionsIT {

    private GnomeKeyring keyring;
    private KeyringSession session;

    @BeforeEach
    void start() throws Exception {
        keyring = GnomeKeyring.empty();
        session = keyring.session();
        session.keyring("create", "work", "pw");
        session.keyring("default", "work");
        session.pass("set", "b=2").ok();
        assertEquals("work b 2", session.keyring("items"));
    }

    @AfterEach
    void end() throws IOException {
        keyring.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"other", "login"})
    void collectionOfTheFirstUseIsKept(String newcomer) throws Exception {
        session.keyring("create", newcomer, "pw");
        if (!newcomer.equals("login")) {
            session.keyring("default", newcomer);
        }
        for (int value = 3; value <= 4; value++) {
            assertEquals("2", session.pass("get", "--reveal", "b").ok());
            session.pass("set", "c=" + value).ok();
            assertEquals("b\nc\n", session.pass("ls").ok());
            assertEquals("work b 2\nwork c " + value, session.keyring("items"));
            session.pass("engine", "restart");
        }
    }

    @Test
    void secretInAnotherCollectionIsPointedAt() throws Exception {
        session.keyring("create", "other", "pw");
        session.keyring("store", "other", "z", "9");
        session.keyring("default", "other");
        for (int i = 0; i < 2; i++) {
            Outcome get = session.pass("get", "z");
            assertTrue(get.err().contains("other"), get::toString);
            assertTrue(get.err().contains("docker pass migrate"), get::toString);
            session.pass("engine", "restart");
        }
    }

    @Test
    void nothingGoesElsewhereWhenTheCollectionIsDeleted() throws Exception {
        session.keyring("create", "other", "pw");
        session.keyring("create", "login", "pw");
        session.keyring("default", "other");
        session.keyring("delete", "work");
        for (int i = 0; i < 2; i++) {
            for (String[] line : new String[][]{{"set", "f=6"}, {"get", "--reveal", "b"}, {"ls"}, {"rm", "b"}}) {
                Outcome outcome = session.pass(line);
                assertNotEquals(0, outcome.code(), outcome::toString);
                assertTrue(outcome.toString().contains("work"), outcome::toString);
                assertFalse(outcome.out().contains("RM:"), outcome::toString);
            }
            assertEquals("", session.keyring("items"));
            session.pass("engine", "restart");
        }
    }

    @Test
    void secretInTwoCollectionsIsSaidToBe() throws Exception {
        session.keyring("create", "other", "pw");
        session.keyring("store", "other", "b", "9");
        Outcome list = session.pass("ls");
        assertEquals("b\n", list.out());
        assertTrue(list.err().contains("other"), list::toString);
        Outcome get = session.pass("get", "--reveal", "b");
        assertEquals("2", get.out());
        assertTrue(get.err().contains("other"), get::toString);
        Outcome removal = session.pass("rm", "b");
        assertEquals("RM: b\n", removal.out());
        assertTrue(removal.err().contains("other"), removal::toString);
        assertEquals("other b 9", session.keyring("items"));
    }
}
