package dev.secretsengine.core;

import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import dev.secretsengine.core.testing.Samples;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PluginSetupTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeStore store = new FakeStore(LocalStore.State.READY, "");
    private Vault vault = new Vault();
    private Engine engine;

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    /** The engine is no more: nothing is caught, and nothing is undone. */
    private static final class Killed extends Error {

        private static final long serialVersionUID = 1L;
    }

    @FunctionalInterface
    private interface Check {

        void run() throws SecretsException;
    }

    /** Remembers what it is configured with. */
    private static final class Vault implements SecretsProvider, Configurable {

        private String seen = "";
        private String refused = "none";
        private Check whileChecked = () -> {
        };

        @Override
        public List<Setting> settings() {
            return List.of(new Setting("address", false, "", "where"), new Setting("user", true, "", "who"),
                    new Setting("password", true, "", "proof"));
        }

        @Override
        public synchronized void configure(Values values) throws SecretsException {
            String all = values.text("address") + " " + text(values, "user") + " " + text(values, "password");
            if (all.startsWith(refused)) {
                throw new SecretsException.Invalid("vault", "it does not run with that", "");
            }
            seen = all;
        }

        @Override
        public void check(Values values, RequestContext context) throws SecretsException {
            Check now = whileChecked;
            whileChecked = () -> {
            };
            now.run();
        }

        private static String text(Values values, String setting) throws SecretsException {
            try (SecretValue value = values.secret(setting).orElse(null)) {
                return value == null ? "-" : new String(value.copyBytes(), UTF_8);
            }
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }
    }

    @BeforeEach
    void start() {
        FakeHost host = new FakeHost();
        vault = new Vault();
        engine = new Engine(host, EnginePaths.of(Map.of("SECRETS_ENGINE_HOME", folder.toString())), threads);
        host.registerIn(engine.registry());
        host.add(FakeBundle.ofStore("age", 1, store));
        host.add(FakeBundle.of("b", "1").plugin("vault", vault));
        engine.open();
    }

    private void setUp(String address, String... secrets) throws SecretsException {
        setUp(within(5), address, secrets);
    }

    private void setUp(RequestContext context, String address, String... secrets) throws SecretsException {
        Map<String, SecretValue> values = new LinkedHashMap<>();
        for (String secret : secrets) {
            String[] pair = secret.split("=", 2);
            values.put(pair[0], SecretValue.copyOf(pair[1].getBytes(UTF_8)));
        }
        try (PluginCandidate candidate = engine.setup().open("vault", within(5))) {
            candidate.apply(Map.of("address", address), values, context);
        } finally {
            values.values().forEach(SecretValue::close);
        }
    }

    /** What the plugin is handed by the next engine. */
    private String afterRestart() throws SecretsException {
        start();
        engine.plugins().awaitSettled(plugin -> true, within(5));
        return vault.seen;
    }

    private int secretsInStore() throws SecretsException {
        return store.list(SecretPattern.parse("**"), within(5)).size();
    }

    /** Fails from one change of the store on. */
    private void failFrom(int change, boolean forGood) {
        AtomicInteger count = new AtomicInteger();
        store.beforeChange(() -> {
            int now = count.incrementAndGet();
            if (forGood && now >= change) {
                throw new Killed();
            }
            if (now == change) {
                throw new SecretsException.Failed("docker-pass", "the disk is full", "make room");
            }
        });
    }

    @Test
    void findsAllOfTheOldOrAllOfTheNewWheneverTheEngineIsKilled() throws Exception {
        setUp("old", "user=old", "password=old");
        int killed = 0;
        String seen = "";
        for (int change = 1; !seen.equals("new new new") || killed == change - 1; change++) {
            store.beforeChange(() -> {
            });
            setUp("old", "user=old", "password=old");
            failFrom(change, true);
            try {
                setUp("new", "user=new", "password=new");
            } catch (Killed e) {
                killed++;
            }
            seen = afterRestart();
            assertTrue(seen.matches("old old old|new new new"), "killed before change " + change + ": " + seen);
        }
        assertTrue(killed >= 4, "two secrets come and two go: " + killed);
        store.beforeChange(() -> {
        });
        setUp("last", "user=last", "password=last");
        assertEquals("last last last", vault.seen);
        assertEquals(2, secretsInStore(), "what killed engines left is gone");
        assertFalse(Files.readString(folder.resolve("config/plugins.toml")).contains("_stale ="));
    }

    @Test
    void leavesEverythingAsItWasWhenTheStoreFails() throws Exception {
        setUp("old", "user=old", "password=old");
        for (int change = 1; change <= 2; change++) {
            failFrom(change, false);
            assertThrows(SecretsException.Failed.class, () -> setUp("new", "user=new", "password=new"));
            assertEquals("old old old", afterRestart());
            assertEquals(2, secretsInStore());
        }
        failFrom(3, false);
        setUp("new", "user=new", "password=new");
        assertEquals("new new new", afterRestart(), "only old secrets were left behind");
    }

    @Test
    void leavesEverythingAsItWasWhenThePluginDoesNotRun() throws Exception {
        setUp("old", "user=old", "password=old");
        vault.refused = "new";
        assertThrows(SecretsException.Failed.class, () -> setUp("new", "user=new", "password=new"));
        assertEquals("old old old", afterRestart());
        assertEquals(2, secretsInStore());
    }

    @Test
    void findsAllOfTheOldOrAllOfTheNewWhenItIsKilledWhileItTakesThemBack() throws Exception {
        for (int change = 1; change <= 4; change++) {
            store.beforeChange(() -> {
            });
            setUp("old", "user=old", "password=old");
            vault.refused = "new";
            failFrom(change, true);
            assertThrows(Killed.class, () -> setUp("new", "user=new", "password=new"));
            String seen = afterRestart();
            assertTrue(seen.matches("old old old|new new new"), "killed before change " + change + ": " + seen);
        }
    }

    @Test
    void leavesEverythingAsItWasForACallerWhoGoesBeforeItIsDone() throws Exception {
        setUp("old", "user=old", "password=old");
        Cancellation caller = new Cancellation();
        store.beforeChange(caller::cancel);
        assertThrows(SecretsException.Unavailable.class, () -> setUp(
                RequestContext.of(Duration.ofSeconds(5), caller, Map.of()), "new", "user=new", "password=new"));
        assertEquals("old old old", vault.seen);
        assertEquals(2, secretsInStore());
        assertEquals("old old old", afterRestart());
    }

    @Test
    void keepsTheSecretsThatAreNotGiven() throws Exception {
        setUp("a", "user=a");
        assertEquals("a a -", vault.seen);
        setUp("b", "password=b");
        assertEquals("b a b", vault.seen);
        setUp("c");
        assertEquals("c a b", afterRestart());
        assertEquals(2, secretsInStore());
    }

    @Test
    void takesNoValuesThatWereCheckedWithOthersThanThoseOfNow() throws Exception {
        setUp("old", "user=old", "password=old");
        try (PluginCandidate candidate = engine.setup().open("vault", within(5));
                SecretValue user = SecretValue.copyOf("new".getBytes(UTF_8))) {
            vault.whileChecked = () -> setUp("other", "user=other", "password=other");
            SecretsException refused = assertThrows(SecretsException.Failed.class,
                    () -> candidate.apply(Map.of(), Map.of("user", user), within(5)));
            assertEquals("the settings of vault have changed meanwhile: run this again", refused.advice());
        }
        assertEquals("other other other", afterRestart());
    }

    @Test
    void losesNothingOfAnotherChangeThatItWasTooLateFor() throws Exception {
        setUp("old", "user=old", "password=old");
        CountDownLatch isChecked = new CountDownLatch(1);
        CountDownLatch isDone = new CountDownLatch(1);
        List<Future<?>> other = new ArrayList<>();
        store.beforeChange(() -> {
            // In the middle of the first change, another begins.
            store.beforeChange(() -> {
            });
            vault.whileChecked = () -> {
                isChecked.countDown();
                Samples.await(isDone);
            };
            other.add(threads.submit(() -> {
                setUp("late", "user=late", "password=late");
                return true;
            }));
            Samples.await(isChecked);
        });
        setUp("new", "user=new", "password=new");
        isDone.countDown();
        ExecutionException late = assertThrows(ExecutionException.class, () -> other.get(0).get());
        assertInstanceOf(SecretsException.Failed.class, late.getCause());
        assertEquals("new new new", afterRestart());
        assertEquals(2, secretsInStore());
    }

    @Test
    void waitsForASetUpBeforeItTakesThatBack() throws Exception {
        List<Future<?>> purge = new ArrayList<>();
        store.beforeChange(() -> {
            store.beforeChange(() -> {
            });
            purge.add(threads.submit(() -> engine.setup().purge("vault", within(5))));
            Future<?> hasty = threads.submit(
                    () -> engine.setup().purge("vault", RequestContext.of(Duration.ofMillis(300))));
            ExecutionException late = assertThrows(ExecutionException.class, hasty::get);
            assertEquals("somebody else is setting the plugin vault up: try again when that is done",
                    assertInstanceOf(SecretsException.Unavailable.class, late.getCause()).advice());
        });
        setUp("new", "user=new", "password=new");
        purge.get(0).get();
        assertEquals(0, secretsInStore());
        assertEquals(List.of(), engine.registry().entries().stream().filter(entry -> entry.store().isEmpty()).toList());
    }

    @Test
    void removesWhateverNobodyReads() throws Exception {
        setUp("old", "user=old", "password=old");
        Files.delete(folder.resolve("config/plugins.toml"));
        setUp("new", "user=new");
        assertEquals("new new -", vault.seen);
        assertEquals(1, secretsInStore());
    }

    @Test
    void choosesNothingForAPluginThatItDidNotComeTo() {
        failFrom(1, false);
        assertThrows(SecretsException.Failed.class, () -> setUp("new", "user=new"));
        assertFalse(Files.exists(folder.resolve("state/plugins")));
    }

    @Test
    void purgeLeavesNothingToStartFromWhereverItIsKilled() throws Exception {
        for (int change = 1; change <= 2; change++) {
            store.beforeChange(() -> {
            });
            setUp("old", "user=old", "password=old");
            failFrom(change, true);
            assertThrows(Killed.class, () -> engine.setup().purge("vault", within(5)));
            assertEquals("", afterRestart(), "it is off");
            store.beforeChange(() -> {
            });
            engine.plugins().enable("vault", true, within(5));
            assertEquals(" - -", vault.seen);
            engine.setup().purge("vault", within(5));
            assertEquals(0, secretsInStore());
        }
    }

    @Test
    void takesNothingBackForACallerWhoHasGoneMeanwhile() throws Exception {
        Cancellation caller = new Cancellation();
        List<Future<?>> purge = new ArrayList<>();
        store.beforeChange(() -> {
            store.beforeChange(() -> {
            });
            purge.add(threads.submit(() -> engine.setup().purge("vault",
                    RequestContext.of(Duration.ofSeconds(20), caller, Map.of()))));
            caller.cancel();
        });
        setUp("new", "user=new", "password=new");
        ExecutionException late = assertThrows(ExecutionException.class, () -> purge.get(0).get());
        assertInstanceOf(SecretsException.Unavailable.class, late.getCause());
        assertEquals(2, secretsInStore());
        assertEquals("new new new", afterRestart());
    }
}
