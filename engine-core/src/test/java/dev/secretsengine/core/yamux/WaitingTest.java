package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What ends waiting: time, interruption, a peer that is silent or does not read. */
@Timeout(30)
class WaitingTest {

    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Duration BRIEFLY = Duration.ofMillis(100);
    private static final YamuxSettings IMPATIENT = new YamuxSettings(BRIEFLY, Duration.ofSeconds(1), SOON, SOON, 3);
    private static final YamuxSettings PATIENT = new YamuxSettings(SOON, SOON, Duration.ofMillis(300), BRIEFLY, 300);

    @TempDir
    Path folder;

    private Link link;

    @BeforeEach
    void connect() throws IOException {
        link = new Link(folder);
    }

    @AfterEach
    void endEverything() throws IOException {
        link.close();
    }

    @Test
    void readsAndWritesForAsLongAsIsSaid() throws Exception {
        try (YamuxSession session = link.server(PATIENT); YamuxStream stream = session.open(SOON)) {
            stream.limit(BRIEFLY);
            assertThrows(SocketTimeoutException.class, () -> stream.input().read());
            RawPeer peer = new RawPeer(link.far);
            peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
            stream.limit(BRIEFLY);
            Future<?> writing = link.threads.submit(() -> assertThrows(SocketTimeoutException.class,
                    () -> stream.output().write(new byte[3_000_000])));
            for (int seen = 0; seen < Frame.WINDOW_SIZE; seen += FrameWriter.MAX_DATA) {
                peer.expect(Frame.DATA, 0, 2, FrameWriter.MAX_DATA);
                peer.payload(FrameWriter.MAX_DATA);
            }
            writing.get(30, TimeUnit.SECONDS);
            assertTrue(session.isOpen(), "which is the stream's trouble only");
            peer.send(Frame.WINDOW, Frame.ACK, 2, 4);
            stream.limit(SOON);
            stream.output().write("more".getBytes());
            peer.expectData(2, "more");
        }
    }

    @Test
    void isInterruptedWithoutHarmToOthers() throws Exception {
        try (YamuxSession session = link.server(PATIENT)) {
            YamuxStream stream = session.open(SOON);
            CompletableFuture<Throwable> thrown = new CompletableFuture<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                thrown.complete(assertThrows(InterruptedIOException.class, () -> stream.input().read()));
                assertTrue(Thread.currentThread().isInterrupted());
                stream.close();
            });
            Thread.sleep(100);
            reader.interrupt();
            assertNotNull(thrown.get(30, TimeUnit.SECONDS));
            RawPeer peer = new RawPeer(link.far);
            peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
            peer.expect(Frame.WINDOW, Frame.FIN, 2, 0);
            peer.send(Frame.PING, Frame.SYN, 0, 1);
            peer.expect(Frame.PING, Frame.ACK, 0, 1);
        }
    }

    @Test
    void opensAtMostSoManyThatAreNotAcknowledged() throws Exception {
        try (YamuxSession session = link.server(PATIENT)) {
            RawPeer peer = new RawPeer(link.far);
            for (int i = 1; i <= StreamTable.MAX_UNACKNOWLEDGED; i++) {
                session.open(SOON).output().flush();
                peer.expect(Frame.WINDOW, Frame.SYN, 2 * i, 0);
            }
            assertThrows(SocketTimeoutException.class, () -> session.open(BRIEFLY));
            peer.send(Frame.WINDOW, Frame.ACK, 2, 0);
            peer.send(Frame.WINDOW, Frame.ACK, 2, 0);
            session.open(SOON);
            assertThrows(SocketTimeoutException.class, () -> session.open(BRIEFLY), "one for one");
            peer.send(Frame.WINDOW, Frame.RST, 4, 0);
            session.open(SOON);
            peer.send(Frame.WINDOW, Frame.FIN, 6, 0);
            session.open(SOON);
        }
    }

    @Test
    void resetsStreamsBeyondItsBacklog() throws Exception {
        try (YamuxSession session = link.server(PATIENT.withInboundStreams(2))) {
            RawPeer peer = new RawPeer(link.far);
            peer.data(Frame.SYN, 1, "one");
            peer.data(Frame.SYN, 3, "two");
            peer.data(Frame.SYN, 5, "three");
            peer.expect(Frame.WINDOW, Frame.RST, 5, 0);
            YamuxStream first = session.accept();
            assertNotNull(first);
            peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
            peer.send(Frame.WINDOW, Frame.FIN, 1, 0);
            assertEquals("one", new String(first.input().readAllBytes()));
            first.close();
            peer.expect(Frame.WINDOW, Frame.FIN, 1, 0);
            peer.data(Frame.SYN, 7, "four");
            assertEquals(3, session.accept().id());
            assertEquals(7, session.accept().id());
        }
    }

    @Test
    void endsWhenThePeerDoesNotAnswerPings() throws Exception {
        try (YamuxSession session = link.server(IMPATIENT)) {
            RawPeer peer = new RawPeer(link.far);
            peer.expect(Frame.PING, Frame.SYN, 0, 0);
            peer.send(Frame.PING, Frame.ACK, 0, 0);
            peer.expect(Frame.PING, Frame.SYN, 0, 1);
            peer.send(Frame.PING, Frame.ACK, 0, 0);
            peer.expectEnd();
            assertEquals("the peer does not answer", session.reason());
        }
    }

    @Test
    void staysWhileBothAnswer() throws Exception {
        try (YamuxSession server = link.server(IMPATIENT); YamuxSession client = link.client(IMPATIENT)) {
            Thread.sleep(1500);
            assertTrue(server.isOpen(), server.reason());
            assertTrue(client.isOpen(), client.reason());
        }
    }

    @Test
    void endsWhenThePeerDoesNotRead() throws Exception {
        try (YamuxSession session = link.server(PATIENT)) {
            for (int i = 0; i < 8; i++) {
                YamuxStream stream = session.open(SOON);
                link.threads.execute(
                        () -> assertThrows(IOException.class, () -> stream.output().write(new byte[200_000])));
            }
            assertEquals(null, session.accept(), "until the session ends");
            assertEquals("the peer does not read", session.reason());
        }
    }

    @Test
    void endsWhenThePeerAsksAndDoesNotReadTheAnswers() throws Exception {
        try (YamuxSession session = link.server(PATIENT)) {
            byte[] question = RawPeer.frame(Frame.PING, Frame.SYN, 0, 1);
            assertThrows(IOException.class, () -> {
                for (int i = 0; i < 1_000_000; i++) {
                    link.far.getOutputStream().write(question);
                }
            });
            assertEquals(null, session.accept());
        }
    }

    @Test
    void resetsAStreamThatThePeerNeverEnds() throws Exception {
        try (YamuxSession session = link.server(new YamuxSettings(SOON, SOON, SOON, Duration.ofSeconds(1), 1))) {
            YamuxStream stream = session.open(SOON);
            stream.output().flush();
            stream.close();
            RawPeer peer = new RawPeer(link.far);
            peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
            peer.expect(Frame.WINDOW, Frame.FIN, 2, 0);
            assertEquals(1, session.streams());
            peer.expect(Frame.WINDOW, Frame.RST, 2, 0);
            assertEquals(0, session.streams());
        }
    }
}
