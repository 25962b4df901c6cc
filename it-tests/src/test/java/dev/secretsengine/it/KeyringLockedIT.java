package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** gnome-keyring when it is locked or hangs, with a script in the place of the user who answers its prompts. */
class KeyringLockedIT {

    private static final String DISMISSED = "the unlock prompt was dismissed";

    private GnomeKeyring keyring;
    private KeyringSession session;

    @BeforeEach
    void start() throws Exception {
        keyring = GnomeKeyring.scripted();
        session = keyring.session();
        for (String id : List.of("a", "b", "c")) {
            session.pass("set", id + "=1").ok();
        }
        keyring.lock();
    }

    @AfterEach
    void end() throws IOException {
        keyring.close();
    }

    @Test
    void dismissedPromptIsSaidAndTheNextOneAnswered() throws Exception {
        for (String[] line : List.of(new String[]{"get", "--reveal", "a"}, new String[]{"set", "a=2"},
                new String[]{"set", "new=2"})) {
            Outcome outcome = session.pass(line);
            assertTrue(outcome.failed(5).contains(DISMISSED), outcome::toString);
            assertEquals("", outcome.out());
        }
        Outcome run = session.sh("X=se://a docker pass run -- touch ran");
        assertTrue(run.failed(125).contains(DISMISSED), run::toString);
        keyring.answer("answer pw");
        assertEquals("1", session.pass("get", "--reveal", "a").ok());
        assertEquals("login a 1\nlogin b 1\nlogin c 1", session.keyring("items"));
    }

    @Test
    void oneAnswerServesTenCallers() throws Exception {
        int before = session.calls("Prompt");
        for (Outcome get : tenGets("answer pw")) {
            assertEquals("1", get.ok());
        }
        assertEquals(before + 1, session.calls("Prompt"));
    }

    @Test
    void dismissalIsToldToAllCallers() throws Exception {
        for (Outcome get : tenGets("dismiss")) {
            assertTrue(get.failed(5).contains(DISMISSED), get::toString);
        }
    }

    /** Ten at once, for which the prompt is answered when all of them run. */
    private List<Outcome> tenGets(String answer) throws Exception {
        keyring.answer("wait");
        int before = keyring.prompts();
        List<KeyringSession.Started> gets = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            gets.add(session.start("docker-pass get --reveal a"));
        }
        session.await("[ $(pgrep -cx docker-pass) = 10 ]");
        Poll.until("a prompt", () -> keyring.prompts() > before);
        keyring.answer(answer);
        List<Outcome> outcomes = new ArrayList<>();
        for (KeyringSession.Started get : gets) {
            outcomes.add(get.end());
        }
        return outcomes;
    }

    @Test
    void oneDismissalServesAllThatARemovalAsks() throws Exception {
        int before = keyring.prompts();
        Outcome removal = session.pass("rm", "a", "b", "c");
        assertTrue(removal.code() == 4 || removal.code() == 5, removal::toString);
        assertFalse(removal.out().contains("RM:"), removal::toString);
        assertEquals(before + 1, keyring.prompts());
        keyring.unlock();
        assertEquals("a\nb\nc\n", session.pass("ls").ok());
    }

    @Test
    void removalTellsLockedFromMissing() throws Exception {
        Outcome locked = session.pass("rm", "a");
        assertTrue(locked.code() == 4 || locked.code() == 5, locked::toString);
        assertFalse(locked.toString().contains("RM:"), locked::toString);
        keyring.unlock();
        Outcome missing = session.pass("rm", "missing");
        assertEquals(1, missing.code(), missing::toString);
        assertTrue(missing.out().contains("there is no such secret"), missing::toString);
        assertEquals("RM: a\n", session.pass("rm", "a").ok());
    }

    @Test
    void removalFromAHungKeyringSharesOneDeadline() throws Exception {
        keyring.unlock();
        String pid = keyring.pid();
        session.sh("kill -STOP " + pid).ok();
        try {
            long begin = System.nanoTime();
            Outcome four = session.pass("rm", "a", "b", "c", "d");
            assertEquals(4, four.code(), four::toString);
            assertEquals(4, four.out().lines().filter(line -> line.contains("did not answer in time")).count(),
                    four::toString);
            // A command has 100 s.
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(190), "it waited for each of them");
        } finally {
            session.sh("kill -CONT " + pid);
        }
        assertEquals("a\nb\nc\n", session.pass("ls").ok());
    }

    @Test
    void engineThatIsToldToStopDoesNotWaitForAPrompt() throws Exception {
        keyring.answer("wait");
        int before = keyring.prompts();
        KeyringSession.Started get = session.start("docker-pass get --reveal a");
        Poll.until("a prompt", () -> keyring.prompts() > before);
        String pid = keyring.pid();
        long begin = System.nanoTime();
        Outcome stop = session.pass("engine", "stop");
        assertEquals(0, stop.code(), stop::toString);
        assertNotEquals(0, get.end().code());
        session.await("! pgrep -f [l]auncher.host.Main");
        // 2 s by rights: the rest is for a machine that has much to do. Without that care it is 10 s.
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(6), "it waited for the prompt");
        assertEquals(pid, keyring.pid());
    }

    @Test
    void hintFitsTheDesktop() throws Exception {
        String message = session.pass("plugins", "ls", "--format", "{{.Message}}").ok();
        assertTrue(message.contains("locked"), message);
        assertTrue(message.contains("Passwords and Keys"), message);
        assertFalse(message.contains("KWallet"), message);
    }
}
