package dev.secretsengine.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of connections, seen through the client. */
class ConnectionPoolTest {

    @TempDir
    private Path folder;

    private Path socket() {
        return folder.resolve("engine.sock");
    }

    private SecretsEngine connect(Duration timeout) throws EngineException {
        return SecretsEngine.connect(socket(), timeout);
    }

    private SecretsEngine connect() throws EngineException {
        return connect(Duration.ofSeconds(20));
    }

    /** Answers with the ID as the value. */
    private static boolean echo(HttpHead head, byte[] body, HttpWriter writer) throws IOException {
        try {
            String id = GetSecretsRequest.TYPE.fromProto(body).pattern();
            Envelope envelope = new Envelope(id, SecretBytes.wrap(String.valueOf(id).getBytes(StandardCharsets.UTF_8)),
                    null, null, null, null, null, Map.of());
            writer.response(200).header("Content-Type", "application/proto")
                    .send(GetSecretsResponse.TYPE.toProto(new GetSecretsResponse(List.of(envelope))));
            return true;
        } catch (MalformedException e) {
            throw new AssertionError(e);
        }
    }

    private static void assertAnswers(SecretsEngine engine, String id) throws EngineException {
        try (Secret secret = engine.resolve(id)) {
            assertArrayEquals(id.getBytes(StandardCharsets.UTF_8), secret.bytes());
        }
    }

    @Test
    void aSilentEngineIsUnavailable() throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        FakeEngine.Service silent = (_, _, _) -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return false;
        };
        try (FakeEngine fake = new FakeEngine(socket(), silent);
                SecretsEngine engine = connect(Duration.ofMillis(100))) {
            EngineException e = assertTimeoutPreemptively(Duration.ofSeconds(10),
                    () -> assertThrows(EngineException.Unavailable.class, () -> engine.resolve("a")));
            assertEquals("the engine did not answer within 100 ms", e.getMessage());
            assertEquals("100", fake.heads.getFirst().header("Connect-Timeout-Ms"));
            assertEquals(1, fake.connections.get(), "a call that was begun is not sent again");
        } finally {
            end.countDown();
        }
    }

    @Test
    void aThreadThatIsInterruptedStopsWaiting() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        FakeEngine.Service silent = (_, _, _) -> {
            asked.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return false;
        };
        try (FakeEngine fake = new FakeEngine(socket(), silent); SecretsEngine engine = connect()) {
            AtomicReference<EngineException> failure = new AtomicReference<>();
            Thread thread = Thread.ofVirtual().start(
                    () -> failure.set(assertThrows(EngineException.Unavailable.class, () -> engine.resolve("a"))));
            asked.await();
            thread.interrupt();
            assertTrue(thread.join(Duration.ofSeconds(10)));
            assertEquals("interrupted while waiting for the engine", failure.get().getMessage());
            assertEquals(1, fake.heads.size());
        } finally {
            end.countDown();
        }
    }

    @Test
    void anEngineThatHangsUpIsUnavailable() throws Exception {
        try (FakeEngine fake = new FakeEngine(socket(), (_, _, _) -> false); SecretsEngine engine = connect()) {
            EngineException e = assertThrows(EngineException.Unavailable.class, () -> engine.resolve("a"));
            assertEquals("the connection to the engine broke", e.getMessage());
            assertEquals(2, fake.connections.get(), "an idle connection may be stale, a new one is not");
        }
    }

    @Test
    void whatIsNoEngineIsAFailure() throws Exception {
        FakeEngine.Service garbage = (_, _, writer) -> {
            writer.request("SSH-2.0", "x").send();
            return false;
        };
        try (FakeEngine fake = new FakeEngine(socket(), garbage); SecretsEngine engine = connect()) {
            assertThrows(EngineException.Failed.class, () -> engine.resolve("a"));
            assertEquals(1, fake.heads.size());
        }
    }

    @Test
    void oneConnectionServesCallAfterCall() throws Exception {
        try (FakeEngine fake = new FakeEngine(socket(), ConnectionPoolTest::echo); SecretsEngine engine = connect()) {
            for (int i = 0; i < 50; i++) {
                assertAnswers(engine, "a/" + i);
            }
            assertEquals(1, fake.connections.get());
        }
    }

    @Test
    void aConnectionThatTheEngineClosesIsReplaced() throws Exception {
        FakeEngine.Service once = (head, body, writer) -> {
            echo(head, body, writer);
            return false;
        };
        try (FakeEngine fake = new FakeEngine(socket(), once); SecretsEngine engine = connect()) {
            for (int i = 0; i < 10; i++) {
                assertAnswers(engine, "a/" + i);
            }
            assertEquals(10, fake.connections.get());
        }
    }

    @Test
    void connectionCloseIsHonoured() throws Exception {
        FakeEngine.Service closing = (_, _, writer) -> {
            writer.response(404).header("Content-Type", "application/json").header("Connection", "close")
                    .send("{\"code\":\"not_found\"}".getBytes(StandardCharsets.US_ASCII));
            return true;
        };
        try (FakeEngine fake = new FakeEngine(socket(), closing); SecretsEngine engine = connect()) {
            assertThrows(EngineException.NotFound.class, () -> engine.resolve("a"));
            assertThrows(EngineException.NotFound.class, () -> engine.resolve("a"));
            assertEquals(2, fake.connections.get());
        }
    }

    @Test
    void anEngineThatWasRestartedIsFoundAgain() throws Exception {
        FakeEngine first = new FakeEngine(socket(), ConnectionPoolTest::echo);
        try (SecretsEngine engine = connect()) {
            assertAnswers(engine, "a");
            first.close();
            assertThrows(EngineException.Unavailable.class, () -> engine.resolve("a"));
            try (FakeEngine second = new FakeEngine(socket(), ConnectionPoolTest::echo)) {
                assertAnswers(engine, "a");
                assertEquals(1, second.connections.get());
            }
        }
    }

    @Test
    void manyVirtualThreadsShareFewConnections() throws Exception {
        try (FakeEngine fake = new FakeEngine(socket(), ConnectionPoolTest::echo);
                SecretsEngine engine = connect();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 2000; i++) {
                String id = "a/" + i;
                calls.add(threads.submit(() -> {
                    assertAnswers(engine, id);
                    return null;
                }));
            }
            for (Future<?> call : calls) {
                call.get();
            }
            assertEquals(2000, fake.heads.size());
            assertTrue(fake.connections.get() < 2000, "connections " + fake.connections.get());
        }
    }

    @Test
    void aClosedClientRefuses() throws Exception {
        try (FakeEngine fake = new FakeEngine(socket(), ConnectionPoolTest::echo)) {
            SecretsEngine engine = connect();
            engine.close();
            engine.close();
            assertThrows(EngineException.Invalid.class, () -> engine.resolve("a"));
            assertEquals(0, fake.heads.size());
        }
    }
}
