package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CredentialHelperTest {

    private static final String CANARY = "canary-5f1c0e";

    @TempDir
    private Path folder;
    private DockerHome home;

    @BeforeEach
    void makeHome() throws Exception {
        home = new DockerHome(folder);
    }

    private CredentialHelper helper(String name, RequestContext context) throws SecretsException {
        DockerEnvironment environment = new DockerEnvironment(context, home.environment());
        return CredentialHelper.find(name, Path.of("/h/config.json"), environment, context);
    }

    private CredentialHelper helper(String script) throws Exception {
        home.helper("x", script);
        return helper("x", RequestContext.of(Duration.ofSeconds(20)));
    }

    @Test
    void keepsTheSecretByteForByte() throws Exception {
        CredentialHelper helper = helper(
                """
                        cat <<'END'
                        {"ServerURL":"h", "username":"al\\u00eece", "Other":[1], "Secret":"q\\"\\\\\\u003c\\u00e9\\ud83d\\ude00 é\\n"}
                        END""");
        try (Credential credential = helper.get("h").orElseThrow()) {
            assertEquals("al\u00eece", credential.username());
            assertEquals("h", credential.server());
            assertEquals("docker-credential-x", credential.source());
            assertArrayEquals("q\"\\<\u00e9\ud83d\ude00 \u00e9\n".getBytes(StandardCharsets.UTF_8),
                    credential.secret().copyBytes());
        }
    }

    @Test
    void asksOnStdinAndNowhereElse() throws Exception {
        home.helper("x", """
                cat >$H/stdin; echo "$#:$1" >$H/arguments; env | cut -d= -f1 >$H/environment
                echo '{"Username":"u","Secret":"s"}'""");
        home.set("XDG_RUNTIME_DIR", "/run/x").set("AWS_SECRET_ACCESS_KEY", CANARY).set("DISPLAY", "");
        helper("x", RequestContext.of(Duration.ofSeconds(20))).get("https://h/v1/").orElseThrow().close();
        assertEquals("https://h/v1/", Files.readString(folder.resolve("stdin")));
        assertEquals("1:get\n", Files.readString(folder.resolve("arguments")));
        Set<String> names = new TreeSet<>(Files.readAllLines(folder.resolve("environment")));
        names.removeAll(Set.of("PWD", "_", "SHLVL", "OLDPWD"));
        assertEquals(Set.of("HOME", "PATH", "XDG_RUNTIME_DIR"), names);
    }

    @Test
    void doesNotMindAHelperThatReadsNothing() throws Exception {
        CredentialHelper helper = helper("exec <&-; printf '%s' '{\"h\":\"u\",\"i\":null}'");
        assertEquals(Map.of("h", "u", "i", ""), helper.list());
    }

    @ParameterizedTest
    @ValueSource(strings = {"echo 'credentials not found in native keychain'; exit 1",
            "printf 'error: credentials not found in native keychain\\n'; exit 2",
            "echo '{\"ServerURL\":\"h\",\"Username\":\"\",\"Secret\":\"\"}'", "echo '{}'", "echo null"})
    void findsNothingWhereTheHelperHasNothing(String script) throws Exception {
        assertEquals(Optional.empty(), helper(script).get("h"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "echo canary-5f1c0e", "echo '{\"Secret\":canary-5f1c0e}'",
            "printf '{\"Secret\":\"canary-5f1c0e'", "echo '{\"Secret\":[\"canary-5f1c0e\"]}'",
            "printf '{\"Username\":\"u\\001\",\"Secret\":\"canary-5f1c0e\"}'"})
    void failsOnAnAnswerOfAnotherFormat(String script) throws Exception {
        CredentialHelper helper = helper(script);
        SecretsException failure = assertThrows(SecretsException.Failed.class, () -> helper.get("h"));
        assertEquals("credential helper docker-credential-x gave an answer that is not in the format of a credential"
                + " helper", failure.getMessage());
        assertSilent(failure);
    }

    @Test
    void saysThatAHelperFailedAndNotWhatItPrinted() throws Exception {
        CredentialHelper helper = helper("echo " + CANARY + "; echo " + CANARY + " >&2; exit 3");
        for (SecretsException failure : List.of(assertThrows(SecretsException.class, () -> helper.get("h")),
                assertThrows(SecretsException.class, helper::list))) {
            assertInstanceOf(SecretsException.Unavailable.class, failure);
            assertEquals("credential helper docker-credential-x failed with exit code 3", failure.getMessage());
            assertEquals("run 'docker-credential-x list' to see why", failure.hint());
            assertSilent(failure);
        }
    }

    @Test
    void refusesAnEndlessAnswer() throws Exception {
        CredentialHelper helper = helper("echo $$ >$H/pid; exec yes");
        SecretsException failure = assertThrows(SecretsException.Failed.class, () -> helper.get("h"));
        assertEquals("credential helper docker-credential-x answered more than 4 MiB", failure.getMessage());
        assertGone("pid");
    }

    @Test
    void readsAnAnswerLargerThanAPipe() throws Exception {
        CredentialHelper helper = helper("""
                printf '{"Username":"u","Secret":"'; head -c 1048576 /dev/zero | tr '\\0' x; printf '"}'""");
        try (Credential credential = helper.get("h").orElseThrow()) {
            assertEquals(1 << 20, credential.secret().length());
        }
    }

    @Test
    void stopsAHelperThatHangsAndWhatItStarted() throws Exception {
        home.helper("x", "echo $$ >$H/pid; sleep 60 & echo $! >$H/child; wait");
        CredentialHelper helper = helper("x", RequestContext.of(Duration.ofSeconds(2)));
        long start = System.nanoTime();
        SecretsException failure = assertThrows(SecretsException.Unavailable.class, () -> helper.get("h"));
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 10_000);
        assertEquals("credential helper docker-credential-x did not answer in time", failure.getMessage());
        assertGone("pid");
        assertGone("child");
    }

    @Test
    void stopsAHelperWhenTheCallerGoes() throws Exception {
        home.helper("x", "echo $$ >$H/pid; exec sleep 60");
        Cancellation cancellation = new Cancellation();
        CredentialHelper helper = helper("x",
                RequestContext.of(Duration.ofSeconds(60), cancellation, Map.of()));
        Thread caller = Thread.ofPlatform().start(() -> {
            waitFor(folder.resolve("pid"));
            cancellation.cancel();
        });
        assertThrows(SecretsException.Unavailable.class, helper::list);
        caller.join();
        assertGone("pid");
    }

    @Test
    void doesNotWaitForWhatTheHelperLeavesRunning() throws Exception {
        CredentialHelper helper = helper("sleep 30 & echo $! >$H/child; echo '{\"h\":\"u\"}'");
        long start = System.nanoTime();
        assertEquals(Map.of("h", "u"), helper.list());
        assertTrue(Duration.ofNanos(System.nanoTime() - start).toMillis() < 10_000);
        ProcessHandle child = ProcessHandle.of(pid("child")).orElseThrow();
        assertTrue(child.isAlive());
        child.destroyForcibly();
    }

    @Test
    void namesTheMissingProgram() {
        SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                () -> helper("none", RequestContext.of(Duration.ofSeconds(20))));
        assertEquals("credential helper docker-credential-none is not on PATH: install it, or take it out of"
                + " /h/config.json", failure.advice());
    }

    @Test
    void saysThatAProgramCannotBeRun() throws Exception {
        home.helper("x", "");
        Files.writeString(folder.resolve("bin/docker-credential-x"), "#!/none/such\n");
        CredentialHelper helper = helper("x", RequestContext.of(Duration.ofSeconds(20)));
        SecretsException failure = assertThrows(SecretsException.Unavailable.class, helper::list);
        assertEquals("credential helper docker-credential-x cannot be run", failure.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"../x", "a/b", "a b", "x;y", "x\n", "\u00e9", "$(x)"})
    void refusesANameThatIsNotOneOfAProgram(String name) {
        SecretsException failure = assertThrows(SecretsException.Invalid.class,
                () -> helper(name, RequestContext.of(Duration.ofSeconds(20))));
        assertEquals("a credential helper in /h/config.json has an impossible name", failure.getMessage());
    }

    @Test
    void takesTheFirstProgramOfAnAbsoluteFolderOnPath() throws Exception {
        home.helper("x", "echo '{\"h\":\"first\"}'");
        DockerHome second = new DockerHome(folder.resolve("second")).helper("x", "echo '{\"h\":\"second\"}'");
        String path = "bin::.:/none:" + second.folder().resolve("bin") + ":" + home.environment().get("PATH");
        RequestContext caller = RequestContext.of(Duration.ofSeconds(20), new Cancellation(), Map.of("PATH", path));
        assertEquals(Map.of("h", "second"), helper("x", caller).list());
    }

    private void assertGone(String file) throws Exception {
        Optional<ProcessHandle> process = ProcessHandle.of(pid(file));
        // A killed process may need a moment until its parent has seen it.
        for (int i = 0; i < 500 && process.isPresent() && process.get().isAlive(); i++) {
            Thread.sleep(10);
        }
        assertFalse(process.isPresent() && process.get().isAlive(), file);
    }

    private long pid(String file) throws Exception {
        return Long.parseLong(Files.readString(folder.resolve(file)).strip());
    }

    private static void waitFor(Path file) {
        try {
            while (!Files.exists(file)) {
                Thread.sleep(10);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void assertSilent(SecretsException failure) {
        StringWriter text = new StringWriter();
        failure.printStackTrace(new PrintWriter(text));
        text.append(failure.advice()).append(failure.subject());
        assertFalse(text.toString().contains(CANARY));
        assertFalse(failure.advice().contains("\n"));
    }
}
