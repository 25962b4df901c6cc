package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.yamux.YamuxSession;
import dev.secretsengine.core.yamux.YamuxSettings;
import dev.secretsengine.core.yamux.YamuxStream;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** Our yamux and Go's, each in both roles. */
@Timeout(120)
class YamuxPeerIT {

    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int LARGE = 3 << 20;

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Semaphore arrived = new Semaphore(0);
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void endEverything() throws Exception {
        for (AutoCloseable one : open.reversed()) {
            one.close();
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(20, TimeUnit.SECONDS), "a thread hangs");
    }

    /** A session with a Go program that runs as yamux-echo with these flags, and what it says. */
    private record Pair(YamuxSession ours, GoPeer go) {
    }

    private Pair connect(boolean goIsServer, YamuxSettings settings, String... flags) throws IOException {
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(folder.resolve("socket"));
        try (AFUNIXServerSocket listening = AFUNIXServerSocket.bindOn(address, true)) {
            List<String> arguments = new ArrayList<>(List.of("yamux-echo", "-address",
                    folder.resolve("socket").toString(), "-server=" + goIsServer));
            arguments.addAll(List.of(flags));
            GoPeer go = GoPeer.start(arguments.toArray(String[]::new));
            open.add(go);
            AFUNIXSocket socket = listening.accept();
            YamuxSession session = goIsServer
                    ? YamuxSession.client(socket.getInputStream(), socket.getOutputStream(), socket, threads, settings)
                    : YamuxSession.server(socket.getInputStream(), socket.getOutputStream(), socket, threads, settings);
            open.add(session);
            threads.execute(() -> echo(session));
            return new Pair(session, go);
        }
    }

    private void echo(YamuxSession session) {
        try {
            YamuxStream stream = session.accept();
            while (stream != null) {
                YamuxStream accepted = stream;
                arrived.release();
                threads.execute(() -> echo(accepted));
                stream = session.accept();
            }
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static void echo(YamuxStream stream) {
        try (stream) {
            stream.limit(SOON);
            stream.input().transferTo(stream.output());
        } catch (IOException e) {
            // The Go side counts what did not come back.
        }
    }

    /** Sends so many bytes, ends this way and reads the other to its end. */
    private void roundTrip(YamuxSession session, int size) throws Exception {
        byte[] sent = new byte[size];
        new Random(size).nextBytes(sent);
        try (YamuxStream stream = session.open(SOON)) {
            stream.limit(SOON);
            Future<?> writer = threads.submit(() -> {
                stream.output().write(sent);
                stream.closeOutput();
                return null;
            });
            byte[] received = stream.input().readAllBytes();
            writer.get(60, TimeUnit.SECONDS);
            assertTrue(Arrays.equals(sent, received), received.length + " bytes of " + size);
        }
    }

    private void roundTrips(YamuxSession session, int count, int workers, int size) throws Exception {
        List<Future<?>> all = new ArrayList<>();
        for (int worker = 0; worker < workers; worker++) {
            int seed = worker;
            all.add(threads.submit(() -> {
                for (int i = 0; i < count / workers; i++) {
                    roundTrip(session, size + seed);
                }
                return null;
            }));
        }
        for (Future<?> one : all) {
            one.get(100, TimeUnit.SECONDS);
        }
    }

    private static String echoed(int streams, int accepted, boolean closed) {
        return "{\"streams\":" + streams + ",\"accepted\":" + accepted + ",\"mistakes\":0,\"left\":0,\"closed\":"
                + closed
                + "}";
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void carriesLargeStreamsBothWaysAtOnce(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "64", "-size", Integer.toString(LARGE));
        roundTrips(pair.ours, 64, 64, LARGE);
        pair.go.await("\"streams\":64,");
        pair.ours.close();
        assertEquals(0, pair.go.exit());
        assertEquals(echoed(64, 64, true), pair.go.output().lines().toList().getLast(), pair.go::toString);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensManyStreams(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "200", "-size", "10");
        roundTrips(pair.ours, 3200, 64, 0);
        pair.go.await("\"streams\":200,");
        assertTrue(pair.ours.isOpen());
        pair.ours.close();
        assertEquals(0, pair.go.exit());
        assertEquals(echoed(200, 3200, true), pair.go.output().lines().toList().getLast(), pair.go::toString);
        assertEquals("", pair.go.errors());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void staysWhileNothingIsSentButPings(boolean goIsServer) throws Exception {
        Duration often = Duration.ofMillis(50);
        Pair pair = connect(goIsServer, new YamuxSettings(often, Duration.ofSeconds(10), SOON, SOON, 256), "-streams",
                "0", "-ping", "50ms");
        Thread.sleep(2000);
        roundTrip(pair.ours, 100);
        pair.ours.close();
        assertEquals(0, pair.go.exit());
        // The session ends as soon as the bytes are back: Go may have that stream still open.
        assertEquals(echoed(0, 1, true),
                pair.go.output().lines().toList().getLast().replace("\"left\":1", "\"left\":0"));
        assertEquals("", pair.go.errors());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void opensNoMoreWhenGoIsLeaving(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "1", "-size", "10", "-go-away");
        pair.go.await("\"streams\":1,");
        Poll.until("go-away", () -> !pair.ours.isOpen());
        IOException refused = assertThrows(IOException.class, () -> pair.ours.open(SOON));
        assertEquals("the peer takes no more streams", refused.getMessage());
        assertEquals("", pair.ours.reason(), "it still lives");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void isUnderstoodWhenItIsLeaving(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "1", "-size", "100000000");
        assertTrue(arrived.tryAcquire(30, TimeUnit.SECONDS));
        pair.ours.goAway();
        roundTrip(pair.ours, 1000);
        pair.go.await("\"streams\":1,");
        assertTrue(pair.go.output().contains("\"mistakes\":0"), "what was open went on to its end");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsWhenGoHangsUp(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "3", "-size", "1000", "-hang-up");
        assertEquals(0, pair.go.exit());
        Poll.until("the end", () -> !pair.ours.reason().isEmpty());
        assertThrows(IOException.class, () -> pair.ours.open(SOON));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void endsAtOnceWhenGoIsKilled(boolean goIsServer) throws Exception {
        Pair pair = connect(goIsServer, YamuxSettings.DEFAULT, "-streams", "0");
        YamuxStream stream = pair.ours.open(SOON);
        stream.output().write("half of a quest".getBytes());
        assertArrayEquals("half".getBytes(), stream.input().readNBytes(4));
        long begin = System.nanoTime();
        pair.go.kill();
        assertThrows(IOException.class, () -> stream.input().readAllBytes());
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10));
        assertNotNull(pair.ours.reason());
    }
}
