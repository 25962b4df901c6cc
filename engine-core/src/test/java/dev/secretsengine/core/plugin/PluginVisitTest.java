package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.nothing;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Of {@link PluginManager}: bundles that run for a moment, and plugins whose bundle runs on. */
@Timeout(30)
class PluginVisitTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakeHost host = new FakeHost();
    private final ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> {
    });
    private PluginManager manager;

    @BeforeEach
    void makeAManager() {
        host.registerIn(registry);
        manager = new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                new Quarantine(folder.resolve("quarantine")), threads);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private List<String> rows() throws SecretsException {
        manager.awaitSettled(plugin -> true, within(5));
        return manager.rows().stream().map(row -> row.name() + " " + row.status().text() + " " + row.message())
                .toList();
    }

    @Test
    void visitRunsABundleWithoutServingItsPlugin() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of("enabled", "false", "group", "g")).registers("p",
                nothing(), Map.of()));
        manager.open();
        assertEquals(List.of("p"), manager.members("g"));
        try (PluginManager.Visit _ = manager.visit("p", within(5))) {
            try (PluginManager.Visit _ = manager.visit("p", within(5))) {
                assertEquals(Set.of("b"), host.running());
            }
            assertEquals(Set.of("b"), host.running());
            assertTrue(registry.service("p").isPresent());
            assertFalse(manager.serves("p"));
            assertEquals(List.of("p disabled docker pass plugins enable p"), rows());
        }
        manager.awaitSettled(plugin -> true, within(5));
        assertEquals(Set.of(), host.running());
    }

    @Test
    void visitTriesWhatFailedBefore() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).startsWith(() -> {
            if (starts.incrementAndGet() == 1) {
                throw new PluginHost.HostException("no luck", new IllegalStateException());
            }
        }));
        manager.open();
        assertEquals(List.of("p crashed no luck"), rows());
        assertEquals(Optional.of("no luck"), manager.failure("p"));
        try (PluginManager.Visit _ = manager.visit("p", within(5))) {
            assertEquals(Optional.empty(), manager.failure("p"));
        }
        assertEquals(List.of("p running "), rows());
    }

    @Test
    void hasADisabledPluginForgetWhileItsBundleRunsOn() throws Exception {
        Remembering remembering = new Remembering();
        host.add(FakeBundle.of("b", "1").plugin("p", remembering).plugin("q", nothing()));
        manager.open();
        manager.enable("p", false, within(5));
        assertEquals(1, remembering.forgotten.get());
        assertEquals(Set.of("b"), host.running());
    }

    /** A provider with a memory. */
    private static final class Remembering implements SecretsProvider, Caching {

        private final AtomicInteger forgotten = new AtomicInteger();

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }

        @Override
        public long hits() {
            return 0;
        }

        @Override
        public long misses() {
            return 0;
        }

        @Override
        public void forget() {
            forgotten.incrementAndGet();
        }
    }
}
