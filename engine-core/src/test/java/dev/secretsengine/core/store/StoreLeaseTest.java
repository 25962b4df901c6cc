package dev.secretsengine.core.store;

import static dev.secretsengine.api.LocalStore.State.READY;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.plugin.EnabledPlugins;
import dev.secretsengine.core.plugin.PluginManager;
import dev.secretsengine.core.plugin.ProviderRegistry;
import dev.secretsengine.core.plugin.Quarantine;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class StoreLeaseTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeStore keychain = new FakeStore(READY, "");
    private final FakeStore age = new FakeStore(READY, "");
    private final FakeHost host = new FakeHost();
    private PluginManager plugins;
    private ActiveStore store;

    @BeforeEach
    void startAnEngine() {
        ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> {
        });
        host.registerIn(registry);
        plugins = new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                new Quarantine(folder.resolve("quarantine")), threads);
        store = new ActiveStore(plugins, registry, new EngineConfig(folder.resolve("config.toml")),
                folder.resolve("store"), threads);
        host.add(FakeBundle.ofStore("keychain", 100, keychain));
        host.add(FakeBundle.ofStore("age", 10, age));
        plugins.open();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void lendsAStoreBesideTheActiveOne() throws Exception {
        store.require(within(5));
        assertEquals(Set.of("age", "keychain"), store.names(within(5)));
        try (StoreLease lease = store.lease(StoreName.parse("age"), within(5))) {
            assertSame(age, lease.store());
            assertSame(keychain, store.require(within(5)), "which stays the active one");
            settle();
            assertEquals(Set.of("bundle-age", "bundle-keychain"), host.running());
            try (StoreLease again = store.lease(StoreName.parse("age"), within(5));
                    StoreLease active = store.lease(StoreName.parse("keychain"), within(5))) {
                assertSame(age, again.store());
                assertSame(keychain, active.store());
            }
            settle();
            assertEquals(Set.of("bundle-age", "bundle-keychain"), host.running(), "it is still lent");
        }
        settle();
        assertEquals(Set.of("bundle-keychain"), host.running());
        assertEquals(Optional.of("keychain"), store.name());
    }

    @Test
    void lendsStoresBeforeOneIsChosen() throws Exception {
        try (StoreLease lease = store.lease(StoreName.parse("age"), within(5))) {
            assertSame(age, lease.store());
            assertEquals(Optional.empty(), store.name());
        }
        settle();
        assertEquals(Set.of(), host.running());
        assertSame(keychain, store.require(within(5)));
    }

    @Test
    void lendsNoStoreThatIsNone() throws Exception {
        store.require(within(5));
        assertThrows(SecretsException.Invalid.class, () -> store.lease(StoreName.parse("vault"), within(5)));
        settle();
        assertEquals(Set.of("bundle-keychain"), host.running());
    }

    private void settle() throws SecretsException {
        plugins.awaitSettled(plugin -> true, within(5));
    }
}
