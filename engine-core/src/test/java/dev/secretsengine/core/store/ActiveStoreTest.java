package dev.secretsengine.core.store;

import static dev.secretsengine.api.LocalStore.State.ABSENT;
import static dev.secretsengine.api.LocalStore.State.LOCKED;
import static dev.secretsengine.api.LocalStore.State.READY;
import static dev.secretsengine.api.LocalStore.State.UNKNOWN;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.plugin.EnabledPlugins;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.plugin.ProviderRegistry;
import dev.secretsengine.core.plugin.Quarantine;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeCollections;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import dev.secretsengine.core.testing.Samples;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class ActiveStoreTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeStore keychain = new FakeStore(READY, "");
    private final FakeStore age = new FakeStore(READY, "");
    private FakeHost host;
    private PluginManager plugins;
    private ActiveStore store;
    private int edits;

    @BeforeEach
    void startAnEngine() {
        restart(FakeBundle.ofStore("keychain", 100, keychain), FakeBundle.ofStore("age", 10, age));
    }

    private void restart(FakeBundle... bundles) {
        host = new FakeHost();
        ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> {
        });
        host.registerIn(registry);
        plugins = new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                new Quarantine(folder.resolve("quarantine")), threads);
        store = new ActiveStore(plugins, registry, new EngineConfig(folder.resolve("config.toml")),
                folder.resolve("store"), threads);
        for (FakeBundle bundle : bundles) {
            host.add(bundle);
        }
        plugins.open();
    }

    private void restart() {
        restart(FakeBundle.ofStore("keychain", 100, keychain), FakeBundle.ofStore("age", 10, age));
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void takesTheHighestRankingStoreThatIsReady() throws Exception {
        assertEquals(Optional.empty(), store.name());
        assertSame(keychain, store.require(within(5)));
        assertEquals(Optional.of("keychain"), store.name());
        assertEquals(Optional.empty(), store.takeAnnouncement());
    }

    @Test
    void takesALockedStoreToo() throws Exception {
        keychain.become(LOCKED, "unlock it");
        assertSame(keychain, store.require(within(5)));
        assertEquals(Optional.empty(), store.takeAnnouncement());
    }

    @Test
    void fallsBackOnceAndSaysSoOnce() throws Exception {
        keychain.become(ABSENT, "there is no session bus");
        assertSame(age, store.require(within(5)));
        assertSame(age, store.require(within(5)));
        assertEquals(Optional.of("there is no session bus: secrets go to the age store from now on"
                + " (store = \"...\" in config.toml chooses another)"), store.takeAnnouncement());
        assertEquals(Optional.empty(), store.takeAnnouncement());
        assertSame(age, store.require(within(5)));
        assertEquals(Optional.empty(), store.takeAnnouncement());
    }

    @Test
    void choosesNothingByAStoreThatDoesNotAnswer() throws Exception {
        keychain.become(UNKNOWN, "the keychain did not answer in time");
        var error = assertThrows(SecretsException.Unavailable.class, () -> store.require(within(5)));
        assertEquals("no store was chosen: the keychain did not answer in time", error.advice());
        assertEquals(Optional.empty(), store.name());
        assertFalse(Files.exists(folder.resolve("store")));
        keychain.become(READY, "");
        assertSame(keychain, store.require(within(5)));
    }

    @Test
    void choosesNothingByAStoreThatStartsTooSlowly() {
        FakeBundle slow = FakeBundle.ofStore("keychain", 100, keychain);
        slow.startsWith(() -> {
            throw new PluginHost.HostException("its start took too long", new TimeoutException(), true);
        });
        restart(slow, FakeBundle.ofStore("age", 10, age));
        assertThrows(SecretsException.Unavailable.class, () -> store.require(within(5)));
        assertEquals(Optional.empty(), store.name());
    }

    @Test
    void recordsTheCollectionOfItsFirstUse() throws Exception {
        FakeCollections divided = new FakeCollections("login");
        restart(FakeBundle.ofStore("keychain", 100, divided));
        assertEquals("login", used(store.require(within(5))));
        divided.prefer("other");
        assertEquals("login", used(store.require(within(5))));
        assertEquals("login", used(store.running().orElseThrow().store()), "lookups use the same");
        restart(FakeBundle.ofStore("keychain", 100, divided));
        assertEquals("login", used(store.require(within(5))));
        assertTrue(store.isActive(StoreName.parse("keychain")));
        assertTrue(store.isActive(StoreName.parse("keychain:login")));
        assertFalse(store.isActive(StoreName.parse("keychain:other")));
    }

    @Test
    void usesTheCollectionThatIsConfigured() throws Exception {
        FakeCollections divided = new FakeCollections("login");
        configure("store = \"keychain:work\"");
        restart(FakeBundle.ofStore("keychain", 100, divided));
        assertEquals("work", used(store.require(within(5))));
        assertEquals("work", used(store.running().orElseThrow().store()));
        configure("store = \"keychain\"");
        assertEquals("work", used(store.require(within(5))), "which stays the recorded one");
        configure("store = \"keychain:login\"");
        assertEquals("login", used(store.require(within(5))));
    }

    @Test
    void forgetsAConfiguredCollectionThatIsNotThere() throws Exception {
        FakeCollections divided = new FakeCollections("login");
        restart(FakeBundle.ofStore("keychain", 100, divided));
        store.require(within(5));
        divided.lose("lgoin");
        configure("store = \"keychain:lgoin\"");
        assertEquals("lgoin", used(store.require(within(5))));
        configure("store = \"keychain\"");
        assertEquals("login", used(store.require(within(5))));
    }

    @Test
    void recordsTheCollectionOfAStoreThatWasChosenBefore() throws Exception {
        Files.writeString(folder.resolve("store"), "keychain\n\n");
        restart(FakeBundle.ofStore("keychain", 100, new FakeCollections("login")));
        store.require(within(5));
        assertEquals("keychain\n\nkeychain login\n", Files.readString(folder.resolve("store")));
    }

    @Test
    void saysInWhichOtherCollectionASecretIs() throws Exception {
        FakeCollections divided = new FakeCollections("login");
        divided.put("b", "work");
        restart(FakeBundle.ofStore("keychain", 100, divided));
        assertEquals("there is no secret b in the collection \"login\", but one in \"work\":"
                + " docker pass migrate --from keychain:work --to keychain b",
                store.missing(SecretId.parse("b"), within(5)).orElseThrow().advice());
        assertEquals(Optional.empty(), store.missing(SecretId.parse("c"), within(5)));
        assertEquals(List.of("b is also in the collection \"work\"; used is the one in \"login\""),
                store.elsewhere(SecretPattern.parse("**"), within(5)).notes(List.of(SecretId.parse("b"))));
        assertEquals(List.of("b is in the collection \"work\", not in \"login\":"
                + " docker pass migrate --from keychain:work --to keychain"),
                store.elsewhere(SecretPattern.parse("**"), within(5)).notes(List.of()));
        assertEquals(Optional.of("b is still in the collection \"work\""),
                store.elsewhere(SecretPattern.parse("b"), within(5)).left(SecretId.parse("b")));
    }

    @Test
    void lendsTheRecordedCollectionOrTheOneThatIsNamed() throws Exception {
        FakeCollections divided = new FakeCollections("login");
        restart(FakeBundle.ofStore("keychain", 100, divided), FakeBundle.ofStore("age", 10, age));
        store.require(within(5));
        divided.prefer("other");
        configure("store = \"age\"");
        assertSame(age, store.require(within(5)));
        try (StoreLease recorded = store.lease(StoreName.parse("keychain"), within(5));
                StoreLease named = store.lease(StoreName.parse("keychain:work"), within(5))) {
            assertEquals("keychain:login", recorded.name().toString());
            assertEquals("login", used(recorded.store()));
            assertEquals("work", used(named.store()));
        }
        assertThrows(SecretsException.Invalid.class, () -> store.lease(StoreName.parse("age:work"), within(5)));
    }

    private static String used(LocalStore store) throws SecretsException {
        return ((CollectionStore) store).collection(within(5));
    }

    @Test
    void keepsItsChoiceWhenABetterStoreAppears() throws Exception {
        keychain.become(ABSENT, "there is no session bus");
        store.require(within(5));
        keychain.become(READY, "");
        assertSame(age, store.require(within(5)));
        restart();
        assertEquals(Optional.of("age"), store.name(), "known without asking anybody");
        assertSame(age, store.require(within(5)));
        assertEquals(Set.of("bundle-age"), host.running());
        assertEquals(Optional.empty(), store.takeAnnouncement(), "announced when it was chosen");
        assertEquals("store: age; there is no session bus", store.row(within(5)).message());
    }

    @Test
    void neverChangesFromAStoreThatIsGone() throws Exception {
        store.require(within(5));
        keychain.become(ABSENT, "there is no session bus");
        for (int engine = 0; engine < 2; engine++) {
            LocalStore active = store.require(within(5));
            var error = assertThrows(SecretsException.Unavailable.class,
                    () -> active.get(SecretId.parse("a"), within(5)));
            assertEquals("there is no session bus", error.getMessage());
            assertEquals(Optional.of("keychain"), store.name());
            assertEquals(Optional.empty(), store.takeAnnouncement());
            assertEquals("store: keychain; there is no session bus", store.row(within(5)).message());
            restart();
        }
    }

    @Test
    void neverChangesFromAStoreWhoseBundleIsGone() throws Exception {
        store.require(within(5));
        restart(FakeBundle.ofStore("age", 10, age));
        var error = assertThrows(SecretsException.Invalid.class, () -> store.require(within(5)));
        assertEquals("the store \"keychain\", which " + folder.resolve("store") + " names, is not installed:"
                + " install it, or set store in config.toml to one of [age]", error.advice());
        restart(FakeBundle.ofStore("keychain", 100, keychain).startsWith(() -> {
            throw new PluginHost.HostException("it does not link", new IllegalStateException());
        }), FakeBundle.ofStore("age", 10, age));
        var failure = assertThrows(SecretsException.Unavailable.class, () -> store.require(within(5)));
        assertEquals("the store keychain does not run: it does not link", failure.advice());
        PluginRow row = store.row(within(5));
        assertEquals(PluginStatus.CRASHED, row.status());
        assertEquals(failure.advice(), row.message());
        restart();
        assertSame(keychain, store.require(within(5)), "and takes it again when it is back");
    }

    @Test
    void doesNotPassOverInSilenceAStoreThatCrashed() throws Exception {
        restart(FakeBundle.ofStore("keychain", 100, keychain).startsWith(() -> {
            throw new PluginHost.HostException("it does not link", new IllegalStateException());
        }), FakeBundle.ofStore("age", 10, age));
        assertSame(age, store.require(within(5)));
        assertTrue(
                store.takeAnnouncement().orElse("").startsWith("the store keychain does not run (it does not link)"));
    }

    @Test
    void choosesNothingWhereNothingIs() throws Exception {
        keychain.become(ABSENT, "there is no session bus");
        age.become(ABSENT, "there is no identity");
        var error = assertThrows(SecretsException.Unavailable.class, () -> store.require(within(5)));
        assertEquals("there is no session bus; there is no identity", error.getMessage());
        assertEquals(Optional.empty(), store.name());
        age.become(READY, "");
        assertSame(age, store.require(within(5)), "asked again");
    }

    @Test
    void saysThatNoStoreIsInstalled() {
        restart(new FakeBundle[0]);
        var error = assertThrows(SecretsException.Unavailable.class, () -> store.require(within(5)));
        assertEquals("no store is installed: docker pass plugins ls shows what is there", error.advice());
    }

    @Test
    void takesTheConfiguredStoreAndRecordsIt() throws Exception {
        configure("store = \"age\"");
        assertSame(age, store.require(within(5)));
        assertEquals(Optional.empty(), store.takeAnnouncement(), "it is what the user asked for");
        configure("store = \"auto\"");
        assertSame(age, store.require(within(5)));
        restart();
        assertSame(age, store.require(within(5)));
        configure("store = \"keychain\"");
        assertSame(keychain, store.require(within(5)));
        assertEquals("store: keychain; configured", store.row(within(5)).message());
        settle();
        assertEquals(Set.of("bundle-keychain"), host.running(), "the other is stopped");
    }

    @Test
    void namesTheChoicesForAStoreThatIsNone() throws Exception {
        configure("store = \"vault\"");
        var error = assertThrows(SecretsException.Invalid.class, () -> store.require(within(5)));
        assertEquals("there is no store \"vault\": set store in config.toml to auto or one of [age, keychain]",
                error.advice());
        assertEquals(PluginStatus.CRASHED, store.row(within(5)).status());
        configure("store = \"auto\"");
        assertSame(keychain, store.require(within(5)), "a slip of the pen is not remembered");
    }

    @Test
    void keepsTheRecordedChoiceThroughAConfiguredStoreThatIsNone() throws Exception {
        configure("store = \"age\"");
        store.require(within(5));
        configure("store = \"agee\"");
        assertThrows(SecretsException.Invalid.class, () -> store.require(within(5)));
        configure("");
        assertSame(age, store.require(within(5)));
    }

    @Test
    void choosesNoOtherStoreWhereTheRecordIsDamaged() throws Exception {
        Files.writeString(folder.resolve("store"), "\0\0\0");
        assertThrows(SecretsException.Failed.class, () -> store.require(within(5)));
        assertTrue(store.row(within(5)).message().startsWith(folder.resolve("store") + ", "));
        assertEquals("\0\0\0", Files.readString(folder.resolve("store")));
        configure("store = \"age\"");
        assertSame(age, store.require(within(5)), "as the message advises");
        configure("");
        restart();
        assertSame(age, store.require(within(5)), "the record is whole again");
    }

    @Test
    void saysThatTheConfigurationDoesNotParse() throws Exception {
        store.require(within(5));
        configure("store = ");
        assertThrows(SecretsException.Invalid.class, () -> store.require(within(5)));
        assertEquals(PluginStatus.CRASHED, store.row(within(5)).status());
        assertEquals(Optional.empty(), store.name());
    }

    @Test
    void keepsOnlyTheActiveStoreRunning() throws Exception {
        store.require(within(5));
        settle();
        assertEquals(Set.of("bundle-keychain"), host.running());
        restart();
        settle();
        assertEquals(Set.of(), host.running(), "nothing is started for nobody");
        store.require(within(5));
        assertEquals(Set.of("bundle-keychain"), host.running());
    }

    @Test
    void warmsUpWhatIsChosenAndDecidesNothing() throws Exception {
        store.warmUp(within(5));
        assertEquals(Optional.empty(), store.name());
        assertEquals(Set.of(), host.running());
        assertEquals("the first use chooses the store", store.row(within(5)).message());
        store.require(within(5));
        restart();
        store.warmUp(within(5));
        assertEquals(Set.of("bundle-keychain"), host.running());
        configure("store = ");
        store.warmUp(within(5));
    }

    @Test
    void choosesOnceForManyCallers() throws Exception {
        keychain.become(ABSENT, "there is no session bus");
        List<Future<LocalStore>> callers = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            callers.add(threads.submit(() -> store.require(within(10))));
        }
        for (Future<LocalStore> caller : callers) {
            assertSame(age, caller.get());
        }
        assertTrue(store.takeAnnouncement().isPresent());
        assertEquals(Optional.empty(), store.takeAnnouncement());
    }

    @Test
    void usesNoStoreThatItCannotRecord() throws Exception {
        Files.createDirectory(folder.resolve("store"));
        Files.createFile(folder.resolve("store/file"));
        assertThrows(SecretsException.Failed.class, () -> store.require(within(5)));
        assertEquals(Optional.empty(), store.name());
    }

    @Test
    void showsTheStoreInARow() throws Exception {
        store.require(within(5));
        assertEquals(new PluginRow("docker-pass", "1", "**", false, false, "bundle-keychain", PluginStatus.RUNNING,
                "store: keychain"), store.row(within(5)));
        keychain.become(LOCKED, "unlock it");
        assertEquals("store: keychain; unlock it", store.row(within(5)).message());
    }

    private void settle() throws SecretsException {
        plugins.awaitSettled(plugin -> true, within(5));
    }

    private void configure(String text) throws IOException {
        Path file = folder.resolve("config.toml");
        Files.writeString(file, text + "\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L + 1000L * edits++));
    }

    /** What is chosen first is chosen for good. */
    @Test
    void choosesNothingForACallerWhoDoesNotWait() throws Exception {
        CountDownLatch ready = new CountDownLatch(1);
        FakeStore slow = new FakeStore(READY, "") {

            @Override
            public Probe probe(RequestContext context) {
                Samples.await(ready);
                return super.probe(context);
            }
        };
        restart(FakeBundle.ofStore("slow", 100, slow).dropped(), FakeBundle.ofStore("age", 10, age));
        plugins.awaitSettled(plugin -> true, within(5));
        assertThrows(SecretsException.Unavailable.class,
                () -> store.require(RequestContext.of(Duration.ofMillis(300))));
        assertEquals(Optional.empty(), store.name());
        ready.countDown();
        store.require(within(5));
        assertEquals(Optional.of("slow"), store.name());
    }
}
