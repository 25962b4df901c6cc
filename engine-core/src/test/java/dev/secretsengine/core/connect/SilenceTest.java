package dev.secretsengine.core.connect;

import static dev.secretsengine.core.connect.Served.PATH;
import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.post;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.RawClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of connections that say nothing for a while, and of many at once. */
@Timeout(20)
class SilenceTest {

    private static final byte[] ASKING = post(PATH, JSON, "{\"pattern\":\"a\"}".getBytes(US_ASCII));

    @TempDir
    Path folder;

    private Served served;

    @BeforeEach
    void serve() throws IOException {
        served = new Served(folder, 300);
    }

    @AfterEach
    void stop() throws IOException {
        served.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"POST " + PATH + " HTTP/1.1\r\nHost: un",
            "POST " + PATH + " HTTP/1.1\r\nHost: unix\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n",
            "POST " + PATH
                    + " HTTP/1.1\r\nHost: unix\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"pa"})
    void tellsASenderThatStopsWithinARequest(String start) throws Exception {
        try (RawClient client = served.connect()) {
            client.send(start);
            assertEquals(408, client.read().status());
            assertTrue(client.isHungUpOn());
        }
    }

    @Test
    void tellsASenderThatDripsABodyForTooLong() throws Exception {
        try (RawClient client = served.connect()) {
            client.send("POST " + PATH + " HTTP/1.1\r\nHost: unix\r\nContent-Type: application/json\r\n"
                    + "Content-Length: 1000\r\n\r\n");
            for (int i = 0; i < 20 && client.input().available() == 0; i++) {
                client.send(" ");
                Thread.sleep(50);
            }
            assertEquals(408, client.read().status());
        }
    }

    @Test
    void keepsAConnectionWhoseRequestsComeOneByOneForLonger() throws Exception {
        try (RawClient client = served.connect()) {
            for (int i = 0; i < 5; i++) {
                Thread.sleep(100);
                assertEquals(200, client.call(ASKING).status());
            }
        }
    }

    @Test
    void hangsUpOnAnIdleConnectionWithoutAWord() throws Exception {
        try (RawClient client = served.connect()) {
            assertEquals(200, client.call(ASKING).status());
            assertEquals(-1, client.input().read());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"pattern\":\"large\"}", "nonsense"})
    void letsGoOfAClientThatDoesNotReadItsAnswers(String question) throws Exception {
        try (RawClient deaf = served.connect()) {
            byte[] asking = post(PATH, JSON, question.getBytes(US_ASCII));
            assertThrows(IOException.class, () -> {
                // Small answers fit into the buffers of the socket for a while.
                while (true) {
                    deaf.send(asking);
                    answersSomebodyElse();
                }
            });
            while (served.connections() > 0) {
                Thread.sleep(10);
            }
            answersSomebodyElse();
        }
    }

    private void answersSomebodyElse() throws IOException {
        try (RawClient other = served.connect()) {
            assertEquals(200, other.call(ASKING).status());
        }
    }

    @Test
    void servesAHundredConnectionsAtOnce() throws Exception {
        List<RawClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 100; i++) {
                clients.add(served.connect());
            }
            for (RawClient client : clients) {
                client.send(ASKING);
            }
            for (RawClient client : clients) {
                assertEquals(200, client.read().status());
            }
        } finally {
            for (RawClient client : clients) {
                client.close();
            }
        }
    }
}
