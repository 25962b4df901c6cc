package dev.secretsengine.it;

import static dev.secretsengine.it.ContainerStage.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A reference that has no value which can be given: the container does not start, and says why. */
class ContainerRefusalIT {

    private static ContainerStage stage;

    @BeforeAll
    static void open() throws Exception {
        stage = ContainerStage.open();
        stage.set("good", "s3cr3t");
        stage.set("two/a", "1");
        stage.set("two/b", "2");
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    /** In each way of starting something, X with this reference is refused with these words and the right exit code. */
    private static void refused(String reference, String... words) throws IOException {
        String variable = "X=" + reference;
        List<String> all = new ArrayList<>(List.of("docker-pass: " + variable + ": "));
        all.addAll(List.of(words));
        String[] expected = all.toArray(String[]::new);
        Path volume = Files.createDirectory(stage.file("volume"));
        try {
            Outcome run = stage.docker("run", "--name", "refused", "-v", volume + ":/v", "-e", "G=se://good", "-e",
                    variable, "busybox", "sh", "-c", "echo > /v/started");
            stage.assertRefused(run, 125, "refused", expected);
            assertSays(stage.docker("start", "refused"), 1, expected);
            assertSays(stage.docker("exec", "-e", variable, "running", "sh", "-c", "echo > /started"), 126, expected);
            assertFalse(Files.exists(volume.resolve("started")));
            assertEquals(1, stage.docker("exec", "running", "ls", "/started").code());
        } finally {
            stage.docker("rm", "-f", "refused");
            Files.deleteIfExists(volume.resolve("started"));
            Files.delete(volume);
        }
    }

    @Test
    void everyReferenceWithoutExactlyOneValueIsRefused() throws Exception {
        stage.docker("run", "-d", "--name", "running", "busybox", "sleep", "600").ok();
        refused("se://none/such", "there is no secret none/such");
        refused("se://two/*", "two/a", "two/b");
        refused("se://bad//id", "empty component");
        refused("se://");
        refused("se://good and more");
        refused("se://docker/secrets-engine/internal");
        stage.set("nul", "a\0b");
        refused("se://nul", "NUL");
        stage.set("latin1", new byte[]{'a', (byte) 0xff, 'b'});
        refused("se://latin1", "UTF-8");
        stage.set("surrogate", new byte[]{(byte) 0xed, (byte) 0xa0, (byte) 0x80});
        refused("se://surrogate", "UTF-8");
        // With X= one byte more than the kernel takes.
        stage.set("oversized", "x".repeat(131_072 - "X=".length()));
        refused("se://oversized");
        stage.docker("rm", "-f", "running").ok();
    }

    /** docker takes its exit code from what a message says. */
    @Test
    void wordsThatMeanSomethingToDockerDoNotChangeTheExitCode() throws Exception {
        for (String words : List.of("is a directory", "No such file or directory", "permission denied",
                "executable file not found")) {
            Outcome run = stage.docker("run", "--rm", "-e", "X=se://" + words, "busybox", "true");
            assertEquals(125, run.code(), run::toString);
            assertTrue(run.err().contains("docker-pass: X=se://"), run::toString);
        }
    }

    @Test
    void allThatIsWrongIsNamedAtOnce() throws Exception {
        Outcome run = stage.docker("run", "--rm", "-e", "A=se://none/a", "-e", "G=se://good", "-e", "B=se://none/b",
                "busybox", "true");
        assertEquals(125, run.code());
        assertTrue(run.err().contains("A=se://none/a"), run::toString);
        assertTrue(run.err().contains("none/b"), run::toString);
        assertFalse(run.err().contains("s3cr3t"), run::toString);
    }

    @Test
    void messageIsOneErrorOfTheRuntimeAndNothingElse() throws Exception {
        Outcome run = stage.docker("run", "--name", "message", "-e", "X=se://none/such", "busybox", "true");
        assertTrue(run.err().startsWith("docker: Error response from daemon: "), run::toString);
        assertTrue(stage.daemon().inspect("message", "{{.State.Error}}").matches(
                ".*OCI runtime create failed: docker-pass: X=se://none/such: there is no secret none/such[^\"{}]*: unknown"),
                () -> run.toString());
        stage.docker("rm", "message").ok();
    }

    /** Wherever it is quoted: in the runtime's log it is JSON. */
    @Test
    void oddCharactersDoNotBreakTheMessage() throws Exception {
        for (String variable : List.of("X=se://a\"b\\c", "X=se://a\nb", "X=se://é\u2028", "A\"B=se://none/such",
                "a b=se://none/such", "É=se://none/such")) {
            Outcome run = stage.docker("run", "--rm", "-e", variable, "busybox", "true");
            assertSays(run, 125, "OCI runtime create failed: docker-pass: ", "=se://");
        }
    }

    /** The docker client makes its exit code of words like these. */
    @Test
    void wordsOfTheReferenceDoNotChangeTheExitCode() throws Exception {
        for (String words : List.of("permission denied", "no such file or directory", "executable file not found")) {
            Outcome run = stage.docker("run", "--rm", "-e", "X=se://" + words, "busybox", "true");
            assertSays(run, 125, "docker-pass: X=se://" + words.substring(0, 2));
        }
    }

    @Test
    void refusedContainerStartsOnceTheSecretIsThere() throws Exception {
        stage.assertRefused(stage.docker("run", "--name", "patient", "-e", "X=se://not/yet", "busybox", "sh", "-c",
                "echo $X"), 125, "patient", "X=se://not/yet");
        stage.set("not/yet", "now");
        assertEquals("now\n", stage.docker("start", "-a", "patient").ok());
        stage.docker("rm", "patient").ok();
    }

    @Test
    void lockedStoreIsRefusedWithWhatToDo() throws Exception {
        try (Keyring keyring = Keyring.locked();
                ContainerStage locked = ContainerStage.open(Home.with(keyring), Map.of())) {
            locked.assertRefused(locked.docker("run", "--name", "locked", "-e", "X=se://any", "busybox", "true"), 125,
                    "locked", "docker-pass: X=se://any: ", "locked", ", then: docker pass engine start --resume");
            assertEquals("plain\n", locked.docker("run", "--rm", "busybox", "echo", "plain").ok());
            assertEquals("DEBUG=\n", locked.docker("run", "--rm", "-e", "DEBUG=", "busybox", "sh", "-c",
                    "echo DEBUG=$DEBUG").ok());
        }
    }
}
