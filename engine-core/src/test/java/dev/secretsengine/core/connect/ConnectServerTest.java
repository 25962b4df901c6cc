package dev.secretsengine.core.connect;

import static dev.secretsengine.core.connect.Served.PATH;
import static dev.secretsengine.core.connect.Served.VALUE;
import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.PROTO;
import static dev.secretsengine.core.testing.RawClient.post;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.RawClient.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Objects;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What calls are answered with. */
@Timeout(20)
class ConnectServerTest {

    private static final String FOUND = "{\"envelopes\":[{\"id\":\"a\",\"value\":\""
            + Base64.getEncoder().encodeToString(VALUE.getBytes(UTF_8)) + "\",\"provider\":\"p\",\"version\":\"1\"}]}";

    @TempDir
    Path folder;

    private Served served;
    private RawClient client;

    @BeforeEach
    void serve() throws IOException {
        served = new Served(folder);
        client = served.connect();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        served.close();
    }

    private Reply json(String body, String... headers) throws IOException {
        return client.call(post(PATH, JSON, body.getBytes(UTF_8), headers));
    }

    private Reply ask(String pattern, String... headers) throws IOException {
        return json("{\"pattern\":\"" + pattern + "\"}", headers);
    }

    private void stillServes() throws IOException {
        assertEquals("200 " + FOUND, ask("a").line());
    }

    private static byte[] gzip(byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @Test
    void answersInJson() throws Exception {
        Reply reply = ask("a", "Connect-Protocol-Version: 1");
        assertEquals("200 " + FOUND, reply.line());
        served.answered.acquire();
        assertEquals(JSON, reply.headers().get("Content-Type"));
        assertEquals("200 " + FOUND,
                client.call(post(PATH, "Application/JSON; charset=UTF-8", "{\"pattern\":\"a\"}".getBytes(UTF_8)))
                        .line());
    }

    @Test
    void answersInProto() throws Exception {
        Reply reply = client.call(post(PATH, PROTO, GetSecretsRequest.TYPE.toProto(new GetSecretsRequest("a"))));
        assertEquals(200, reply.status());
        assertEquals(PROTO, reply.headers().get("Content-Type"));
        try (GetSecretsResponse answer = GetSecretsResponse.TYPE.fromProto(reply.body())) {
            assertEquals(FOUND, new String(GetSecretsResponse.TYPE.toJson(answer), UTF_8));
        }
    }

    @Test
    void takesFieldsThatItDoesNotKnow() throws Exception {
        assertEquals(200, json("{\"pattern\":\"a\",\"more\":{\"x\":[1]}}").status());
        byte[] known = GetSecretsRequest.TYPE.toProto(new GetSecretsRequest("a"));
        byte[] more = new byte[known.length + 2];
        System.arraycopy(known, 0, more, 0, known.length);
        more[known.length] = 15 << 3;
        more[known.length + 1] = 1;
        assertEquals(200, client.call(post(PATH, PROTO, more)).status());
    }

    @Test
    void refusesWhatItCannotReadWithoutRepeatingIt() throws Exception {
        for (String body : new String[]{"", "{\"pattern\":\"" + VALUE, "{\"pattern\":" + VALUE + "}", "[]", "null",
                "{\"pattern\":1}", "{\"" + VALUE + "\":}", "{\"pattern\":\"a\"}x"}) {
            Reply reply = json(body);
            assertTrue(reply.line().startsWith("400 {\"code\":\"invalid_argument\",\"message\":\"unmarshal message: "),
                    body + " -> " + reply.line());
            assertFalse(reply.text().contains(VALUE), reply.text());
        }
        Reply reply = client.call(post(PATH, PROTO, new byte[]{10, -1, -1}));
        assertTrue(reply.line().startsWith("400 {\"code\":\"invalid_argument\""), reply.line());
        stillServes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"text/plain", "application/grpc", "application/json; charset=latin1",
            "application/proto; charset=utf-8", "", "application/jsonx"})
    void refusesOtherContentTypes(String type) throws Exception {
        Reply reply = client.call(post(PATH, type, new byte[]{'x'}));
        assertEquals("415 ", reply.line());
        assertTrue(String.valueOf(reply.headers().get("Accept-Post")).contains("application/proto"));
        stillServes();
    }

