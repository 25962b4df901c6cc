package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Bundles that do what no bundle should: each harms itself only, and its row says what it has done. */
class BadBundlesIT {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);

    private Home home;
    private Path folder;

    @BeforeEach
    void startEngine() throws Exception {
        home = Home.withAge();
        home.pass("set", "own=1").ok();
        folder = home.data().resolve("runtime");
    }

    @AfterEach
    void stopEngine() throws IOException {
        home.close();
    }

    private void drop(BundleJar jar, String name) throws IOException {
        Path built = home.folder().resolve(name + ".jar");
        jar.writeTo(built);
        Files.move(built, folder.resolve(name + ".jar"));
    }

    /** A bundle that misbehaves when it is asked. */
    private void dropAsking(String name, String statement) throws Exception {
        drop(new BundleJar(name, "1.0.0").onLookup(statement), name);
        await(name, "running");
    }

    private String row(String plugin, String field) throws IOException {
        String rows = home.pass("plugins", "ls", "--format", "{{.Name}}\t{{." + field + "}}").ok();
        return rows.lines().filter(line -> line.startsWith(plugin + "\t"))
                .map(line -> line.substring(plugin.length() + 1)).findFirst().orElse("");
    }

    private void await(String plugin, String status) throws Exception {
        long begin = System.nanoTime();
        while (!row(plugin, "Status").equals(status) && System.nanoTime() - begin < PATIENCE_NANOS) {
            Thread.sleep(50);
        }
        assertEquals(status, row(plugin, "Status"), row(plugin, "Message"));
    }

    private void othersAnswer() throws IOException {
        assertEquals("1", home.pass("get", "--reveal", "own").ok());
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://good/key").ok());
    }

    @Test
    void answersThatMakeNoSenseAreFailuresOfTheirPlugin() throws Exception {
        drop(new BundleJar("good", "1.0.0"), "good");
        await("good", "running");
        long engine = home.engines().get(0);
        dropAsking("errors", "if (true) throw new StackOverflowError(\"hunter2\");");
        dropAsking("nothing", "if (true) return null;");
        dropAsking("huge", "SecretValue.wrap(new byte[64 << 20]);");
        dropAsking("greedy", "List<long[]> all = new ArrayList<>(); while (true) { all.add(new long[1 << 20]); if"
                + " (all.isEmpty()) break; }");
        dropAsking("many", """
                List<Envelope> many = new ArrayList<>();
                for (int i = 0; i < 100_000; i++) {
                    many.add(Envelope.of(SecretId.parse("many/" + i), SecretValue.wrap(new byte[]{1})));
                }
                if (true) return many;""");
        dropAsking("thief", "if (true) return List.of(Envelope.of(SecretId.parse(\"good/other\"),"
                + " SecretValue.wrap(new byte[]{1})));");
        for (String name : List.of("errors", "nothing", "huge", "greedy", "many")) {
            Outcome outcome = home.pass("get", "se://" + name + "/key");
            assertEquals(1, outcome.code(), name + outcome);
            assertFalse(outcome.err().contains("hunter2"), outcome.err());
            othersAnswer();
        }
        home.pass("get", "se://thief/key").failed(3);
        home.pass("get", "se://good/other").failed(3);
        othersAnswer();
        assertEquals(List.of(engine), home.engines(), "it is the same engine all the time");
        assertTrue(home.pass("plugins", "inspect", "errors").ok().contains("it threw java.lang.StackOverflowError"));
        await("greedy", "crashed");
        assertTrue(row("greedy", "Message").contains("ran out of memory"), row("greedy", "Message"));
    }

    @Test
    void bundleThatNeverEndsToStartIsGivenUp() throws Exception {
        drop(new BundleJar("good", "1.0.0"), "good");
        await("good", "running");
        drop(new BundleJar("endless", "1.0.0").onStart("while (System.nanoTime() != 0) { Thread.onSpinWait(); }"),
                "endless");
        othersAnswer();
        await("endless", "crashed");
        assertEquals("it did not start within 10 s", row("endless", "Message"));
        // The folder is still followed, and so is this jar.
        Files.delete(folder.resolve("endless.jar"));
        drop(new BundleJar("later", "1.0.0"), "later");
        await("later", "running");
        await("endless", "");
        othersAnswer();
    }

    @Test
    void bundleThatLeavesAThreadBehindIsTold() throws Exception {
        drop(new BundleJar("sticky", "1.0.0").onStart("""
                Thread thread = new Thread(() -> { while (true) { java.util.concurrent.locks.LockSupport.park(); } });
                thread.setDaemon(true);
                thread.start();"""), "sticky");
        await("sticky", "running");
        home.pass("plugins", "disable", "sticky").ok();
        assertEquals("1 thread that it has started did not end when it was stopped: docker pass engine restart ends"
                + " them", row("sticky", "Message"));
        home.pass("engine", "restart").ok();
        assertEquals("docker pass plugins enable sticky", row("sticky", "Message"));
    }

    @Test
    void bundleThatEndsTheEngineIsLeftOff() throws Exception {
        drop(new BundleJar("good", "1.0.0"), "good");
        await("good", "running");
        dropAsking("exit", "if (pattern.asId().isPresent()) System.exit(0);");
        home.pass("get", "se://exit/key");
        othersAnswer();
        assertEquals("crashed", row("exit", "Status"));
        String message = row("exit", "Message");
        assertTrue(message.startsWith("it called System.exit, which ended the engine; it is left off until 2"),
                message);
        assertTrue(message.endsWith("Z: docker pass plugins enable exit tries it at once"), message);
        assertEquals("running", row("good", "Status"));

        // Its own good: mended, it runs at once.
        drop2("exit");
        await("exit", "running");
        assertEquals("2.0.0", home.pass("get", "--reveal", "se://exit/key").ok());
    }

    private void drop2(String name) throws IOException {
        Files.delete(folder.resolve(name + ".jar"));
        drop(new BundleJar(name, "2.0.0"), name);
    }

    @Test
    void bundleThatHaltsTheEngineWhenItIsStartedIsLeftOffUntilItIsEnabled() throws Exception {
        home.pass("engine", "stop").ok();
        drop(new BundleJar("halt", "1.0.0").onStart("""
                if (Files.exists(Path.of(context.getProperty(PluginProperties.STATE_FOLDER), "halt"))) {
                    Runtime.getRuntime().halt(1);
                }"""), "halt");
        Files.writeString(home.state().resolve("halt"), "");
        int deaths = 0;
        // Once can be anybody's doing.
        while (home.pass("get", "--reveal", "own").code() != 0 && deaths < 2) {
            deaths++;
        }
        assertEquals("1", home.pass("get", "--reveal", "own").ok());
        assertEquals("running", row("docker-auth", "Status"), row("docker-auth", "Message"));
        assertEquals("crashed", row("halt", "Status"));
        assertTrue(row("halt", "Message").contains("the engine died 2 times in a row while this bundle was at work"),
                row("halt", "Message"));
        Files.delete(home.state().resolve("halt"));
        home.pass("plugins", "enable", "halt").ok();
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://halt/key").ok());
    }

    @Test
    void bundleIsNotLeftOffBecauseTheEngineIsKilledDuringItsFirstLookup() throws Exception {
        drop(new BundleJar("slow", "1.0.0").onLookup("""
                Path home = Path.of(System.getenv("HOME"));
                try {
                    while (Files.exists(home.resolve("wait"))) {
                        Files.writeString(home.resolve("asked"), "");
                        Thread.sleep(20);
                    }
                } catch (IOException | InterruptedException e) {
                    throw new IllegalStateException(e);
                }"""), "slow");
        await("slow", "running");
        Path wait = home.folder().resolve("wait");
        Path asked = home.folder().resolve("asked");
        for (int kill = 0; kill < 3; kill++) {
            Files.writeString(wait, "");
            Process client = home.process("docker", "pass", "get", "se://slow/key").start();
            Poll.until("the lookup", () -> Files.exists(asked));
            String engine = Long.toString(home.engines().get(0));
            if (kill == 1) {
                // As it is when the machine is shut down: it is asked first, and does not get the time that it wants.
                assertEquals(0, new ProcessBuilder("kill", engine).start().waitFor());
                Poll.until("the end of all suspicion", () -> !isAnySuspect());
            }
            assertEquals(0, new ProcessBuilder("kill", "-9", engine).start().waitFor());
            Poll.until("the end of the killed engine", () -> home.engines().isEmpty());
            client.destroyForcibly().waitFor();
            Files.delete(wait);
            Files.delete(asked);
            assertEquals("1.0.0", home.pass("get", "--reveal", "se://slow/key").ok(), "after kill " + kill);
            assertEquals("running", row("slow", "Status"), row("slow", "Message"));
            home.pass("engine", "restart").ok();
        }
    }

    private boolean isAnySuspect() throws IOException {
        try (Stream<Path> files = Files.list(home.state().resolve("quarantine"))) {
            return files.findAny().isPresent();
        }
    }

    @Test
    void bundleOfANewerApiIsRefusedWithBothVersions() throws Exception {
        drop(new BundleJar("newer", "1.0.0").header("Import-Package",
                "dev.secretsengine.api;version=\"[2,3)\",org.osgi.framework"), "newer");
        await("newer", "crashed");
        assertTrue(row("newer", "Message").matches(
                "it is built for version \\[2\\.0\\.0,3\\.0\\.0\\) of dev\\.secretsengine\\.api, and this engine has 1\\.\\S+"),
                row("newer", "Message"));
    }

    @Test
    void pluginThatCannotGoOnIsNotAskedUntilItIsEnabledAgain() throws Exception {
        dropAsking("tired", "if (true) throw new SecretsException.Denied(\"tired\", \"the account is closed\","
                + " \"open one\").fatal();");
        assertTrue(home.pass("get", "se://tired/key").failed(5).contains("the account is closed"));
        assertEquals("crashed", row("tired", "Status"));
        assertEquals("the account is closed: open one", row("tired", "Message"));
        assertTrue(home.pass("get", "se://tired/key").failed(4).contains("docker pass plugins enable tired"));
        home.pass("plugins", "enable", "tired").ok();
        assertEquals("running", row("tired", "Status"));
    }

    @Test
    void serviceUnderANameThatItsManifestDoesNotDeclareIsNotUsed() throws Exception {
        drop(new BundleJar("stranger", "1.0.0").onStart("""
                Hashtable<String, Object> other = new Hashtable<>();
                other.put(PluginProperties.NAME, "docker-auth");
                other.put(PluginProperties.VERSION, "9.9.9");
                other.put(PluginProperties.PATTERN, "stranger/**");
                SecretsProvider thief = (pattern, request) -> List.of(
                        Envelope.of(SecretId.parse("stranger/stolen"), SecretValue.wrap(new byte[]{'x'})));
                context.registerService(SecretsProvider.class, thief, other);"""), "stranger");
        await("stranger", "running");
        home.pass("get", "se://stranger/stolen").failed(3);
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://stranger/key").ok());
        assertEquals("docker/auth/**", row("docker-auth", "Pattern"));
        assertTrue(home.pass("engine", "logs").ok().contains("which its manifest does not declare"));
    }

    @Test
    void pluginThatDoesNotRunIsAFailureAndNotAMissingSecret() throws Exception {
        drop(new BundleJar("broken", "1.0.0").onStart("if (true) throw new IllegalStateException(\"no\");"), "broken");
        await("broken", "crashed");
        String said = home.pass("get", "se://broken/key").failed(4);
        assertTrue(
                said.contains("the plugin broken does not run (") && said.contains("docker pass plugins enable broken"),
                said);
        assertEquals("1", home.pass("get", "--reveal", "se://own").ok());
    }
}
