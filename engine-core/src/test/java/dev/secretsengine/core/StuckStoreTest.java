package dev.secretsengine.core;

import static dev.secretsengine.core.testing.Samples.envelope;
import static dev.secretsengine.core.testing.Samples.isWiped;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.DatedStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakePlugin;
import dev.secretsengine.core.testing.FakeStore;
import dev.secretsengine.core.testing.SdkEngine;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of {@link Engine}: a store that waits for its user, or for ever, while others have an answer. */
@Timeout(30)
class StuckStoreTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeStore store = new FakeStore(LocalStore.State.READY, "");
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch end = new CountDownLatch(1);
    private FakeHost host;
    private Engine engine;

    @BeforeEach
    void makeAnEngine() {
        host = new FakeHost();
        engine = new Engine(host, EnginePaths.of(Map.of("SECRETS_ENGINE_HOME", folder.toString())), threads);
        host.registerIn(engine.registry());
        SecretsProvider vault = (pattern, context) -> List.of(envelope("vault/x"));
        host.add(FakeBundle.of("b", "1").plugin("vault", vault));
    }

    @AfterEach
    void stop() {
        end.countDown();
        threads.shutdownNow();
    }

    /** It hears no interrupt and knows no deadline. */
    private void deaf(SecretPattern pattern, RequestContext context) {
        asked.countDown();
        boolean over = false;
        while (!over) {
            try {
                end.await();
                over = true;
            } catch (InterruptedException e) {
                over = false;
            }
        }
    }

    private static void awaitItsUser(SecretPattern pattern, RequestContext context) {
        while (!context.isOver()) {
            Thread.onSpinWait();
        }
    }

    private List<String> resolve(String pattern, RequestContext context) throws SecretsException {
        List<Envelope> found = engine.resolve(SecretPattern.parse(pattern), context);
        found.forEach(Envelope::close);
        return found.stream().map(envelope -> envelope.provider() + " " + envelope.id()).toList();
    }

    @Test
    void promptOfOneLookupHoldsUpNoOther() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, store));
        engine.open();
        store.beforeLookups((pattern, context) -> {
            if (pattern.toString().startsWith("*/")) {
                deaf(pattern, context);
            }
        });
        Future<List<String>> prompted = threads.submit(() -> resolve("*/x", within(20)));
        assertTrue(asked.await(20, TimeUnit.SECONDS));
        assertEquals(List.of("vault vault/x"), resolve("vault/x", within(20)));
        assertFalse(prompted.isDone());
        end.countDown();
        assertEquals(List.of("vault vault/x"), prompted.get(20, TimeUnit.SECONDS));
    }

    @Test
    void promptThatNobodyAnswersCostsTheOtherAnswersNothingButTime() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, store));
        engine.open();
        assertEquals(List.of("vault vault/x"), resolve("vault/x", within(20)));
        store.beforeLookups(StuckStoreTest::awaitItsUser);
        assertEquals(List.of("vault vault/x"), resolve("vault/x", RequestContext.of(Duration.ofMillis(200))));
    }

    @Test
    void promptThatNobodyAnswersLosesNoAnswerOfAProcess() throws Exception {
        try (SdkEngine sdk = new SdkEngine(folder.resolve("sdk"));
                FakePlugin process = sdk.plugin(pattern -> FakePlugin.found(pattern, "x"))) {
            assertTrue(process.register("ext", "v1.0.0", "ext/**").startsWith("200"));
            while (sdk.row("ext").isEmpty()) {
                Thread.sleep(5);
            }
            assertEquals(List.of("ext ext/x"), sdk.resolve("ext/x"));
            sdk.store.beforeLookups(StuckStoreTest::awaitItsUser);
            engine = sdk.engine();
            assertEquals(List.of("ext ext/x"), resolve("ext/x", RequestContext.of(Duration.ofSeconds(1))));
        }
    }

    /** The engine's own store keeps the deadline by itself; one that was dropped in may not. */
    @Test
    void deafStoreOfADroppedJarHoldsUpNobodyBeyondTheDeadline() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, store).dropped());
        engine.open();
        assertEquals(List.of("vault vault/x"), resolve("vault/x", within(20)));
        store.beforeLookups(this::deaf);
        Future<List<String>> others = threads
                .submit(() -> resolve("vault/x", RequestContext.of(Duration.ofMillis(200))));
        assertEquals(List.of("vault vault/x"), others.get(20, TimeUnit.SECONDS));
        assertEquals(0, asked.getCount());
    }

    /** Whatever it is asked, a command ends, and says so. */
    @Test
    void deafStoreOfADroppedJarIsToldOfInItsRow() throws Exception {
        FakeStore deaf = new FakeStore(LocalStore.State.READY, "") {

            @Override
            public Probe probe(RequestContext context) {
                deaf(SecretPattern.parse("**"), context);
                return super.probe(context);
            }

            @Override
            public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
                deaf(pattern, context);
                return super.list(pattern, context);
            }
        };
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "store = \"deaf\"\n");
        host.add(FakeBundle.ofStore("deaf", 1, deaf).dropped());
        engine.open();
        engine.localStore(within(20));
        PluginRow row = engine.rows(within(20)).get(0);
        assertEquals("docker-pass", row.name());
        assertEquals(PluginStatus.CRASHED, row.status());
        assertEquals(
                "store: deaf; configured; the store deaf does not say how it is: remove its jar, or choose another by"
                        + " store in config.toml",
                row.message());
        LocalStore guarded = engine.localStore(within(5));
        assertThrows(SecretsException.Unavailable.class, () -> guarded.list(SecretPattern.parse("**"),
                RequestContext.of(Duration.ofMillis(200))));
    }

    @Test
    void storeOfADroppedJarIsWhatItWouldBeWithoutItsGuard() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, store).dropped());
        engine.open();
        LocalStore guarded = engine.localStore(within(5));
        try (SecretValue value = SecretValue.copyOf(new byte[]{1})) {
            guarded.set(SecretId.parse("a"), value, Map.of(), within(5));
        }
        guarded.get(SecretId.parse("a"), within(5)).orElseThrow().close();
        store.become(LocalStore.State.LOCKED, "it is locked");
        assertEquals(LocalStore.State.LOCKED, guarded.probe(within(5)).state());
        assertEquals("it is locked", assertThrows(SecretsException.Unavailable.class,
                () -> guarded.get(SecretId.parse("a"), within(5))).getMessage());
        store.beforeChange(() -> {
            throw new IllegalStateException("of the test");
        });
        store.become(LocalStore.State.READY, "");
        assertEquals("the plugin docker-pass threw java.lang.IllegalStateException",
                assertThrows(SecretsException.Failed.class, () -> guarded.remove(SecretId.parse("a"), within(5)))
                        .getMessage());
        assertFalse(guarded instanceof DatedStore);
        assertEquals("store age", guarded.toString());
        assertNotEquals(guarded, store);
        assertEquals(Set.of(guarded), new HashSet<>(List.of(guarded, guarded)));
    }

    @Test
    void answerOfADroppedStoreThatNobodyWaitsForIsWiped() throws Exception {
        CompletableFuture<Envelope> late = new CompletableFuture<>();
        FakeStore slow = new FakeStore(LocalStore.State.READY, "") {

            @Override
            public Optional<Envelope> get(SecretId id, RequestContext context) {
                deaf(SecretPattern.of(id), context);
                Envelope found = envelope("vault/x");
                late.complete(found);
                return Optional.of(found);
            }
        };
        host.add(FakeBundle.ofStore("age", 1, slow).dropped());
        engine.open();
        LocalStore guarded = engine.localStore(within(5));
        Cancellation caller = new Cancellation();
        Future<Optional<Envelope>> gone = threads.submit(
                () -> guarded.get(SecretId.parse("a"), RequestContext.of(Duration.ofSeconds(20), caller, Map.of())));
        assertTrue(asked.await(20, TimeUnit.SECONDS));
        caller.cancel();
        assertInstanceOf(SecretsException.Unavailable.class,
                assertThrows(ExecutionException.class, gone::get).getCause());
        end.countDown();
        Envelope found = late.get(20, TimeUnit.SECONDS);
        while (!isWiped(found.value())) {
            Thread.sleep(5);
        }
    }

    /** A store with an identity, whose code no caller can rely on. */
    private final class Unreliable extends FakeStore implements IdentityStore {

        Unreliable() {
            super(LocalStore.State.READY, "");
        }

        @Override
        @SuppressWarnings("NullAway") // What it may not do is the point.
        public List<SecretInfo> list(SecretPattern pattern, RequestContext context) {
            return null;
        }

        @Override
        public boolean isLocked() {
            throw new IllegalStateException("of the test");
        }

        @Override
        public void unlock(SecretValue passphrase) throws SecretsException {
            throw new SecretsException.Denied("docker-pass", "wrong passphrase", "");
        }

        @Override
        public String recipient() {
            throw new LinkageError("of the test");
        }

        @Override
        public SecretValue backup() {
            return SecretValue.copyOf(new byte[]{1});
        }

        @Override
        public boolean hasPassphrase() {
            return true;
        }

        @Override
        public void changePassphrase(Optional<SecretValue> current, Optional<SecretValue> replacement) {
            end.countDown();
        }
    }

    @Test
    void storeOfADroppedJarFailsInWords() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, new Unreliable()).dropped());
        engine.open();
        LocalStore guarded = engine.localStore(within(20));
        assertEquals("the store age answered nothing at all", assertThrows(SecretsException.Failed.class,
                () -> guarded.list(SecretPattern.parse("**"), within(20))).getMessage());
        IdentityStore identity = assertInstanceOf(IdentityStore.class, guarded);
        assertTrue(identity.isLocked());
        assertThrows(SecretsException.Failed.class, identity::recipient);
        assertTrue(identity.hasPassphrase());
        identity.backup().close();
        identity.changePassphrase(Optional.empty(), Optional.empty());
        assertEquals(0, end.getCount());
        try (SecretValue passphrase = SecretValue.copyOf(new byte[]{1})) {
            assertThrows(SecretsException.Denied.class, () -> identity.unlock(passphrase));
        }
    }
}
