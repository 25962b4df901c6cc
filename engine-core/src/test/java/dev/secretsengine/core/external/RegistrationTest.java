package dev.secretsengine.core.external;

import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginRequest;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.testing.FakePlugin;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may register, and when they are gone. */
@Timeout(30)
class RegistrationTest {

    private static final String REGISTERED = "200 {\"engineName\":\"secrets-engine\",\"engineVersion\":\"v1.2.3\","
            + "\"requestTimeout\":\"100s\"}";

    @TempDir
    Path folder;

    private SdkEngine engine;

    @BeforeEach
    void start() {
        engine = new SdkEngine(folder);
    }

    @AfterEach
    void stop() throws IOException {
        engine.close();
    }

    private FakePlugin plugin() throws IOException {
        return engine.plugin(pattern -> FakePlugin.found(pattern, "v"));
    }

    private void awaitNoSecret(String id) throws Exception {
        for (boolean found = true; found; Thread.sleep(5)) {
            try {
                engine.resolve(id);
            } catch (SecretsException.NotFound e) {
                found = false;
            } catch (SecretsException.Unavailable e) {
                // It was asked while it was going.
            }
        }
    }

    private void awaitRow(PluginRow row) throws Exception {
        while (!engine.row(row.name()).equals(Optional.of(row))) {
            Thread.sleep(5);
        }
    }

    private static PluginRow row(PluginStatus status) {
        return new PluginRow("ext", "0.9.0-rc.1+b", "ext/**", true, true, "", status, "");
    }

    private String refusal(Asking asking) {
        return assertThrows(SecretsException.Denied.class, asking::ask).advice();
    }

    private interface Asking {

        void ask() throws SecretsException;
    }

