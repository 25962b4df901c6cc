package dev.secretsengine.core;

import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import dev.secretsengine.core.testing.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class EngineTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeHost host = new FakeHost();
    private final FakeStore store = new FakeStore(LocalStore.State.READY, "");
    private Engine engine;

    @BeforeEach
    void makeAnEngine() {
        EnginePaths paths = EnginePaths.of(Map.of("SECRETS_ENGINE_HOME", folder.toString()));
        engine = new Engine(host, paths, threads);
        host.registerIn(engine.registry());
        host.add(FakeBundle.ofStore("age", 1, store));
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    /** Answers the one ID, with its own name as the value. */
    private record Answering(String id) implements SecretsProvider {

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of(Envelope.of(SecretId.parse(id), SecretValue.wrap(id.getBytes(UTF_8))));
        }
    }

    /** Answers under the prefix it is configured with, and keeps its token. */
    private static class Configured implements SecretsProvider, Configurable {

        private volatile String address = "";
        private Optional<SecretValue> token = Optional.empty();

        @Override
        public List<Setting> settings() {
            return List.of(new Setting("address", false, "https://default", "where"),
                    new Setting("token", true, "", "who"));
        }

        @Override
        public void configure(Values values) throws SecretsException {
            address = values.text("address");
            token = values.secret("token");
            assertThrows(SecretsException.Invalid.class, () -> values.text("token"), "a secret is no text");
            assertThrows(SecretsException.Invalid.class, () -> values.secret("other"));
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }
    }

    @Test
    void asksTheStoreAndThePlugins() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("vault", new Answering("vault/x")));
        engine.open();
        keep("vault/y");
        keep("x");
        assertEquals(List.of("docker-pass vault/y", "vault vault/x"), resolve("vault/*"));
        assertEquals(List.of("docker-pass x"), resolve("x"));
    }

    @Test
    void startsNoPluginIfTheListOfDisabledOnesIsDamaged() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("vault", new Answering("vault/x")));
        engine.plugins().open();
        engine.plugins().enable("vault", false, within(5));
        Path file = folder.resolve("state/plugins");
        Files.writeString(file, "\0\0\0\0\0\0");
        engine.open();
        keep("x");
        assertEquals(List.of("docker-pass x"), resolve("x"));
        String problem = file + " is damaged in line 1, so no plugin but the store runs: correct it, or remove it"
                + " and disable plugins again, then docker pass engine restart";
        assertEquals(problem, assertThrows(SecretsException.Unavailable.class, () -> resolve("vault/x")).advice());
        assertEquals(List.of(problem), engine.problems());
        assertEquals(List.of("docker-pass running", "vault stopped"), engine.rows(within(5)).stream()
                .map(row -> row.name() + " " + row.status().text()).toList());
        assertEquals(problem, assertThrows(SecretsException.Failed.class,
                () -> engine.enable("vault", true, within(5))).advice());
    }

    @Test
    void waitsForAPluginThatIsStillStarting() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("vault", new Answering("vault/x"))
                .startsWith(() -> LockSupport.parkNanos(200_000_000)));
        engine.open();
        assertEquals(List.of("vault vault/x"), resolve("vault/x"));
    }

    @Test
    void doesNotAskWhatIsOffThoughItsBundleRuns() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("vault", new Answering("vault/x")).plugin("other",
                new Answering("other/x")));
        engine.open();
        assertEquals(List.of("vault vault/x"), resolve("vault/x"));
        engine.plugins().enable("vault", false, within(5));
        assertEquals(2, engine.registry().entries().stream().filter(entry -> entry.store().isEmpty()).count());
        assertThrows(SecretsException.NotFound.class, () -> resolve("vault/x"));
        assertEquals(List.of("other other/x"), resolve("*/x"));
    }

    @Test
    void leavesAStoreOfADropFolderThatIgnoresItsDeadline() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        FakeStore deaf = new FakeStore(LocalStore.State.READY, "") {

            @Override
            public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
                Samples.await(end);
                return List.of();
            }
        };
        host.add(FakeBundle.ofStore("dropped", 2, deaf).dropped());
        host.add(FakeBundle.of("b", "1").plugin("vault", new Answering("vault/x")));
        engine.open();
        engine.localStore(within(5));
        try {
            for (int i = 0; i < 2; i++) {
                List<Envelope> found = engine.resolve(SecretPattern.parse("vault/x"),
                        RequestContext.of(Duration.ofMillis(300)));
                assertEquals(List.of("vault"), found.stream().map(Envelope::provider).toList());
                found.forEach(Envelope::close);
            }
        } finally {
            end.countDown();
        }
    }

    @Test
    void followsAChangeOfTheConfigurationAtTheNextCommand() throws Exception {
        FakeStore other = new FakeStore(LocalStore.State.READY, "");
        host.add(FakeBundle.ofStore("other", 0, other));
        engine.open();
        keep("x");
        assertEquals(List.of("docker-pass x"), resolve("x"));
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "store = \"other\"\n");
        engine.lookAgain();
        assertThrows(SecretsException.NotFound.class, () -> resolve("x"));
        Files.delete(folder.resolve("config/config.toml"));
        engine.config().lookAgain();
        assertThrows(SecretsException.NotFound.class, () -> resolve("x"), "the choice was recorded");
    }

    @Test
    void followsAChangeOfTheConfigurationSoonEvenWithoutACommand() throws Exception {
        engine.open();
        keep("x");
        assertEquals(List.of("docker-pass x"), resolve("x"));
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "store = \"nowhere\"\n");
        boolean followed = false;
        while (!followed) {
            try {
                resolve("x");
            } catch (SecretsException.Invalid e) {
                followed = true;
            }
        }
        assertTrue(followed);
    }

    @Test
    void showsTheStoreAmongThePlugins() throws Exception {
        host.add(FakeBundle.of("a", "1").plugin("a", new Answering("a/x")));
        host.add(FakeBundle.of("z", "1").plugin("z", new Answering("z/x")));
        engine.open();
        engine.localStore(within(5));
        assertEquals(List.of("a", "docker-pass", "z"),
                engine.rows(within(5)).stream().map(PluginRow::name).toList());
    }

    @Test
    void answersOnlyOnceTheHostKnowsItsBundles() {
        assertThrows(SecretsException.Unavailable.class,
                () -> engine.resolve(SecretPattern.parse("x"), RequestContext.of(Duration.ofMillis(50))));
    }

    @Test
    void handsAPluginItsSettings() throws Exception {
        Configured plain = new Configured();
        Configured full = new Configured();
        host.add(FakeBundle.of("b", "1").plugin("plain", plain).plugin("full", full));
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "[plugins.full]\naddress = \"https://own\"\n");
        Files.writeString(folder.resolve("config/plugins.toml"), "[plugins.full]\n_secrets = \"0a1b2c3d\"\n");
        try (SecretValue token = SecretValue.wrap("token".getBytes(UTF_8))) {
            store.set(SecretId.parse("docker/secrets-engine/plugins/full/0a1b2c3d/token"), token, Map.of(), within(5));
        }
        engine.open();
        engine.plugins().awaitSettled(plugin -> true, within(5));
        assertEquals("https://default", plain.address);
        assertEquals(Optional.empty(), plain.token);
        assertEquals("https://own", full.address);
        assertArrayEquals("token".getBytes(UTF_8), full.token.orElseThrow().copyBytes());
        assertThrows(SecretsException.NotFound.class,
                () -> resolve("docker/secrets-engine/plugins/full/0a1b2c3d/token"));
    }

    @Test
    void handsAPluginItsSettingsOnceABrokenFileIsMended() throws Exception {
        Configured plain = new Configured();
        host.add(FakeBundle.of("b", "1").plugin("plain", plain));
        Path file = Files.createDirectories(folder.resolve("config")).resolve("plugins.toml");
        Files.writeString(file, "[plugins.plain]\naddress = = 1\n");
        engine.open();
        for (int i = 0; i < 2; i++) {
            PluginRow row = engine.rows(within(5)).getLast();
            assertEquals("plain", row.name());
            assertTrue(row.message().contains(file + " is not valid TOML") && row.message().contains("line 2"),
                    row.message());
        }
        Files.writeString(file, "[plugins.plain]\naddress = \"https://mended\"\n");
        assertEquals("", engine.rows(within(5)).getLast().message());
        assertEquals("https://mended", plain.address);
    }

    @Test
    void waitsForNobodyWhoIsHandedThemOnceMoreAndTakesLong() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        AtomicInteger tries = new AtomicInteger();
        Configured slow = new Configured() {

            @Override
            public void configure(Values values) throws SecretsException {
                tries.incrementAndGet();
                values.text("address");
                Samples.await(end);
                super.configure(values);
            }
        };
        host.add(FakeBundle.of("b", "1").plugin("slow", slow).plugin("vault", new Answering("vault/x")));
        Path file = Files.createDirectories(folder.resolve("config")).resolve("plugins.toml");
        Files.writeString(file, "[plugins.slow]\naddress = = 1\n");
        engine.open();
        keep("slow/x");
        assertEquals(List.of("vault vault/x"), resolve("vault/x"));
        Files.writeString(file, "[plugins.slow]\naddress = \"https://mended\"\n");
        try {
            assertEquals(List.of("vault vault/x"), resolve("vault/x"));
            assertEquals(0, tries.get(), "nobody asks it for that");
            assertEquals(List.of("docker-pass slow/x", "vault vault/x"), resolve("**"));
            assertEquals(1, tries.get());
            Files.writeString(file, "[plugins.slow]\naddress = \"https://mended-well\"\n");
            assertEquals(List.of("docker-pass slow/x"), resolve("slow/*"));
            assertEquals(1, tries.get(), "it is still at it");
        } finally {
            end.countDown();
        }
        while (slow.address.isEmpty()) {
            Thread.sleep(5);
        }
    }

    @Test
    void takesThePatternOfTheServiceBeforeTheManifests() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("vault", Map.of()).registers("vault", new Answering("mine/x"),
                Map.of(PluginProperties.PATTERN, "mine/**")));
        engine.open();
        engine.plugins().awaitSettled(plugin -> true, within(5));
        assertEquals(List.of("vault mine/x"), resolve("mine/x"));
        assertThrows(SecretsException.NotFound.class, () -> resolve("vault/x"));
    }

    @Test
    void resolvesEnvironments() throws Exception {
        engine.open();
        keep("x");
        Map<String, SecretValue> values = engine.references().resolve(Map.of("A", "se://x"), within(5));
        assertArrayEquals("x".getBytes(UTF_8), values.get("A").copyBytes());
        values.values().forEach(SecretValue::close);
    }

    private void keep(String id) throws SecretsException {
        try (SecretValue value = SecretValue.wrap(id.getBytes(UTF_8))) {
            engine.localStore(within(5)).set(SecretId.parse(id), value, Map.of(), within(5));
        }
    }

    private List<String> resolve(String pattern) throws SecretsException {
        List<Envelope> found = engine.resolve(SecretPattern.parse(pattern), within(5));
        found.forEach(Envelope::close);
        return found.stream().map(envelope -> envelope.provider() + " " + envelope.id()).toList();
    }
}
