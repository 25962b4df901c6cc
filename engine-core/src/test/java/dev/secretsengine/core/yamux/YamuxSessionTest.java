package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two of our sessions, one in each role. */
@Timeout(60)
class YamuxSessionTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Link link;
    private YamuxSession server;
    private YamuxSession client;

    @BeforeEach
    void connect() throws IOException {
        link = new Link(folder);
        server = link.server(YamuxSettings.DEFAULT);
        client = link.client(YamuxSettings.DEFAULT);
    }

    @AfterEach
    void endEverything() throws IOException {
        server.close();
        client.close();
        link.close();
    }

    private static YamuxStream limited(YamuxStream stream) {
        assertNotNull(stream);
        stream.limit(SOON);
        return stream;
    }

    @Test
    void endsWithItsReceiveThreadWhateverEndsThat() throws Exception {
        CountDownLatch uncaught = new CountDownLatch(1);
        InputStream broken = new InputStream() {

            @Override
            public int read() {
                throw new StackOverflowError();
            }
        };
        try (YamuxSession session = YamuxSession.server(broken, OutputStream.nullOutputStream(), () -> {
        }, task -> Thread.ofPlatform().daemon().uncaughtExceptionHandler((_, _) -> uncaught.countDown()).start(task),
                YamuxSettings.DEFAULT)) {
            assertNull(session.accept());
            assertFalse(session.isOpen());
            assertTrue(uncaught.await(5, TimeUnit.SECONDS), "the engine gets to know");
        }
    }

    /** Sends everything back, a thread a stream, until the session ends. */
    private void echo(YamuxSession session) {
        link.threads.execute(() -> {
            try {
                YamuxStream stream = session.accept();
                while (stream != null) {
                    YamuxStream accepted = stream;
                    link.threads.execute(() -> echo(accepted));
                    stream = session.accept();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
    }

    private static void echo(YamuxStream stream) {
        try (stream) {
            stream.input().transferTo(stream.output());
            stream.closeOutput();
        } catch (IOException e) {
            // The test ended it.
        }
    }

    private byte[] throughEcho(YamuxSession session, byte[] sent) throws Exception {
        try (YamuxStream stream = limited(session.open(SOON))) {
            Future<?> sender = link.threads.submit(() -> {
                stream.output().write(sent);
                stream.closeOutput();
                return null;
            });
            byte[] received = stream.input().readAllBytes();
            sender.get(20, TimeUnit.SECONDS);
            return received;
        }
    }

    @Test
    void carriesManyStreamsBothWaysAtOnce() throws Exception {
        echo(server);
        echo(client);
        List<Future<?>> all = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            byte[] sent = new byte[1_000_000 + i];
            new Random(i).nextBytes(sent);
            YamuxSession session = i % 2 == 0 ? server : client;
            all.add(link.threads.submit(() -> {
                assertArrayEquals(sent, throughEcho(session, sent));
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get(40, TimeUnit.SECONDS);
        }
        awaitNoStreams(server);
        awaitNoStreams(client);
    }

    /** The peer's last end may still be under way. */
    private static void awaitNoStreams(YamuxSession session) throws InterruptedException {
        for (int i = 0; i < 500 && session.streams() > 0; i++) {
            Thread.sleep(10);
        }
        assertEquals(0, session.streams());
    }

    @Test
    void opensAsManyStreamsAsAreWanted() throws Exception {
        echo(server);
        for (int i = 0; i < 2000; i++) {
            assertEquals(3, throughEcho(client, new byte[3]).length);
        }
        awaitNoStreams(client);
        awaitNoStreams(server);
    }

    @Test
    void closesOneWayAndReadsOnTheOther() throws Exception {
        YamuxStream asking = limited(client.open(SOON));
        asking.output().write("question".getBytes());
        asking.output().close();
        assertThrows(IOException.class, () -> asking.output().write(1));
        YamuxStream answering = limited(server.accept());
        assertEquals("question", new String(answering.input().readAllBytes()));
        assertEquals(-1, answering.input().read());
        answering.output().write("answer".getBytes());
        answering.close();
        assertEquals("answer", new String(asking.input().readAllBytes()));
        asking.close();
        awaitNoStreams(client);
        awaitNoStreams(server);
    }

    @Test
    void endsAllStreamsAtOnceWhenItIsClosed() throws Exception {
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            YamuxStream stream = client.open(SOON);
            waiting.add(link.threads.submit(() -> assertThrows(IOException.class, () -> stream.input().read())));
            YamuxStream full = client.open(SOON);
            waiting.add(link.threads.submit(
                    () -> assertThrows(IOException.class, () -> full.output().write(new byte[3_000_000]))));
        }
        waiting.add(link.threads.submit(() -> {
            assertNull(client.accept());
            return null;
        }));
        Thread.sleep(200);
        long begin = System.nanoTime();
        client.close();
        for (Future<?> one : waiting) {
            one.get(10, TimeUnit.SECONDS);
        }
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10));
        assertFalse(client.isOpen());
        assertThrows(IOException.class, () -> client.open(SOON));
        assertEquals(0, client.streams());
        client.close();
    }

    @Test
    void failsForThePeerWhenItIsReset() throws Exception {
        YamuxStream stream = limited(client.open(SOON));
        stream.output().write(1);
        YamuxStream other = limited(server.accept());
        stream.reset();
        assertThrows(IOException.class, () -> stream.input().read());
        assertThrows(IOException.class, () -> other.input().readAllBytes());
        assertThrows(IOException.class, () -> other.output().write(new byte[10]));
        other.close();
        assertEquals(0, client.streams());
        assertEquals(0, server.streams());
    }

    @Test
    void goesOnWithWhatIsOpenBehindGoAway() throws Exception {
        YamuxStream stream = limited(client.open(SOON));
        stream.output().write("before".getBytes());
        YamuxStream other = limited(server.accept());
        server.goAway();
        other.output().write("still here".getBytes());
        other.closeOutput();
        assertEquals("still here", new String(stream.input().readAllBytes()));
        assertThrows(IOException.class, () -> client.open(SOON));
        assertFalse(client.isOpen());
        YamuxStream back = limited(server.open(SOON));
        back.output().write(7);
        assertEquals(7, limited(client.accept()).input().read(), "who leaves can still ask");
    }

    @Test
    void refusesStreamsThatCrossItsGoAway() throws Exception {
        YamuxStream early = limited(client.open(SOON));
        server.goAway();
        early.output().write(1);
        assertThrows(IOException.class, () -> early.input().read());
    }

    @Test
    void dropsNothingThatIsUnderWayWhenAWriterCloses() throws Exception {
        echo(server);
        byte[] sent = new byte[5_000_000];
        new Random(3).nextBytes(sent);
        assertArrayEquals(sent, throughEcho(client, sent));
    }
}
