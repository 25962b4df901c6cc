package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.nothing;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.Source;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import dev.secretsengine.core.testing.FakeStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class PluginManagerTest {

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
        manager = newManager();
    }

    private PluginManager newManager() {
        return new PluginManager(host, registry, new EnabledPlugins(folder.resolve("plugins")),
                new Quarantine(folder.resolve("quarantine")), threads);
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void startsNothingBeforeItIsOpened() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        assertThrows(SecretsException.Unavailable.class,
                () -> manager.awaitSettled(plugin -> false, RequestContext.of(Duration.ofMillis(50))));
        assertEquals(Set.of(), host.running());
        manager.open();
        assertEquals(List.of("p running "), rows());
        assertEquals(Set.of("b"), host.running());
    }

    @Test
    void switchesAPluginOffAndOn() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        manager.open();
        assertEquals(PluginStatus.DISABLED, manager.enable("p", false, within(5)).status());
        assertEquals(Set.of(), host.running());
        assertEquals(List.of(), registry.entries());
        assertEquals(List.of("p disabled docker pass plugins enable p"), rows());
        assertEquals(new PluginRow("p", "1", "p/**", true, false, "b", PluginStatus.RUNNING, ""),
                manager.enable("p", true, within(5)));
        assertEquals(Set.of("b"), host.running());
        assertEquals(1, registry.entries().size());
    }

    @Test
    void showsTheLookupThatFailed() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", (pattern, context) -> {
            throw new SecretsException.Unavailable("p", "the helper hangs", "end it");
        }));
        manager.open();
        manager.awaitSettled(plugin -> true, within(5));
        Source.Pending lookup = manager.source(registry.entries().getFirst()).lookup()
                .begin(SecretPattern.parse("p/a"), within(5));
        assertThrows(SecretsException.Unavailable.class, lookup::await);
        assertTrue(rows().getFirst().matches("p running lookup of p/a failed at \\S+: the helper hangs: end it"),
                rows().toString());
        manager.enable("p", false, within(5));
        assertEquals("", manager.enable("p", true, within(5)).message());
    }

    @Test
    void remembersWhatIsOff() throws Exception {
        FakeBundle bundle = FakeBundle.of("b", "1").plugin("p", nothing());
        host.add(bundle);
        manager.open();
        manager.enable("p", false, within(5));
        int before = host.starts(bundle);
        manager = newManager();
        manager.open();
        assertEquals(List.of("p disabled docker pass plugins enable p"), rows());
        assertEquals(before, host.starts(bundle), "it is not even started");
    }

    @Test
    void leavesOffWhatIsOffByDefault() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of("enabled", "false", "hint", "set it up")).registers("p",
                nothing(), Map.of()));
        manager.open();
        assertEquals(List.of("p disabled set it up"), rows());
        assertEquals(PluginStatus.RUNNING, manager.enable("p", true, within(5)).status());
    }

    @Test
    void runsABundleWhileOneOfItsPluginsIsOn() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).plugin("q", nothing()));
        manager.open();
        manager.enable("p", false, within(5));
        assertEquals(Set.of("b"), host.running());
        assertEquals(List.of("p disabled docker pass plugins enable p", "q running "), rows());
        manager.enable("q", false, within(5));
        assertEquals(Set.of(), host.running());
    }

    @Test
    void servesWhatIsDeclaredAndOnOnly() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).plugin("q", nothing()).registers("undeclared",
                nothing(), Map.of()));
        manager.open();
        manager.enable("p", false, within(5));
        assertFalse(manager.serves("p"), "its bundle runs for q, and registers it all the same");
        assertTrue(manager.serves("q"));
        assertFalse(manager.serves("undeclared"));
    }

    @Test
    void refusesToDisableWhatIsAlwaysOn() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of("configurable", "false")).registers("p", nothing(),
                Map.of()));
        manager.open();
        var error = assertThrows(SecretsException.Denied.class, () -> manager.enable("p", false, within(5)));
        assertEquals("the plugin p is always on and cannot be disabled", error.advice());
        assertEquals(PluginStatus.RUNNING, manager.enable("p", true, within(5)).status());
    }

    @Test
    void knowsNoOtherPlugins() {
        manager.open();
        var error = assertThrows(SecretsException.NotFound.class, () -> manager.enable("p", true, within(5)));
        assertEquals("there is no plugin \"p\": docker pass plugins ls lists them", error.advice());
    }

    @Test
    void startsNothingMoreOnceItIsClosed() throws Exception {
        manager.open();
        manager.close();
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        assertEquals(List.of(), rows());
        assertEquals(Set.of(), host.running());
    }

    @Test
    void saysThatAChoiceCannotBeRemembered() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        manager.open();
        Path nowhere = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("missing"));
        manager = new PluginManager(host, registry, new EnabledPlugins(nowhere.resolve("plugins")),
                new Quarantine(nowhere.resolve("quarantine")), threads);
        manager.open();
        rows();
        var error = assertThrows(SecretsException.Failed.class, () -> manager.enable("p", false, within(5)));
        assertEquals("cannot remember the choice: check the space and the owner of the state folder",
                error.advice());
        assertEquals(Set.of("b"), host.running());
    }

    @Test
    void runsOnlyTheStoresThatAreWanted() throws Exception {
        var store = new FakeStore(LocalStore.State.READY, "");
        host.add(FakeBundle.ofStore("age", 1, store));
        manager.open();
        assertEquals(List.of(), rows(), "a store is no row among the plugins");
        assertEquals(Set.of("age"), manager.declaredStores());
        assertEquals(Set.of(), host.running());
        manager.wantStores(List.of("age"));
        rows();
        assertEquals(Set.of("bundle-age"), host.running());
        manager.wantStores(List.of());
        rows();
        assertEquals(Set.of(), host.running());
    }

    @Test
    void endsAsTheLastChoiceSays() throws Exception {
        FakeBundle bundle = FakeBundle.of("b", "1").plugin("p", nothing());
        host.add(bundle);
        manager.open();
        for (boolean last : new boolean[]{false, true}) {
            List<Future<?>> callers = new ArrayList<>();
            for (int caller = 0; caller < 4; caller++) {
                callers.add(threads.submit(() -> toggle(25)));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
            boolean chosen = Files.readString(folder.resolve("plugins")).equals("p=enabled\n");
            manager.awaitSettled(plugin -> true, within(5));
            assertEquals(chosen, host.running().contains("b"), "the choice that was written last");
            manager.enable("p", last, within(5));
            assertEquals(last, host.running().contains("b"));
            assertEquals(last ? 1 : 0, registry.entries().size());
            assertEquals(last ? PluginStatus.RUNNING : PluginStatus.DISABLED, manager.rows().get(0).status());
        }
    }

    private void toggle(int times) {
        for (int i = 0; i < times; i++) {
            try {
                manager.enable("p", i % 2 == 0, within(10));
            } catch (SecretsException.Failed e) {
                // Another caller has switched it off before it was seen running.
                assertTrue(e.getMessage().endsWith("did not start"), e.getMessage());
            } catch (SecretsException e) {
                throw new AssertionError(e);
            }
        }
    }

    private List<String> rows() throws SecretsException {
        manager.awaitSettled(plugin -> true, within(5));
        return shown(manager.rows());
    }

    private static List<String> shown(List<PluginRow> rows) {
        return rows.stream().map(row -> row.name() + " " + row.status().text() + " " + row.message()).toList();
    }
}
