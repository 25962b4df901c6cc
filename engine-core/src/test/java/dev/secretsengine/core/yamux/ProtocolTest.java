package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bytes: our server session against a client that speaks frame by frame. */
@Timeout(30)
class ProtocolTest {

    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private Link link;
    private YamuxSession session;
    private RawPeer peer;

    @BeforeEach
    void connect() throws IOException {
        link = new Link(folder);
        session = link.server(YamuxSettings.DEFAULT);
        peer = new RawPeer(link.far);
    }

    @AfterEach
    void endEverything() throws IOException {
        session.close();
        link.close();
    }

    private YamuxStream accepted() throws IOException {
        YamuxStream stream = session.accept();
        assertNotNull(stream);
        stream.limit(SOON);
        return stream;
    }

    @ParameterizedTest
    @CsvSource(textBlock = """
            a stream of number 0,       1, 1, 0, 0
            a stream of ours,           1, 1, 2, 0
            data for number 0,          0, 0, 0, 0
            a window for number 0,      1, 0, 0, 5
            data beyond any window,     0, 0, 7, 262145
            data of the largest length, 0, 0, 7, 4294967295
            a first frame too long,     0, 1, 1, 262145
            a window too large,         1, 1, 1, 4294967295
            an unknown type,            4, 0, 0, 0
            """)
    void hangsUpOn(String what, int type, int flags, int stream, long length) throws IOException {
        peer.send(type, flags, stream, length);
        peer.expectFarewell();
        assertFalse(session.isOpen(), what);
        assertFalse(session.reason().isEmpty());
        assertThrows(IOException.class, () -> session.open(SOON));
    }

    @Test
    void hangsUpOnAnotherVersion() throws IOException {
        peer.out.write(new byte[]{1, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0});
        peer.expectFarewell();
    }

    @Test
    void hangsUpOnAStreamThatIsOpenedTwice() throws IOException {
        peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
        peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
        peer.expectFarewell();
    }

    @Test
    void hangsUpOnASecondEnd() throws IOException {
        peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
        peer.send(Frame.WINDOW, Frame.FIN, 1, 0);
        peer.send(Frame.WINDOW, Frame.FIN, 1, 0);
        peer.expectFarewell();
    }

