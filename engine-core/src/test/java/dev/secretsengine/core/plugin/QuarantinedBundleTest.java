package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.envelope;
import static dev.secretsengine.core.testing.Samples.nothing;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of {@link PluginManager}: bundles that have ended an engine, or may have. */
@Timeout(30)
class QuarantinedBundleTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeHost host = new FakeHost();
    private final ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> {
    });

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private Quarantine quarantine() {
        return new Quarantine(folder.resolve("quarantine"), "this boot");
    }

    /** As the next engine does it. */
    private PluginManager open() throws SecretsException {
        host.registerIn(registry);
        PluginManager manager = new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                quarantine(), threads);
        manager.open();
        manager.awaitSettled(plugin -> true, within(5));
        return manager;
    }

    private PluginBundle bundle() {
        return host.bundles().get(0);
    }

    private void dieAtWork() {
        assertTrue(quarantine().risk(bundle()) != null);
    }

    private static List<Envelope> ask(PluginManager manager, ProviderEntry entry) throws SecretsException {
        return manager.source(entry).lookup().begin(SecretPattern.parse("p/x"), within(5)).await();
    }

    @Test
    void rowOfABundleThatIsOffNamesTheCommandAndTheTime() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).dropped());
        quarantine().blame(bundle(), "it called System.exit, which ended the engine");
        PluginManager manager = open();
        assertEquals(Set.of(), host.running());
        PluginRow row = manager.row("p").orElseThrow();
        assertEquals(PluginStatus.CRASHED, row.status());
        assertTrue(row.message().matches("it called System\\.exit, which ended the engine; it is left off until"
                + " \\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ: docker pass plugins enable p tries it at once"),
                row.message());
        assertEquals(PluginStatus.RUNNING, manager.enable("p", true, within(5)).status());
        assertEquals(Set.of("b"), host.running());
    }

    @Test
    void suspectThatAnswersOnceIsNoneAnyMore() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", (pattern, context) -> List.of(envelope("p/x"))).dropped());
        dieAtWork();
        PluginManager manager = open();
        assertEquals(Set.of("b"), host.running());
        ask(manager, registry.plugin("p").orElseThrow()).forEach(Envelope::close);
        dieAtWork();
        assertEquals(PluginStatus.RUNNING, open().row("p").orElseThrow().status());
    }

    @Test
    void suspectThatOnlyFailsStaysOne() throws Exception {
        SecretsProvider failing = (pattern, context) -> {
            throw new SecretsException.Unavailable("p", "no", "");
        };
        host.add(FakeBundle.of("b", "1").plugin("p", failing).dropped());
        dieAtWork();
        PluginManager manager = open();
        assertThrows(SecretsException.Unavailable.class,
                () -> ask(manager, registry.plugin("p").orElseThrow()));
        dieAtWork();
        assertEquals(PluginStatus.CRASHED, open().row("p").orElseThrow().status());
    }

    @Test
    void jarInAnothersPlaceIsARiskAgain() throws Exception {
        List<Boolean> marked = new ArrayList<>();
        SecretsProvider looking = (pattern, context) -> {
            marked.add(isAnyMarked());
            return List.of(envelope("p/x"));
        };
        FakeBundle first = FakeBundle.of("b", "1").plugin("p", looking).dropped();
        host.add(first);
        PluginManager manager = open();
        for (int i = 0; i < 2; i++) {
            ask(manager, registry.plugin("p").orElseThrow()).forEach(Envelope::close);
        }
        host.remove(first);
        host.add(FakeBundle.of("b", "2").plugin("p", looking).dropped());
        manager.awaitSettled(plugin -> true, within(5));
        ask(manager, registry.plugin("p").orElseThrow()).forEach(Envelope::close);
        assertEquals(List.of(true, false, true), marked);
    }

    private boolean isAnyMarked() {
        try (Stream<Path> files = Files.list(folder.resolve("quarantine"))) {
            return files.anyMatch(file -> file.toString().endsWith(".running"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void saysWhyAStoreIsOff() throws Exception {
        host.add(FakeBundle.ofStore("age", 1, new FakeStore(LocalStore.State.READY, "")).dropped());
        quarantine().blame(bundle(), "it called System.exit");
        PluginManager manager = open();
        manager.wantStores(List.of("age"));
        manager.awaitSettled(plugin -> true, within(5));
        assertEquals(Set.of(), host.running());
        assertTrue(manager.storeFailure("age").orElse("").startsWith("it called System.exit; it is left off until "));
    }
}
