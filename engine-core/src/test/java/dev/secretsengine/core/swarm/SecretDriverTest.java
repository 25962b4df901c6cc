package dev.secretsengine.core.swarm;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.References;
import dev.secretsengine.core.wire.SocketServer;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over a real socket, in HTTP as dockerd speaks it. */
@Timeout(30)
class SecretDriverTest {

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore answered = new Semaphore(0);
    private SocketServer server;

    @BeforeEach
    void serve() throws IOException {
        server = SocketServer.bindForDaemons(folder.resolve("swarm.sock"));
        References references = new References((pattern, _) -> found(pattern), threads);
        SecretDriver driver = new SecretDriver(references, answered::release);
        threads.execute(() -> server.serve(driver, threads));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
        threads.shutdownNow();
    }

    private static List<Envelope> found(SecretPattern pattern) throws SecretsException {
        return switch (pattern.toString()) {
            case "postgres/password" -> List.of(envelope("postgres/password", "hunter2\n".getBytes(UTF_8)));
            case "plain" -> List.of(envelope("plain", "of its name".getBytes(UTF_8)));
            case "large" -> List.of(envelope("large", new byte[600 * 1024]));
            default -> throw new SecretsException.NotFound(pattern.toString(), "there is no secret " + pattern,
                    "store one");
        };
    }

    private static Envelope envelope(String id, byte[] value) {
        return Envelope.of(SecretId.parse(id), SecretValue.copyOf(value));
    }

    private String exchange(String requests) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(folder.resolve("swarm.sock")));
            client.write(ByteBuffer.wrap(requests.getBytes(UTF_8)));
            client.shutdownOutput();
            return new String(Channels.newInputStream(client).readAllBytes(), UTF_8);
        }
    }

    private static String post(String path, String body) {
        return "POST " + path + " HTTP/1.1\r\nHost: plugin\r\nAccept: application/vnd.docker.plugins.v1.2+json\r\n"
                + "Content-Length: " + body.getBytes(UTF_8).length + "\r\n\r\n" + body;
    }

    private static String ask(String json) {
        return post("/SecretProvider.GetSecret", json);
    }

    private static String bodyOf(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    @Test
    void saysWhatItIs() throws Exception {
        String answer = exchange(post("/Plugin.Activate", ""));
        assertTrue(answer.startsWith("HTTP/1.1 200 "), answer);
        assertTrue(answer.contains("application/vnd.docker.plugins.v1.2+json"), answer);
        assertEquals("{\"Implements\":[\"secretprovider\"]}", bodyOf(answer));
    }

    @ParameterizedTest
    @ValueSource(strings = {"se://postgres/password", "postgres/password"})
    void answersWhatTheLabelNames(String label) throws Exception {
        String answer = exchange(ask("{\"SecretName\":\"db\",\"SecretLabels\":{\"a\":\"b\",\"reference\":\"" + label
                + "\"},\"ServiceName\":\"web\",\"TaskID\":\"1\",\"ServiceEndpointSpec\":{\"Mode\":1}}"));
        assertEquals("{\"Value\":\"" + Base64.getEncoder().encodeToString("hunter2\n".getBytes(UTF_8))
                + "\",\"DoNotReuse\":true}", bodyOf(answer));
    }

    @Test
    void takesTheNameForAnIdWhereThereIsNoLabel() throws Exception {
        assertTrue(exchange(ask("{\"SecretName\":\"plain\"}"))
                .contains(Base64.getEncoder().encodeToString("of its name".getBytes(UTF_8))));
    }

    @Test
    void answersSeveralRequestsOfOneConnection() throws Exception {
        String answers = exchange(post("/Plugin.Activate", "") + ask("{\"SecretName\":\"plain\"}")
                + ask("{\"SecretName\":\"plain\"}"));
        assertEquals(3, answers.split("HTTP/1.1 200 ", -1).length - 1, answers);
        answered.acquire(3);
    }

    @Test
    void saysWhyThereIsNoValue() throws Exception {
        assertEquals("{\"Err\":\"docker pass: se://no: there is no secret no: store one\"}",
                bodyOf(exchange(ask("{\"SecretName\":\"no\"}"))));
        assertTrue(bodyOf(exchange(ask("{\"SecretName\":\"x\",\"SecretLabels\":{\"reference\":\"a//b\"}}")))
                .startsWith("{\"Err\":\"docker pass: se://a//b: "));
        assertTrue(exchange(ask("{\"SecretName\":\"large\"}")).contains("more than 500 KiB"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "{\"SecretName\":1}", "{\"SecretName\":\"x\"", "\u0000"})
    void refusesWhatIsNoRequest(String body) throws Exception {
        String answer = exchange(ask(body));
        assertTrue(answer.startsWith("HTTP/1.1 400 "), answer);
        assertTrue(bodyOf(answer).startsWith("{\"Err\":"), answer);
    }

    @Test
    void refusesWhatIsTooLargeOrNotKnown() throws Exception {
        assertTrue(
                exchange("POST /SecretProvider.GetSecret HTTP/1.1\r\nHost: plugin\r\nContent-Length: 1048577\r\n\r\n")
                        .startsWith("HTTP/1.1 413 "));
        assertTrue(exchange(post("/VolumeDriver.Get", "{}")).startsWith("HTTP/1.1 404 "));
        assertTrue(exchange("GET /Plugin.Activate HTTP/1.1\r\nHost: plugin\r\n\r\n").startsWith("HTTP/1.1 405 "));
        assertTrue(exchange("nonsense\r\n\r\n").startsWith("HTTP/1.1 4"));
    }
}