    @Test
    void isNotSetUpByTheEngine() throws Exception {
        try (FakePlugin plugin = plugin()) {
            assertEquals(REGISTERED, plugin.register("ext", "v0.9.0-rc.1+b", "ext/**"));
            awaitRow(row(PluginStatus.RUNNING));
            for (boolean on : List.of(true, false)) {
                assertEquals("the plugin ext is a process of its own and sets itself up: see its own documentation",
                        refusal(() -> engine.engine().setup().open("ext", within(5))));
                assertEquals("the plugin ext is a process of its own and has nothing here to purge: docker pass plugins"
                        + " disable ext turns it away", refusal(() -> engine.engine().setup().purge("ext", within(5))));
                engine.engine().enable("ext", !on, within(5));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"'', v1.0.0, ext/**", "a b, v1.0.0, ext/**", "../x, v1.0.0, ext/**", "'a\nb', v1.0.0, ext/**",
            "-a, v1.0.0, ext/**", "ext, '', ext/**", "ext, 1.0.0, ext/**", "ext, v1.0, ext/**",
            "ext, v01.0.0, ext/**", "ext, 'v1.0.0\n', ext/**", "ext, v1.0.0, ''", "ext, v1.0.0, a//b",
            "ext, v1.0.0, /a", "ext, v1.0.0, a b"})
    void refusesWhatIsNoPlugin(String name, String version, String pattern) throws Exception {
        try (FakePlugin plugin = plugin()) {
            String answer = plugin.register(name, version, pattern);
            assertTrue(answer.startsWith("400 {\"code\":\"invalid_argument\""), answer);
            assertEquals(Optional.empty(), engine.row(name));
            assertEquals(REGISTERED, plugin.register("ext", "v1.0.0", "ext/**"), "it may try again");
        }
    }

    @Test
    void refusesAnEmptyRequest() throws Exception {
        try (FakePlugin plugin = plugin()) {
            String answer = plugin.register(new RegisterPluginRequest(null, null, null));
            assertTrue(answer.startsWith("400 {\"code\":\"invalid_argument\""), answer);
            answer = plugin.register(new RegisterPluginRequest("ext", "v1.0.0", null));
            assertFalse(answer.startsWith("200"), answer);
        }
    }

    @Test
    void servesWhatHasRegistered() throws Exception {
        try (FakePlugin plugin = plugin()) {
            assertThrows(SecretsException.NotFound.class, () -> engine.resolve("ext/a"));
            assertEquals(REGISTERED, plugin.register("ext", "v0.9.0-rc.1+b", "ext/**"));
            awaitRow(row(PluginStatus.RUNNING));
            assertEquals("[ext ext/a]", engine.resolve("ext/a").toString());
            assertThrows(SecretsException.NotFound.class, () -> engine.resolve("other/a"));
        }
    }

    @ParameterizedTest
    @CsvSource({"vault", "docker-pass"})
    void refusesTheNameOfAnotherKindOfPlugin(String name) throws Exception {
        try (FakePlugin plugin = plugin()) {
            assertEquals("409 {\"code\":\"already_exists\",\"message\":\"plugin already exists\"}",
                    plugin.register(name, "v1.0.0", "ext/**"));
            assertFalse(engine.row(name).orElseThrow().external());
        }
    }

    @Test
    void refusesANameThatIsTakenUntilItIsFree() throws Exception {
        String taken = "409 {\"code\":\"already_exists\",\"message\":\"plugin already exists\"}";
        try (FakePlugin second = plugin()) {
            try (FakePlugin first = plugin()) {
                assertEquals(REGISTERED, first.register("ext", "v1.0.0", "ext/**"));
                assertEquals(taken, second.register("ext", "v1.0.0", "other/**"));
                String again = first.register("again", "v1.0.0", "other/**");
                assertTrue(again.startsWith("409 {\"code\":\"already_exists\""), again);
                assertEquals("[ext ext/a]", engine.resolve("ext/a").toString());
            }
            String answer = taken;
            while (answer.equals(taken)) {
                answer = second.register("ext", "v1.0.0", "other/**");
            }
            assertEquals(REGISTERED, answer);
        }
    }

    @Test
    void forgetsAPluginThatHasGoneAtOnce() throws Exception {
        try (FakePlugin plugin = plugin()) {
            plugin.register("ext", "v0.9.0-rc.1+b", "ext/**");
            awaitRow(row(PluginStatus.RUNNING));
        }
        long begin = System.nanoTime();
        awaitNoSecret("ext/a");
        assertEquals(Optional.empty(), engine.row("ext"));
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10), "it takes too long");
    }

    @Test
    void keepsOutWhatIsDisabledUntilItIsEnabled() throws Exception {
        try (FakePlugin plugin = plugin(); FakePlugin later = plugin()) {
            plugin.register("ext", "v0.9.0-rc.1+b", "ext/**");
            awaitRow(row(PluginStatus.RUNNING));
            engine.engine().enable("ext", false, within(5));
            assertTrue(plugin.toldToEnd.await(30, TimeUnit.SECONDS));
            assertTrue(plugin.hungUpOn.await(30, TimeUnit.SECONDS));
            assertEquals(Optional.of(row(PluginStatus.DISABLED)), engine.row("ext"));
            assertThrows(SecretsException.NotFound.class, () -> engine.resolve("ext/a"));

            assertEquals("400 {\"code\":\"failed_precondition\",\"message\":"
                    + "\"plugin is disabled: docker pass plugins enable ext\"}",
                    later.register("ext", "v0.9.0-rc.1+b", "ext/**"));
            engine.engine().enable("ext", true, within(5));
            assertEquals(Optional.empty(), engine.row("ext"), "it is not there");
            assertEquals(REGISTERED, later.register("ext", "v0.9.0-rc.1+b", "ext/**"));
            awaitRow(row(PluginStatus.RUNNING));
        }
    }

    @Test
    void remembersWhatIsDisabled() throws Exception {
        try (FakePlugin plugin = plugin()) {
            plugin.register("ext", "v0.9.0-rc.1+b", "ext/**");
            awaitRow(row(PluginStatus.RUNNING));
            engine.engine().enable("ext", false, within(5));
        }
        engine.close();
        engine = new SdkEngine(folder);
        try (FakePlugin plugin = plugin()) {
            String answer = plugin.register("ext", "v1.0.0", "ext/**");
            assertTrue(answer.startsWith("400 {\"code\":\"failed_precondition\""), answer);
        }
        assertEquals(PluginStatus.DISABLED, engine.row("ext").orElseThrow().status());
        engine.engine().enable("ext", true, within(5));
        try (FakePlugin plugin = plugin()) {
            assertEquals(REGISTERED, plugin.register("ext", "v1.0.0", "ext/**"));
        }
    }

    @Test
    void tellsPluginsToEndWhenTheEngineDoes() throws Exception {
        try (FakePlugin plugin = plugin()) {
            plugin.register("ext", "v0.9.0-rc.1+b", "ext/**");
            awaitRow(row(PluginStatus.RUNNING));
            engine.engine().close();
            assertTrue(plugin.toldToEnd.await(30, TimeUnit.SECONDS));
            assertTrue(plugin.hungUpOn.await(30, TimeUnit.SECONDS));
        }
    }
}
