package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.nothing;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegistrarTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeHost host = new FakeHost();
    private Registrar registrar;

    @BeforeEach
    void openAManager() {
        ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> {
        });
        host.registerIn(registry);
        PluginManager manager = new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                new Quarantine(folder.resolve("quarantine")), threads);
        manager.open();
        registrar = manager.registrar();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void admitsWhatTheManifestOfTheBundleDeclares() {
        assertFalse(registrar.admits("b", "p"), "there is no such bundle");
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).plugin("q", nothing()));
        assertTrue(registrar.admits("b", "p"));
        assertTrue(registrar.admits("b", "q"));
        assertFalse(registrar.admits("b", "undeclared"));
        assertFalse(registrar.admits("c", "p"), "it is not his");
    }

    @Test
    void admitsOneBundleOfTwoThatDeclareAName() throws Exception {
        FakeBundle first = FakeBundle.of("a", "1").plugin("p", nothing());
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        host.add(first);
        assertTrue(registrar.admits("a", "p"));
        assertFalse(registrar.admits("b", "p"));
        host.remove(first);
        assertTrue(registrar.admits("b", "p"));
    }

    @Test
    void admitsNoPluginOfABundleThatCannotBeUsed() {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of()).broken("no"));
        assertFalse(registrar.admits("b", "p"));
    }

    @Test
    void admitsDeclaredStoresAndNoPluginInTheirName() {
        host.add(FakeBundle.ofStore("age", 1, new FakeStore(LocalStore.State.READY, "")));
        assertTrue(registrar.admitsStore("bundle-age", "age"));
        assertFalse(registrar.admitsStore("bundle-age", "keychain"));
        assertFalse(registrar.admitsStore("b", "age"));
        assertFalse(registrar.admits("bundle-age", "docker-pass"), "it is a store and no plugin");
    }
}
