package dev.secretsengine.core.external;

import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.PROTO;
import static dev.secretsengine.core.testing.RawClient.post;
import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.client.protocol.AccessMessages.CheckAccessResponse;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.PluginMessages.AccessControlModule;
import dev.secretsengine.core.testing.FakePlugin;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AccessControlTest {

    private static final String GET = "/resolver.v1.ResolverService/GetSecrets";
    private static final String AUTHORIZE = "/resolver.v1.AuthorizerService/Authorize";
    private static final String DENIED = "403 {\"code\":\"permission_denied\",\"message\":\"access denied\"}";

    @TempDir
    Path folder;

    private SdkEngine engine;
    private RawClient client;

    @BeforeEach
    void start() throws Exception {
        engine = new SdkEngine(folder);
        client = engine.connect();
        for (String id : new String[]{"open/x", "closed/x"}) {
            try (SecretValue value = SecretValue.wrap("s3cr3t".getBytes(UTF_8))) {
                engine.engine().localStore(within(5)).set(SecretId.parse(id), value, Map.of(), within(5));
            }
        }
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        engine.close();
    }

    private String get(String pattern) throws IOException {
        return client.call(post(GET, JSON, ("{\"pattern\":\"" + pattern + "\"}").getBytes(UTF_8))).line();
    }

    private String authorize(String pattern) throws IOException {
        return client.call(post(AUTHORIZE, JSON, ("{\"patterns\":[\"" + pattern + "\"]}").getBytes(UTF_8))).line();
    }

    /** Both questions have the pattern in their first field, and both answers the decision. */
    private FakePlugin module(String name, String allowed) throws Exception {
        FakePlugin module = engine.plugin(pattern -> new FakePlugin.Result(200, PROTO, CheckAccessResponse.TYPE
                .toProto(new CheckAccessResponse(pattern.startsWith(allowed) ? Decision.ALLOW : Decision.DENY))));
        assertTrue(module.register(name, "v1.0.0", new AccessControlModule()).startsWith("200 "));
        return module;
    }

    private static void assertFound(String answer) {
        assertTrue(answer.startsWith("200 ") && answer.contains("\"value\""), answer);
    }

    @Test
    void allowsEverybodyWhereNobodyDecides() throws Exception {
        assertFound(get("open/x"));
        assertFound(get("closed/x"));
        assertTrue(authorize("closed/x").contains("DECISION_ALLOW"));
    }

    @Test
    void asksTheModuleForEachLookup() throws Exception {
        try (FakePlugin module = module("guard", "open/")) {
            assertFound(get("open/x"));
            assertEquals(DENIED, get("closed/x"));
            assertEquals(DENIED, get("**"));
            assertTrue(authorize("open/x").contains("DECISION_ALLOW"));
            assertEquals(DENIED, authorize("closed/x"));
            assertTrue(module.asked.await(30, TimeUnit.SECONDS));
            assertTrue(engine.row("guard").orElseThrow().external());
        }
    }

    @Test
    void needsAllModulesToAllow() throws Exception {
        try (FakePlugin _ = module("guard", "open/"); FakePlugin _ = module("second", "closed/")) {
            assertEquals(DENIED, get("open/x"));
            assertEquals(DENIED, get("closed/x"));
        }
    }

    @Test
    void takesAModuleThatFailsForADenial() throws Exception {
        try (FakePlugin module = engine.plugin(_ -> FakePlugin.error(ConnectCode.INTERNAL, "broken"))) {
            assertTrue(module.register("guard", "v1.0.0", new AccessControlModule()).startsWith("200 "));
            assertEquals(DENIED, get("open/x"));
            assertEquals(DENIED, authorize("open/x"));
        }
    }

    @Test
    void deniesWhileAModuleIsLostUntilItIsDisabled() throws Exception {
        module("guard", "open/").close();
        for (int i = 0; i < 100 && engine.row("guard").map(row -> row.message().isEmpty()).orElse(true); i++) {
            Thread.sleep(20);
        }
        assertEquals(DENIED, get("open/x"));
        assertEquals(DENIED, authorize("open/x"));
        try (FakePlugin _ = module("guard", "open/")) {
            assertFound(get("open/x"));
        }
        engine.engine().enable("guard", false, within(5));
        assertFound(get("closed/x"));
        engine.engine().enable("guard", true, within(5));
        assertFound(get("closed/x"));
    }

    @Test
    void isMissedByTheNextEngineUntilItRegistersOrIsDisabled() throws Exception {
        module("guard", "open/").close();
        stop();
        start();
        assertEquals(DENIED, get("open/x"));
        assertEquals(DENIED, authorize("open/x"));
        try (FakePlugin _ = module("guard", "open/")) {
            assertFound(get("open/x"));
        }
        engine.engine().enable("guard", false, within(5));
        stop();
        start();
        assertFound(get("closed/x"));
    }

    @Test
    void deniesIfTheFileOfModulesIsDamagedUntilTheNextEngine() throws Exception {
        module("guard", "open/").close();
        stop();
        Path file = folder.resolve("state/plugins");
        Files.writeString(file, "module/guard=");
        start();
        assertEquals(DENIED, get("open/x"));
        assertEquals(DENIED, authorize("open/x"));
        Files.delete(file);
        assertEquals(DENIED, get("open/x"));
        stop();
        start();
        assertFound(get("open/x"));
    }

    @Test
    void deniesWhileTheEngineEnds() throws Exception {
        try (FakePlugin _ = module("guard", "open/")) {
            engine.engine().close();
            assertEquals(DENIED, get("open/x"));
        }
    }
}