    @Test
    void refusesARequestWithoutContentType() throws Exception {
        client.send("POST " + PATH + " HTTP/1.1\r\nHost: unix\r\nContent-Length: 2\r\n\r\n{}");
        assertEquals("415 ", client.read().line());
        stillServes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET", "PUT", "DELETE", "post"})
    void refusesOtherVerbs(String verb) throws Exception {
        client.send(verb + " " + PATH + " HTTP/1.1\r\nHost: unix\r\n\r\n");
        Reply reply = client.read();
        assertEquals("405 ", reply.line());
        assertEquals("POST", reply.headers().get("Allow"));
        stillServes();
    }

    @Test
    void knowsNoOtherPaths() throws Exception {
        for (String path : new String[]{"/", "/nope", PATH + "/", PATH + "x", "/resolver.v1.ResolverService/Nope",
                "*"}) {
            Reply reply = client.call(post(path, JSON, "{}".getBytes(UTF_8)));
            assertEquals("404 404 page not found\n", reply.line(), path);
            assertEquals("text/plain; charset=utf-8", reply.headers().get("Content-Type"));
        }
        client.send("GET /nope HTTP/1.1\r\nHost: unix\r\n\r\n");
        assertEquals(404, client.read().status());
        stillServes();
    }

    @Test
    void inflatesRequests() throws Exception {
        byte[] body = gzip("{\"pattern\":\"a\"}".getBytes(UTF_8));
        assertEquals("200 " + FOUND, client.call(post(PATH, JSON, body, "Content-Encoding: gzip")).line());
        assertEquals("200 " + FOUND, ask("a", "Content-Encoding: identity").line());
    }

    @Test
    void refusesOtherEncodings() throws Exception {
        assertEquals("501 {\"code\":\"unimplemented\",\"message\":"
                + "\"unknown compression \\\"br\\\": supported encodings are gzip\"}",
                ask("a", "Content-Encoding: br").line());
        Reply broken = ask("a", "Content-Encoding: gzip");
        assertTrue(broken.line().startsWith("400 {\"code\":\"invalid_argument\""), broken.line());
        stillServes();
    }

    @Test
    void refusesABombOfGzip() throws Exception {
        byte[] bomb = gzip(new byte[64 << 20]);
        Reply reply = client.call(post(PATH, JSON, bomb, "Content-Encoding: gzip"));
        assertTrue(reply.line().startsWith("429 {\"code\":\"resource_exhausted\""), reply.line());
        stillServes();
    }

    @Test
    void refusesAnotherVersionOfConnect() throws Exception {
        Reply reply = ask("a", "Connect-Protocol-Version: 2");
        assertTrue(reply.line().startsWith("400 {\"code\":\"invalid_argument\""), reply.line());
        stillServes();
    }

    @ParameterizedTest
    @ValueSource(strings = {"soon", "", "-1", "1.5", "12345678901", "+1", "1 2"})
    void refusesOddTimeouts(String timeout) throws Exception {
        Reply reply = ask("a", "Connect-Timeout-Ms: " + timeout);
        assertTrue(reply.line().startsWith("400 {\"code\":\"invalid_argument\""), reply.line());
        stillServes();
    }

    /** The longest patience is the server's own. */
    @ParameterizedTest
    @CsvSource({"0, 0", "50, 50", "4999, 4999", "9999999999, 100000"})
    void allowsAsMuchTimeAsTheCaller(long given, long expected) throws Exception {
        ask("a", "Connect-Timeout-Ms: " + given);
        Duration allowed = served.allowed.take();
        assertTrue(allowed.toMillis() <= expected && allowed.toMillis() >= expected - 2000, allowed::toString);
    }

    @Test
    void endsACallInItsTime() throws Exception {
        ask("slow", "Connect-Timeout-Ms: 30");
        assertEquals("over", served.ends.take());
    }

    @Test
    void mapsErrorsAndGoesOn() throws Exception {
        Reply reply = ask("missing");
        assertEquals("404 {\"code\":\"not_found\",\"message\":\"secret not found\"}", reply.line());
        assertEquals(JSON, reply.headers().get("Content-Type"));
        stillServes();
    }

    @Test
    void saysNothingOfAProcedureThatFails() throws Exception {
        assertEquals("500 {\"code\":\"internal\",\"message\":\"the engine failed\"}", ask("broken").line());
        stillServes();
    }

    @Test
    void wipesTheAnswerThatItHasSent() throws Exception {
        ask("a");
        GetSecretsResponse answer = served.answers.take();
        SecretBytes value = Objects.requireNonNull(answer.envelopes().get(0).value());
        assertArrayEquals(new byte[VALUE.length()], value.bytes());
    }
}
