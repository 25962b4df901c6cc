package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.await;
import static dev.secretsengine.core.testing.Samples.nothing;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.testing.FakeBundle;
import dev.secretsengine.core.testing.FakeHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bundles that start, fail, come and go, under a {@link PluginManager}. */
@Timeout(30)
class BundleRunTest {

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

    @Test
    void saysWhyAPluginDoesNotStart() throws Exception {
        boolean[] mended = {false};
        FakeBundle bundle = FakeBundle.of("b", "1").plugin("p", nothing()).startsWith(() -> {
            if (!mended[0]) {
                throw new PluginHost.HostException("its activator failed", new IllegalStateException());
            }
        });
        host.add(bundle);
        manager.open();
        assertEquals(List.of("p crashed its activator failed"), rows());
        assertEquals(1, host.starts(bundle), "not tried over and over");
        var error = assertThrows(SecretsException.Failed.class, () -> manager.enable("p", true, within(5)));
        assertEquals("the plugin p did not start: its activator failed", error.advice());
        mended[0] = true;
        assertEquals(PluginStatus.RUNNING, manager.enable("p", true, within(5)).status());
    }

    @Test
    void survivesABundleThatDoesNotLink() throws Exception {
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()).startsWith(() -> {
            throw new NoClassDefFoundError("missing/Type");
        }));
        manager.open();
        assertEquals(List.of("p crashed missing/Type"), rows());
    }

    @Test
    void saysThatABundleRegisteredNothing() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of()));
        manager.open();
        assertEquals(List.of("p crashed its bundle registered no service for it"), rows());
    }

    @Test
    void showsWhyAServiceWasLeftOut() throws Exception {
        host.add(FakeBundle.of("b", "1").declares("p", Map.of()).registers("p", nothing(),
                Map.of("secrets.plugin.pattern", "a//b")));
        manager.open();
        assertEquals(1, rows().size());
        assertTrue(rows().get(0).startsWith("p crashed invalid pattern \"a//b\""), rows().get(0));
    }

    @Test
    void showsABrokenBundle() throws Exception {
        host.add(FakeBundle.of("bad.jar", "").broken("it is no bundle"));
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        manager.open();
        assertEquals(List.of("bad.jar crashed it is no bundle", "p running "), rows());
        var error = assertThrows(SecretsException.Failed.class, () -> manager.enable("bad.jar", true, within(5)));
        assertEquals("the plugin bad.jar did not start: it is no bundle", error.advice());
    }

    @Test
    void followsBundlesThatComeAndGo() throws Exception {
        manager.open();
        assertEquals(List.of(), rows());
        FakeBundle first = FakeBundle.of("b", "1").plugin("p", nothing());
        host.add(first);
        assertEquals(List.of("p running "), rows());
        host.remove(first);
        assertEquals(List.of(), rows());
        assertEquals(List.of(), registry.entries());
        assertThrows(SecretsException.NotFound.class, () -> manager.enable("p", true, within(5)));
        host.add(first);
        assertEquals(List.of("p running "), rows());
    }

    @Test
    void runsTheNewRevisionOfAReplacedBundle() throws Exception {
        FakeBundle old = FakeBundle.of("b", "1").plugin("p", nothing());
        host.add(old);
        manager.open();
        rows();
        host.add(FakeBundle.of("b", "2").plugin("p", nothing()));
        host.remove(old);
        rows();
        assertEquals(List.of("2"), manager.rows().stream().map(PluginRow::version).toList());
        assertEquals(List.of("2"), registry.entries().stream().map(ProviderEntry::version).toList());
    }

    @Test
    void stopsABundleWhosePlaceIsTakenAndBringsItBack() throws Exception {
        FakeBundle builtIn = FakeBundle.of("b", "1").builtIn().plugin("p", nothing());
        host.add(builtIn);
        manager.open();
        rows();
        FakeBundle higher = FakeBundle.of("b", "2").plugin("p", nothing());
        host.hide(builtIn, true);
        host.add(higher);
        rows();
        assertEquals(List.of("2"), registry.entries().stream().map(ProviderEntry::version).toList());
        host.remove(higher);
        host.hide(builtIn, false);
        assertEquals(List.of("p running "), rows());
        assertEquals(List.of("1"), registry.entries().stream().map(ProviderEntry::version).toList());
    }

    @Test
    void bringsBackABundleThatIsStillOnItsWayDown() throws Exception {
        CountDownLatch stopping = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        FakeBundle bundle = FakeBundle.of("b", "1").plugin("p", nothing());
        bundle.stopsWith(() -> {
            stopping.countDown();
            await(goOn);
        });
        host.add(bundle);
        manager.open();
        rows();
        host.hide(bundle, true);
        await(stopping);
        assertEquals(List.of(), manager.rows());
        host.hide(bundle, false);
        Thread.sleep(50);
        assertEquals(1, host.starts(bundle), "not started while it stops");
        goOn.countDown();
        assertEquals(List.of("p running "), rows());
        assertEquals(1, registry.entries().size());
    }

    @Test
    void waitsForASlowStart() throws Exception {
        CountDownLatch goOn = new CountDownLatch(1);
        host.add(FakeBundle.of("slow", "1").plugin("p", nothing()).startsWith(() -> await(goOn)));
        host.add(FakeBundle.of("quick", "1").plugin("q", nothing()));
        manager.open();
        manager.awaitSettled(plugin -> plugin.name().equals("q"), within(5));
        assertEquals("p stopped on its way", shown(manager.rows()).get(0));
        var error = assertThrows(SecretsException.Unavailable.class,
                () -> manager.awaitSettled(plugin -> true, RequestContext.of(Duration.ofMillis(50))));
        assertEquals("a plugin is still starting: try again", error.advice());
        Future<?> waiting = threads.submit(() -> {
            manager.awaitSettled(plugin -> true, within(5));
            return null;
        });
        goOn.countDown();
        waiting.get();
        assertEquals("p running ", shown(manager.rows()).get(0));
    }

    @Test
    void givesANameToOneBundleOnly() throws Exception {
        host.add(FakeBundle.of("z", "1").plugin("p", nothing()));
        manager.open();
        rows();
        host.add(FakeBundle.of("a", "1").plugin("p", nothing()));
        assertEquals(List.of("p crashed the name is taken by bundle a", "p running "), rows());
        assertEquals(Set.of("a"), host.running());
        assertEquals("a", manager.enable("p", true, within(5)).bundle(), "it is about the one that has the name");
        host.add(FakeBundle.of("zz", "1").builtIn().plugin("p", nothing()));
        rows();
        assertEquals(Set.of("zz"), host.running(), "what is built in goes first");
    }

    @Test
    void givesNoNameToABrokenBundle() throws Exception {
        host.add(FakeBundle.of("a", "1").plugin("p", nothing()).broken("its folder is not trusted"));
        host.add(FakeBundle.of("b", "1").plugin("p", nothing()));
        manager.open();
        assertEquals(List.of("p crashed its folder is not trusted", "p running "), rows());
        assertEquals(PluginStatus.RUNNING, manager.enable("p", true, within(5)).status());
    }

    private List<String> rows() throws SecretsException {
        manager.awaitSettled(plugin -> true, within(5));
        return shown(manager.rows());
    }

    private static List<String> shown(List<PluginRow> rows) {
        return rows.stream().map(row -> row.name() + " " + row.status().text() + " " + row.message()).toList();
    }
}
