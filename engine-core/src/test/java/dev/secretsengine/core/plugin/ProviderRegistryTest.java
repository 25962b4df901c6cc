package dev.secretsengine.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.testing.FakeStore;
import dev.secretsengine.core.testing.Samples;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProviderRegistryTest {

    private String file = "broken";
    private final ProviderRegistry registry = new ProviderRegistry(new ProviderRegistry.Configurator() {

        @Override
        public void configure(String name, Configurable provider) throws SecretsException {
            ((Plugin) provider).configured(name);
        }

        @Override
        public Object source() {
            return file;
        }
    });
    private final Map<String, Object> properties = new HashMap<>(Map.of(PluginProperties.NAME, "vault",
            PluginProperties.VERSION, "1", PluginProperties.PATTERN, "vault/**"));

    /** A plugin with settings. */
    private final class Plugin implements SecretsProvider, Configurable {

        private int times;
        private @Nullable Throwable failure;
        private Runnable during = () -> {
        };

        void configured(String plugin) throws SecretsException {
            assertEquals("vault", plugin);
            times++;
            during.run();
            switch (failure) {
                case null -> {
                }
                case SecretsException e -> throw e;
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new AssertionError(failure);
            }
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }

        @Override
        public List<Setting> settings() {
            return List.of();
        }

        @Override
        public void configure(Values values) {
            throw new AssertionError("the registry's configurator does it");
        }
    }

    private final Plugin plugin = new Plugin();

    @Test
    void configuresOnceMoreWhenItIsTold() {
        registry.put(properties::get, plugin, true);
        registry.refresh("vault");
        registry.refresh("other");
        assertEquals(2, plugin.times);
        plugin.failure = new SecretsException.Unavailable("vault", "the store is locked", "unlock it");
        registry.refresh("vault");
        assertEquals(List.of(), registry.entries());
        assertTrue(registry.service("vault").isPresent());
        plugin.failure = null;
        assertEquals(List.of(), registry.due(name -> true), "not at once");
        registry.refresh("vault");
        assertEquals(1, registry.entries().size());
    }

    @Test
    void triesAgainWhatWasLeftOutOnceAFileHasChanged() {
        plugin.failure = new SecretsException.Invalid("vault", "the file does not parse", "line 1");
        registry.put(properties::get, plugin, true);
        plugin.failure = null;
        assertEquals(List.of(), registry.dueByChange(name -> true), "the same file");
        file = "mended";
        assertEquals(List.of(), registry.dueByChange(name -> false), "it is off");
        assertEquals(List.of("vault"), registry.dueByChange(name -> true), "it is on, and was not tried yet");
        assertEquals(List.of(), registry.due(name -> true), "somebody tries it");
        file = "mended again";
        assertEquals(List.of("vault"), registry.due(name -> true));
        registry.refresh("vault");
        assertEquals(1, registry.entries().size());
        file = "another";
        assertEquals(List.of(), registry.due(name -> true));
    }

    @Test
    void doesNotTakeInWhatWasLetGoWhileItWasConfigured() {
        plugin.during = () -> registry.remove(plugin);
        registry.put(properties::get, plugin, true);
        assertEquals(List.of(), registry.entries());
        plugin.failure = new SecretsException.Invalid("vault", "it makes no sense", "");
        registry.put(properties::get, plugin, true);
        assertEquals(Optional.empty(), registry.failure("vault"));
    }

    @Test
    void takesServicesInAndLetsThemGo() {
        AtomicInteger changes = new AtomicInteger();
        registry.whenChanged(changes::incrementAndGet);
        registry.put(properties::get, plugin, true);
        ProviderEntry entry = new ProviderEntry("vault", "1", SecretPattern.parse("vault/**"), Optional.empty(), 0,
                plugin);
        assertEquals(List.of(entry), registry.entries());
        assertEquals(Optional.of(entry), registry.plugin("vault"));
        registry.remove(plugin);
        assertEquals(List.of(), registry.entries());
        assertEquals(2, changes.get());
    }

    @Test
    void configuresANewServiceOnce() {
        registry.put(properties::get, plugin, true);
        registry.put(properties::get, plugin, false);
        assertEquals(1, plugin.times);
        registry.remove(plugin);
        registry.put(properties::get, plugin, true);
        assertEquals(2, plugin.times, "a service that comes back is new");
    }

    @Test
    void takesThePropertiesThatConfiguringChanged() {
        plugin.during = () -> properties.put(PluginProperties.PATTERN, "mine/**");
        registry.put(properties::get, plugin, true);
        assertEquals("mine/**", registry.entries().get(0).pattern().toString());
    }

    @Test
    void takesChangedProperties() {
        registry.put(properties::get, plugin, true);
        properties.put(PluginProperties.PATTERN, "other/*");
        registry.put(properties::get, plugin, false);
        assertEquals("other/*", registry.entries().get(0).pattern().toString());
    }

    @Test
    void leavesOutWhatCannotBeConfigured() {
        plugin.failure = new SecretsException.Invalid("vault", "no address", "set one");
        registry.put(properties::get, plugin, true);
        assertEquals(List.of(), registry.entries());
        assertEquals(Optional.of("no address: set one"), registry.failure("vault"));
        plugin.failure = null;
        registry.put(properties::get, plugin, true);
        assertEquals(1, registry.entries().size());
        assertEquals(Optional.empty(), registry.failure("vault"));
    }

    @Test
    void doesNotTakeInByChangedPropertiesWhatIsNotConfigured() {
        plugin.failure = new SecretsException.Invalid("vault", "no address", "set one");
        registry.put(properties::get, plugin, true);
        properties.put(PluginProperties.PATTERN, "other/*");
        registry.put(properties::get, plugin, false);
        assertEquals(List.of(), registry.entries());
        assertEquals(Optional.of("no address: set one"), registry.failure("vault"));
        plugin.failure = null;
        registry.put(properties::get, plugin, false);
        assertEquals(3, plugin.times, "it is tried again");
        assertEquals(1, registry.entries().size());
    }

    @Test
    void survivesAProviderThatChangesItsPropertiesWhileItIsConfiguredAgain() {
        plugin.failure = new SecretsException.Invalid("vault", "no address", "set one");
        registry.put(properties::get, plugin, true);
        // The framework calls back on the same thread.
        plugin.during = () -> registry.put(properties::get, plugin, false);
        registry.put(properties::get, plugin, false);
        assertEquals(2, plugin.times);
        assertEquals(List.of(), registry.entries(), "it failed again");
    }

    @Test
    void tellsNothingOfWhatAPluginThrewWhenItWasConfigured() {
        for (Throwable thrown : List.of(new IllegalStateException("canary"), new NoClassDefFoundError("canary"))) {
            plugin.failure = thrown;
            registry.put(properties::get, plugin, true);
            assertEquals(List.of(), registry.entries());
            String reason = registry.failure("vault").orElseThrow();
            assertFalse(reason.contains("canary"), reason);
            assertTrue(reason.contains(thrown.getClass().getSimpleName()), reason);
        }
    }

    @Test
    void leavesOutAServiceWithoutItsProperties() {
        for (String missing : List.of(PluginProperties.VERSION, PluginProperties.PATTERN)) {
            Object value = properties.remove(missing);
            registry.put(properties::get, plugin, true);
            assertEquals(List.of(), registry.entries());
            properties.put(missing, value);
        }
        properties.put(PluginProperties.PATTERN, "a//b");
        registry.put(properties::get, plugin, true);
        assertEquals(List.of(), registry.entries());
        properties.put(PluginProperties.PATTERN, "a/b");
        registry.put(properties::get, plugin, true);
        assertEquals(1, registry.entries().size());
    }

    @Test
    void dropsAServiceWhosePropertiesStopMakingSense() {
        registry.put(properties::get, plugin, true);
        properties.put(PluginProperties.PATTERN, "a//b");
        registry.put(properties::get, plugin, false);
        assertEquals(List.of(), registry.entries());
        assertTrue(registry.failure("vault").orElse("").contains("a//b"));
    }

    @Test
    void triesTheStoreOfTheHighestRankingFirst() {
        for (String store : List.of("1-low", "9-high", "5-middle")) {
            registry.put(storeProperties(store)::get, new FakeStore(LocalStore.State.READY, ""), true);
        }
        assertEquals(List.of("9-high", "5-middle", "1-low"),
                registry.stores().stream().map(entry -> entry.store().orElseThrow()).toList());
        assertEquals(Optional.empty(), registry.plugin("docker-pass"), "a store is no plugin among others");
    }

    @Test
    void leavesOutAStoreThatStoresNothing() {
        registry.put(storeProperties("1-fake")::get, (pattern, context) -> List.of(), true);
        assertEquals(List.of(), registry.stores());
    }

    private static Map<String, Object> storeProperties(String store) {
        return Map.of(PluginProperties.NAME, "docker-pass", PluginProperties.VERSION, "1", PluginProperties.PATTERN,
                "**", PluginProperties.STORE, store, "service.ranking", Integer.valueOf(store.substring(0, 1)));
    }

    @Test
    void takesInWhatComesBackByAChangeOfItsProperties() {
        registry.put(properties::get, plugin, true);
        registry.remove(plugin);
        registry.put(properties::get, plugin, false);
        assertEquals(1, registry.entries().size());
    }

    /** The one that was overtaken may have had the last word. */
    @Test
    void configuresOnceMoreAfterTwoAtOnce() throws Exception {
        registry.put(properties::get, plugin, true);
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        plugin.during = () -> {
            plugin.during = () -> {
            };
            begun.countDown();
            Samples.await(end);
        };
        Thread slow = Thread.ofPlatform().start(() -> registry.refresh("vault"));
        begun.await();
        registry.refresh("vault");
        assertEquals(3, plugin.times, "one of them is still at it");
        end.countDown();
        slow.join();
        assertEquals(4, plugin.times);
        registry.refresh("vault");
        assertEquals(5, plugin.times);
    }
}
