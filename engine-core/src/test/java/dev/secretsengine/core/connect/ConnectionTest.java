package dev.secretsengine.core.connect;

import static dev.secretsengine.core.connect.Served.PATH;
import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.post;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.RawClient.Reply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of a connection, whatever its calls are answered with. */
@Timeout(20)
class ConnectionTest {

    private static final String HEAD = "POST " + PATH + " HTTP/1.1\r\nHost: unix\r\nContent-Type: application/json\r\n";
    private static final String HIJACK = "/hijack HTTP/1.1\r\nHost: secrets-engine.localhost\r\n"
            + "Connection: upgrade\r\nUpgrade: tcp\r\n\r\n";

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

    private static byte[] asking(String pattern, String... headers) {
        return post(PATH, JSON, ("{\"pattern\":\"" + pattern + "\"}").getBytes(US_ASCII), headers);
    }

    private static void answers(String id, Reply reply) {
        assertTrue(reply.line().startsWith("200 {\"envelopes\":[{\"id\":\"" + id + "\""), reply.line());
    }

    @Test
    void answersRequestsThatComeAtOnceInTheirOrder() throws Exception {
        ByteArrayOutputStream requests = new ByteArrayOutputStream();
        for (String pattern : List.of("a", "missing", "b")) {
            requests.writeBytes(asking(pattern));
        }
        client.send(requests.toByteArray());
        answers("a", client.read());
        assertEquals(404, client.read().status());
        answers("b", client.read());
    }

    @Test
    void answersARequestThatComesByteByByte() throws Exception {
        for (byte b : asking("a")) {
            client.send(new byte[]{b});
        }
        answers("a", client.read());
    }

    @Test
    void readsChunks() throws Exception {
        client.send(
                HEAD + "Transfer-Encoding: chunked\r\n\r\n5\r\n{\"pat\r\nA;x=y\r\ntern\":\"a\"}\r\n0\r\nX: y\r\n\r\n");
        answers("a", client.read());
        answers("b", client.call(asking("b")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\n{}\r\n0\r\n\r\n", "-1\r\n", "2\r\n{}x\r\n", "2\n{}"})
    void hangsUpOnOddChunks(String chunks) throws Exception {
        client.send(HEAD + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        refused(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 4194305\r\n\r\n", "Content-Length: 99999999999999999999\r\n\r\n",
            "Transfer-Encoding: chunked\r\n\r\n400001\r\n", "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFF\r\n"})
    void hangsUpOnBodiesThatAreTooLarge(String rest) throws Exception {
        client.send(HEAD + rest);
        Reply reply = client.read();
        assertTrue(reply.status() == 413 || reply.status() == 400, reply.line());
        assertTrue(client.isHungUpOn());
    }

    @Test
    void takesBodiesUpToItsLimit() throws Exception {
        String padding = " ".repeat((4 << 20) - "{\"pattern\":\"a\"}".length());
        answers("a", client.call(post(PATH, JSON, ("{\"pattern\":\"a\"}" + padding).getBytes(US_ASCII))));
    }

    @Test
    void doesNotReadAHugeBodyThatNobodyWants() throws Exception {
        client.send("POST /nope HTTP/1.1\r\nHost: unix\r\nContent-Length: 1000000000\r\n\r\n");
        Reply reply = client.read();
        assertTrue(reply.status() == 413 || reply.status() == 404, reply.line());
        assertTrue(client.isHungUpOn());
    }

    private void refused(int status) throws IOException {
        Reply reply = client.read();
        assertEquals(status + " ", reply.line());
        assertEquals("close", reply.headers().get("Connection"));
        assertTrue(client.isHungUpOn());
    }

    @Test
    void limitsHeads() throws Exception {
        List<String> many = new ArrayList<>();
        for (int i = 0; i <= 100; i++) {
            many.add("X-" + i + ": y");
        }
        client.send(asking("a", many.toArray(String[]::new)));
        refused(431);
        client = served.connect();
        client.send(asking("a", "X: " + "y".repeat(9000)));
        refused(431);
        client = served.connect();
        client.send("POST /" + "y".repeat(9000) + " HTTP/1.1\r\n\r\n");
        refused(414);
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello\r\n\r\n", "POST / HTTP/2.0\r\n\r\n", "\u0016\u0003\u0001\r\n\r\n",
            "POST " + PATH + " HTTP/1.1\r\nHost: unix\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
            "POST " + PATH + " HTTP/1.1\r\nHost : unix\r\n\r\n"})
    void hangsUpOnWhatIsNoRequest(String request) throws Exception {
        client.send(request);
        Reply reply = client.read();
        assertTrue(reply.status() == 400 || reply.status() == 505, reply.line());
        assertTrue(client.isHungUpOn());
    }

    @Test
    void tellsAClientThatWaitsToGoOn() throws Exception {
        client.send(HEAD + "Content-Length: 15\r\nExpect: 100-continue\r\n\r\n");
        assertEquals("100 ", client.read().line());
        client.send("{\"pattern\":\"a\"}");
        answers("a", client.read());
        answers("b", client.call(asking("b", "Expect: 100-continue")));
    }

    @Test
    void doesNotAskForABodyThatIsRefused() throws Exception {
        client.send("POST /nope HTTP/1.1\r\nHost: unix\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n");
        Reply reply = client.read();
        assertEquals(404, reply.status());
        assertEquals("close", reply.headers().get("Connection"));
        assertTrue(client.isHungUpOn());
    }

    @Test
    void hangsUpWhenItIsAskedTo() throws Exception {
        Reply reply = client.call(asking("a", "Connection: close"));
        answers("a", reply);
        assertEquals("close", reply.headers().get("Connection"));
        assertTrue(client.isHungUpOn());
        client = served.connect();
        client.send("GET /nope HTTP/1.0\r\n\r\n");
        assertEquals(404, client.read().status());
        assertTrue(client.isHungUpOn());
    }

    @Test
    void cancelsTheCallOfACallerThatHasGone() throws Exception {
        client.send(asking("slow"));
        assertTrue(served.waiting.await(10, TimeUnit.SECONDS));
        assertNull(served.ends.poll(700, TimeUnit.MILLISECONDS), "it is still there");
        client.close();
        assertEquals("cancelled", served.ends.poll(5, TimeUnit.SECONDS));
    }

    @Test
    void doesNotTakeAnotherRequestForGoingAway() throws Exception {
        client.send(asking("slow", "Connect-Timeout-Ms: 900"));
        client.send(asking("b"));
        answers("slow", client.read());
        assertEquals("over", served.ends.take());
        answers("b", client.read());
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET ", "POST "})
    void handsAConnectionOverWithWhatWasSentBehindTheRequest(String verb) throws Exception {
        client.send(verb + HIJACK + "he");
        Reply reply = client.read();
        assertEquals("101 ", reply.line());
        assertEquals("upgrade", String.valueOf(reply.headers().get("Connection")));
        assertEquals("tcp", reply.headers().get("Upgrade"));
        client.send("llo");
        assertEquals("hello", new String(client.input().readAllBytes(), US_ASCII));
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n",
            "GET /hijack HTTP/1.1\r\nHost: x\r\nUpgrade: tcp\r\n\r\n",
            "GET /hijack HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
            "PUT /hijack HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n"})
    void handsNothingOverThatDoesNotAskForIt(String request) throws Exception {
        assertEquals(404, client.call(request.getBytes(US_ASCII)).status());
        answers("a", client.call(asking("a")));
    }
}
