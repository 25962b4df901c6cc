package dev.secretsengine.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.Empty;
import dev.secretsengine.client.protocol.HealthMessages.GetVersionResponse;
import dev.secretsengine.client.protocol.PluginMessages;
import dev.secretsengine.client.protocol.PluginMessages.AccessControlModule;
import dev.secretsengine.client.protocol.PluginMessages.ListPluginsResponse;
import dev.secretsengine.client.protocol.PluginMessages.PluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RunStatus;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeRequest;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.codec.Timestamp;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretsEngineTest {

    private static final Instant TIME = Instant.parse("2026-05-01T12:00:00.5Z");

    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("engine.sock");
    }

    private SecretsEngine connect() throws EngineException {
        return SecretsEngine.connect(socket(), Duration.ofSeconds(10));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean proto(HttpWriter writer, byte[] body) throws IOException {
        writer.response(200).header("Content-Type", "application/proto").send(body);
        return true;
    }

    private static boolean error(HttpWriter writer, ConnectCode code, String message) throws IOException {
        writer.response(code.status()).header("Content-Type", "application/json")
                .send(new ConnectError(code, message).toJson());
        return true;
    }

    private static Envelope envelope(String id, String value) {
        return new Envelope(id, SecretBytes.wrap(ascii(value)), "docker-pass", "v1", Timestamp.of(TIME), null,
                Timestamp.of(TIME), Map.of("owner", "alice"));
    }

    private FakeEngine answering(FakeEngine.Service service) throws IOException {
        return new FakeEngine(socket(), service);
    }

    private FakeEngine answering(GetSecretsResponse response) throws IOException {
        return answering((_, _, writer) -> proto(writer, GetSecretsResponse.TYPE.toProto(response)));
    }

    private static <Q> Q request(Rpc<Q, ?> rpc, HttpHead head, byte[] body) {
        assertEquals(rpc.path(), head.target());
        try {
            return rpc.request().fromProto(body);
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "se://", "se://a/*", "**"})
    void rejectsWhatNamesNoSingleSecret(String reference) throws Exception {
        try (FakeEngine fake = answering(new GetSecretsResponse(List.of())); SecretsEngine engine = connect()) {
            assertThrows(EngineException.Invalid.class, () -> engine.resolve(reference));
            assertEquals(0, fake.heads.size());
        }
    }

    @ParameterizedTest
    @CsvSource({"NOT_FOUND,NotFound", "PERMISSION_DENIED,Denied", "UNAUTHENTICATED,Denied", "INVALID_ARGUMENT,Invalid",
            "FAILED_PRECONDITION,Invalid", "DEADLINE_EXCEEDED,Unavailable", "UNAVAILABLE,Unavailable",
            "INTERNAL,Failed", "UNIMPLEMENTED,Failed"})
    void errorsHaveTypes(ConnectCode code, String type) throws Exception {
        try (FakeEngine fake = answering((_, _, writer) -> error(writer, code, "one\nline"));
                SecretsEngine engine = connect()) {
            EngineException e = assertThrows(EngineException.class, () -> engine.resolve("a/b"));
            assertEquals(type, e.getClass().getSimpleName());
            assertEquals("one line", e.getMessage());
            assertThrows(EngineException.class, () -> engine.find("a/**"));
            assertEquals(1, fake.connections.get(), "an error keeps the connection open");
        }
    }

    @Test
    void anEngineThatIsNotThereIsUnavailable() {
        EngineException e = assertThrows(EngineException.Unavailable.class, this::connect);
        assertEquals("no engine listens at " + socket() + ": start it with docker pass engine start", e.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/html", "application/json", ""})
    void anAnswerOfAnotherTypeIsAFailure(String type) throws Exception {
        FakeEngine.Service service = (_, _, writer) -> {
            writer.response(200).header("Content-Type", type).send(new byte[0]);
            return true;
        };
        try (FakeEngine fake = answering(service); SecretsEngine engine = connect()) {
            assertThrows(EngineException.Failed.class, () -> engine.resolve("a"));
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void failuresSayNothingOfTheValue() throws Exception {
        byte[] truncated = ascii("\n\u007f\u0012\u0020canary-canary");
        try (FakeEngine fake = answering((_, _, writer) -> proto(writer, truncated));
                SecretsEngine engine = connect()) {
            EngineException e = assertThrows(EngineException.Failed.class, () -> engine.resolve("a"));
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                assertFalse(cause.toString().contains("canary"), cause.toString());
            }
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void resolvesAReference() throws Exception {
        FakeEngine.Service service = (head, body, writer) -> {
            assertEquals(new GetSecretsRequest("myapp/db/password"), request(Rpc.GET_SECRETS, head, body));
            return proto(writer, GetSecretsResponse.TYPE.toProto(new GetSecretsResponse(
                    List.of(envelope("myapp/db/password", "s3cr3t")))));
        };
        try (FakeEngine fake = answering(service); SecretsEngine engine = connect()) {
            Secret secret = engine.resolve("se://myapp/db/password");
            byte[] bytes = secret.bytes();
            assertArrayEquals(ascii("s3cr3t"), bytes);
            assertEquals("myapp/db/password docker-pass v1 {owner=alice}",
                    String.join(" ", secret.id(), secret.provider(), secret.version(), secret.metadata().toString()));
            assertEquals(List.of(Optional.of(TIME), Optional.empty(), Optional.of(TIME)),
                    List.of(secret.createdAt(), secret.resolvedAt(), secret.expiresAt()));
            assertEquals("Secret[myapp/db/password]", secret.toString());
            secret.close();
            assertArrayEquals(new byte[6], bytes);
            HttpHead head = fake.heads.getFirst();
            assertEquals("1", head.header("Connect-Protocol-Version"));
            assertEquals("10000", head.header("Connect-Timeout-Ms"));
            assertEquals("unix", head.header("Host"));
        }
    }

    @Test
    void refusesAReferenceThatSeveralPluginsAnswer() throws Exception {
        try (FakeEngine fake = answering(new GetSecretsResponse(List.of(envelope("a", "1"), envelope("a", "2"))));
                SecretsEngine engine = connect()) {
            assertThrows(EngineException.Invalid.class, () -> engine.resolve("se://a"));
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void findsAllThatAPatternMatches() throws Exception {
        byte[] large = new byte[3 << 20];
        large[large.length - 1] = 7;
        Envelope bare = new Envelope("b", SecretBytes.wrap(large.clone()), null, null, null, null, null, Map.of());
        try (FakeEngine fake = answering(new GetSecretsResponse(List.of(envelope("a", ""), bare)));
                SecretsEngine engine = connect()) {
            List<Secret> secrets = engine.find("**");
            assertEquals(List.of("a", "b"), secrets.stream().map(Secret::id).toList());
            assertArrayEquals(large, secrets.get(1).bytes());
            assertEquals("", secrets.get(1).provider());
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void anEmptyAnswerIsNotFound() throws Exception {
        try (FakeEngine fake = answering(new GetSecretsResponse(List.of())); SecretsEngine engine = connect()) {
            assertThrows(EngineException.NotFound.class, () -> engine.find("a"));
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void readsACompressedAnswer() throws Exception {
        ByteArrayOutputStream compressed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(compressed)) {
            gzip.write(GetSecretsResponse.TYPE.toProto(new GetSecretsResponse(List.of(envelope("a", "v")))));
        }
        FakeEngine.Service service = (_, _, writer) -> {
            writer.response(200).header("Content-Type", "application/proto").header("Content-Encoding", "gzip")
                    .send(compressed.toByteArray());
            return true;
        };
        try (FakeEngine fake = answering(service); SecretsEngine engine = connect()) {
            assertArrayEquals(ascii("v"), engine.resolve("a").bytes());
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void authorizes() throws Exception {
        FakeEngine.Service service = (head, body, writer) -> {
            boolean limited = request(Rpc.AUTHORIZE, head, body).equals(new AuthorizeRequest(List.of("a/**", "b")));
            return proto(writer, AuthorizeResponse.TYPE.toProto(limited
                    ? new AuthorizeResponse(Decision.ALLOW, Timestamp.of(TIME))
                    : new AuthorizeResponse(new Decision(2), null)));
        };
        try (FakeEngine fake = answering(service); SecretsEngine engine = connect()) {
            assertEquals(Optional.of(TIME), engine.authorize(List.of("a/**", "b")));
            assertThrows(EngineException.Denied.class, () -> engine.authorize(List.of("c")));
            assertEquals(2, fake.heads.size());
        }
    }

    @Test
    void managesPlugins() throws Exception {
        ListPluginsResponse response = new ListPluginsResponse(List.of(
                new PluginMessages.Plugin("a", "v1.0.0", false, true, true, RunStatus.RUNNING, "",
                        new SecretsProvider("a/**")),
                new PluginMessages.Plugin("b", "v2.0.0", true, null, null, new RunStatus(9), "gone",
                        new AccessControlModule())));
        FakeEngine.Service service = (head, body, writer) -> {
            if (head.path().equals(Rpc.LIST_PLUGINS.path())) {
                return proto(writer, ListPluginsResponse.TYPE.toProto(response));
            }
            boolean enable = head.path().equals(Rpc.ENABLE_PLUGIN.path());
            assertEquals(new PluginRequest(enable ? "on" : "off"),
                    request(enable ? Rpc.ENABLE_PLUGIN : Rpc.DISABLE_PLUGIN, head, body));
            return proto(writer, Empty.TYPE.toProto(new Empty()));
        };
        try (FakeEngine fake = answering(service); SecretsEngine engine = connect()) {
            assertEquals(List.of(
                    new Plugin("a", "v1.0.0", false, true, true, Plugin.Status.RUNNING, "", Optional.of("a/**")),
                    new Plugin("b", "v2.0.0", true, false, false, Plugin.Status.UNKNOWN, "gone", Optional.empty())),
                    engine.plugins());
            engine.enablePlugin("on");
            engine.disablePlugin("off");
            assertEquals(3, fake.heads.size());
        }
    }

    @Test
    void tellsTheVersion() throws Exception {
        byte[] answer = GetVersionResponse.TYPE.toProto(new GetVersionResponse("v1.2.3", "today", null));
        try (FakeEngine fake = answering((_, _, writer) -> proto(writer, answer)); SecretsEngine engine = connect()) {
            assertEquals(new EngineVersion("v1.2.3", "today", ""), engine.version());
            assertTrue(fake.heads.getFirst().toString().contains("GetVersion"));
        }
    }
}