    @Test
    void hangsUpWhenSmallFramesOverrunAWindow() throws IOException {
        peer.send(Frame.DATA, Frame.SYN, 1, Frame.WINDOW_SIZE - 1);
        peer.out.write(new byte[Frame.WINDOW_SIZE - 1]);
        peer.data(0, 1, "x");
        peer.data(0, 1, "y");
        peer.expectFarewell();
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "77"})
    void endsWithoutAWordWhenThePeerFails(long code) throws IOException {
        peer.send(Frame.GO_AWAY, 0, 0, code);
        peer.expectEnd();
        assertTrue(session.reason().contains("code " + code), session.reason());
    }

    @Test
    void answersPings() throws IOException {
        peer.send(Frame.PING, Frame.SYN, 0, 0);
        peer.expect(Frame.PING, Frame.ACK, 0, 0);
        peer.send(Frame.PING, Frame.SYN, 0, 0xffff_ffffL);
        peer.expect(Frame.PING, Frame.ACK, 0, 0xffff_ffffL);
        peer.send(Frame.PING, Frame.ACK, 0, 5);
        peer.send(Frame.PING, Frame.SYN, 0, 6);
        peer.expect(Frame.PING, Frame.ACK, 0, 6);
    }

    @Test
    void acknowledgesAStreamOnceWhenItIsAccepted() throws IOException {
        peer.send(Frame.WINDOW, Frame.SYN, 1, 0);
        peer.data(Frame.FIN, 1, "hello");
        YamuxStream stream = accepted();
        peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
        assertEquals("hello", new String(stream.input().readAllBytes()));
        stream.output().write("bye".getBytes());
        peer.expectData(1, "bye");
        stream.close();
        peer.expect(Frame.WINDOW, Frame.FIN, 1, 0);
        stream.close();
        stream.closeOutput();
        peer.send(Frame.PING, Frame.SYN, 0, 1);
        peer.expect(Frame.PING, Frame.ACK, 0, 1);
        assertEquals(0, session.streams());
    }

    @Test
    void opensWithTheFirstBytesAndEndsOnce() throws IOException {
        try (YamuxStream stream = session.open(SOON)) {
            stream.limit(SOON);
            stream.output().write("question".getBytes());
            peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
            peer.expectData(2, "question");
            peer.data(Frame.ACK | Frame.FIN, 2, "answer");
            assertEquals("answer", new String(stream.input().readAllBytes()));
        }
        peer.expect(Frame.WINDOW, Frame.FIN, 2, 0);
        assertEquals(0, session.streams());
        session.open(SOON).output().flush();
        peer.expect(Frame.WINDOW, Frame.SYN, 4, 0);
    }

    @Test
    void endsStreamsOfWhichThePeerKnowsNothingMoreBeforeLong() throws IOException {
        for (int id = 2; id < 12; id += 2) {
            YamuxStream stream = session.open(SOON);
            stream.output().flush();
            peer.expect(Frame.WINDOW, Frame.SYN, id, 0);
            stream.close();
            peer.expect(Frame.WINDOW, Frame.FIN, id, 0);
        }
    }

    @Test
    void endsManyStreamsInOrder() throws IOException {
        List<YamuxStream> streams = new ArrayList<>();
        for (int id = 2; id <= 2 * StreamTable.MAX_UNACKNOWLEDGED; id += 2) {
            YamuxStream stream = session.open(SOON);
            streams.add(stream);
            stream.output().flush();
            peer.expect(Frame.WINDOW, Frame.SYN, id, 0);
        }
        streams.forEach(YamuxStream::close);
        for (YamuxStream stream : streams) {
            peer.expect(Frame.WINDOW, Frame.FIN, stream.id(), 0);
        }
    }

    @Test
    void saysNothingOfAStreamThatWasNeverUsed() throws IOException {
        session.open(SOON).close();
        session.open(SOON).reset();
        session.open(SOON).output().flush();
        peer.expect(Frame.WINDOW, Frame.SYN, 6, 0);
        assertEquals(1, session.streams());
    }

    @Test
    void readsTheAnswerToNothing() throws IOException {
        try (YamuxStream stream = session.open(SOON)) {
            stream.limit(SOON);
            stream.closeOutput();
            peer.expect(Frame.WINDOW, Frame.SYN | Frame.FIN, 2, 0);
            peer.data(Frame.FIN, 2, "answer");
            assertEquals("answer", new String(stream.input().readAllBytes()));
        }
        assertEquals(0, session.streams());
    }

    @Test
    void readsOnBehindGoAway() throws IOException {
        YamuxStream stream = session.open(SOON);
        stream.limit(SOON);
        stream.output().flush();
        peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
        peer.send(Frame.GO_AWAY, 0, 0, Frame.NORMAL);
        peer.send(Frame.WINDOW, Frame.ACK, 2, 0);
        peer.data(0, 2, "done");
        peer.send(Frame.WINDOW, Frame.FIN, 2, 0);
        link.far.close();
        assertEquals("done", new String(stream.input().readAllBytes()), "although the connection is closed by now");
        assertThrows(IOException.class, () -> session.open(SOON));
    }

    @Test
    void doesNotTakeACutAnswerForAWholeOne() throws IOException {
        YamuxStream stream = session.open(SOON);
        stream.limit(SOON);
        stream.output().flush();
        peer.data(Frame.ACK, 2, "half an ans");
        assertEquals('h', stream.input().read());
        link.far.close();
        assertNull(session.accept());
        assertThrows(IOException.class, () -> stream.input().readAllBytes());
    }

    @Test
    void grantsMoreOnceHalfIsRead() throws IOException {
        peer.send(Frame.DATA, Frame.SYN, 1, Frame.WINDOW_SIZE);
        peer.out.write(new byte[Frame.WINDOW_SIZE]);
        YamuxStream stream = accepted();
        peer.expect(Frame.WINDOW, Frame.ACK, 1, 0);
        int half = Frame.WINDOW_SIZE / 2;
        stream.input().readNBytes(half - 1);
        peer.send(Frame.PING, Frame.SYN, 0, 1);
        peer.expect(Frame.PING, Frame.ACK, 0, 1);
        assertEquals(0, stream.input().read());
        peer.expect(Frame.WINDOW, 0, 1, half);
        stream.input().readNBytes(half);
        peer.expect(Frame.WINDOW, 0, 1, half);
    }

    @Test
    void dropsWhatComesBehindAnEnd() throws IOException {
        peer.data(Frame.SYN | Frame.FIN, 1, "all");
        peer.data(0, 1, "late");
        peer.data(Frame.SYN | Frame.FIN, 3, "next");
        assertEquals("all", new String(accepted().input().readAllBytes()));
        assertEquals("next", new String(accepted().input().readAllBytes()));
    }

    @Test
    void dropsWhatIsForAStreamThatIsNoMore() throws IOException {
        peer.data(0, 9, "for nobody");
        peer.send(Frame.WINDOW, 0, 9, 70_000);
        peer.send(Frame.WINDOW, Frame.FIN, 9, 0);
        peer.send(Frame.WINDOW, Frame.RST, 9, 0);
        peer.data(Frame.SYN | Frame.FIN, 1, "hello");
        assertEquals("hello", new String(accepted().input().readAllBytes()));
    }

    @Test
    void resetsAStreamThatSendsToNobody() throws IOException {
        YamuxStream stream = session.open(SOON);
        stream.output().flush();
        peer.expect(Frame.WINDOW, Frame.SYN, 2, 0);
        stream.close();
        peer.expect(Frame.WINDOW, Frame.FIN, 2, 0);
        peer.data(Frame.ACK, 2, "still here");
        peer.expect(Frame.WINDOW, Frame.RST, 2, 0);
        assertEquals(0, session.streams());
    }

    @Test
    void forgetsAStreamThatIsResetBeforeItIsAccepted() throws IOException {
        peer.data(Frame.SYN, 1, "never mind");
        peer.send(Frame.DATA, Frame.RST, 1, 3);
        peer.out.write("abc".getBytes());
        peer.data(Frame.SYN, 3, "this one");
        // Answered behind all of that: otherwise the first one could be accepted before its reset has come.
        peer.send(Frame.PING, Frame.SYN, 0, 7);
        peer.expect(Frame.PING, Frame.ACK, 0, 7);
        assertEquals(3, accepted().id());
    }
}
