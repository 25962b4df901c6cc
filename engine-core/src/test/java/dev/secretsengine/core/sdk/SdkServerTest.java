package dev.secretsengine.core.sdk;

import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.post;
import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.core.testing.FakePlugin;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What an engine answers to the SDK's clients. */
@Timeout(30)
class SdkServerTest {

    private static final String GET = "resolver.v1.ResolverService/GetSecrets";
    private static final String AUTHORIZE = "resolver.v1.AuthorizerService/Authorize";
    private static final String PLUGINS = "plugins.v1.PluginManagementService/";

    @TempDir
    Path folder;

    private SdkEngine engine;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        engine = new SdkEngine(folder);
        client = engine.connect();
        try (SecretValue value = SecretValue.wrap("s3cr3t".getBytes(UTF_8))) {
            engine.engine().localStore(within(5)).set(SecretId.parse("app/x"), value, Map.of(), within(5));
        }
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        engine.close();
    }

    private String call(String procedure, String body, String... headers) throws IOException {
        return client.call(post("/" + procedure, JSON, body.getBytes(UTF_8), headers)).line();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b", "", "/a", "a b", "a/\u00e4"})
    void refusesWhatIsNoPattern(String pattern) throws Exception {
        String refusal = "400 {\"code\":\"invalid_argument\",\"message\":\"invalid pattern \\\"" + pattern
                + "\\\": invalid pattern\"}";
        assertEquals(refusal, call(GET, "{\"pattern\":\"" + pattern + "\"}"));
        assertEquals(refusal, call(AUTHORIZE, "{\"patterns\":[\"ok\",\"" + pattern + "\"]}"));
    }

    @Test
    void saysOnlyThatThereIsNoSecret() throws Exception {
        String missing = "404 {\"code\":\"not_found\",\"message\":\"secret not found\"}";
        assertEquals(missing, call(GET, "{\"pattern\":\"nope\"}"));
        assertEquals(missing, call(GET, "{\"pattern\":\"nope/**\"}"));
        assertEquals(missing, call(GET, "{\"pattern\":\"docker/secrets-engine/plugins/vault/token\"}"));
    }

    @Test
    void findsSecrets() throws Exception {
        String found = call(GET, "{\"pattern\":\"app/**\"}");
        assertTrue(found.matches("200 \\{\"envelopes\":\\[\\{\"id\":\"app/x\",\"value\":\"czNjcjN0\","
                + "\"provider\":\"docker-pass\".*\"resolvedAt\":\"20[0-9T:.-]+Z\".*\\}\\]\\}"), found);
    }

    @Test
    void allowsWhereNobodyDenies() throws Exception {
        assertEquals("200 {\"decision\":\"DECISION_ALLOW\"}", call(AUTHORIZE, "{\"patterns\":[\"app/x\",\"**\"]}"));
        assertEquals("400 {\"code\":\"invalid_argument\",\"message\":\"at least one pattern is required\"}",
                call(AUTHORIZE, "{}"));
    }

    @Test
    void tellsItsVersion() throws Exception {
        assertEquals("200 {\"version\":\"v1.2.3\",\"date\":\"2026-01-02T03:04:05Z\",\"commitHash\":\"abc\"}",
                call("health.v1.VersionService/GetVersion", "{}"));
    }

    @Test
    void listsPluginsOfAllKinds() throws Exception {
        try (FakePlugin plugin = engine.plugin(pattern -> FakePlugin.found(pattern, "v"))) {
            plugin.register("ext", "v0.9.0", "ext/**");
            while (engine.row("ext").isEmpty()) {
                Thread.sleep(5);
            }
            String rows = call(PLUGINS + "ListPlugins", "{}");
            assertTrue(rows.contains("{\"name\":\"ext\",\"version\":\"v0.9.0\",\"disabled\":false,\"external\":true,"
                    + "\"configurable\":true,\"runStatus\":\"RUN_STATUS_RUNNING\",\"statusMessage\":\"\","
                    + "\"secretsProvider\":{\"pattern\":\"ext/**\"}}"), rows);
            assertTrue(rows.matches(".*\\{\"name\":\"docker-pass\",\"version\":\"v\\d+[^}]*\"external\":false,"
                    + "\"configurable\":false,.*"), rows);
        }
    }

    @ParameterizedTest
    @CsvSource({"EnablePlugin", "DisablePlugin"})
    void refusesToSwitchWhatCannotBeSwitched(String procedure) throws Exception {
        String missing = "404 {\"code\":\"not_found\",\"message\":\"plugin not found\"}";
        assertEquals(missing, call(PLUGINS + procedure, "{\"name\":\"nobody\"}"));
        assertEquals(missing, call(PLUGINS + procedure, "{}"));
        assertEquals("400 {\"code\":\"failed_precondition\",\"message\":\"plugin is not configurable\"}",
                call(PLUGINS + procedure, "{\"name\":\"docker-pass\"}"));
    }

    @Test
    void switchesPlugins() throws Exception {
        assertEquals("200 {}", call(PLUGINS + "DisablePlugin", "{\"name\":\"vault\"}"));
        assertTrue(call(PLUGINS + "ListPlugins", "{}").matches(".*\"name\":\"vault\"[^{]*\"disabled\":true.*"));
        assertEquals("200 {}", call(PLUGINS + "EnablePlugin", "{\"name\":\"vault\"}"));
        assertTrue(call(PLUGINS + "ListPlugins", "{}").matches(".*\"name\":\"vault\"[^{]*\"disabled\":false.*"));
    }

    @Test
    void endsALookupInTheCallersTime() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (FakePlugin plugin = engine.plugin(pattern -> {
            never.await();
            return FakePlugin.found(pattern, "v");
        })) {
            plugin.register("ext", "v0.9.0", "ext/**");
            while (engine.row("ext").isEmpty()) {
                Thread.sleep(5);
            }
            String over = call(GET, "{\"pattern\":\"ext/a\"}", "Connect-Timeout-Ms: 100");
            assertTrue(over.startsWith("504 {\"code\":\"deadline_exceeded\""), over);
            assertTrue(plugin.gaveUp.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void cancelsThePluginsWorkWhenTheClientHasGone() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        try (FakePlugin plugin = engine.plugin(pattern -> {
            never.await();
            return FakePlugin.found(pattern, "v");
        })) {
            plugin.register("ext", "v0.9.0", "ext/**");
            while (engine.row("ext").isEmpty()) {
                Thread.sleep(5);
            }
            client.send(post("/" + GET, JSON, "{\"pattern\":\"ext/a\"}".getBytes(UTF_8)));
            assertTrue(plugin.asked.await(30, TimeUnit.SECONDS));
            client.close();
            assertTrue(plugin.gaveUp.await(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void namesItsSocketAndTakesItAway() throws Exception {
        assertEquals(List.of(engine.socket().toString()), engine.server().addresses());
        assertEquals(List.of(), engine.server().problems());
        assertTrue(Files.exists(engine.socket()));
        engine.server().close();
        assertFalse(Files.exists(engine.socket()));
    }
}
