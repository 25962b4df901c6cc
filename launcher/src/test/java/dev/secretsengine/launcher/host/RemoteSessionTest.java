package dev.secretsengine.launcher.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RemoteSessionTest {

    private final ByteArrayOutputStream input = new ByteArrayOutputStream();
    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();

    private RemoteSession session() {
        FrameChannel channel = new FrameChannel(new ByteArrayInputStream(input.toByteArray()), sent);
        return new RemoteSession(channel, new Request("1.0", List.of(), Map.of(), Map.of(), "000"));
    }

    private void client(char type, String payload) throws IOException {
        new FrameChannel(new ByteArrayInputStream(new byte[0]), input).write(type, payload);
    }

    /** The types of what has been sent, in order, each with its payload. */
    private String seen() throws IOException {
        FrameChannel reader = new FrameChannel(new ByteArrayInputStream(sent.toByteArray()),
                OutputStream.nullOutputStream());
        StringBuilder seen = new StringBuilder();
        for (Frame frame = reader.read(); frame != null; frame = reader.read()) {
            seen.append(frame.type()).append(frame.text()).append(' ');
        }
        return seen.toString();
    }

    @Test
    void sendsWhatIsPrintedAtOnce() throws IOException {
        RemoteSession session = session();
        session.out().write("one".getBytes(UTF_8));
        session.err().write('2');
        assertEquals("oone e2 ", seen());
        session.out().write(new byte[Frame.CHUNK + 1]);
        assertEquals(4, seen().chars().filter(c -> c == ' ').count(), "no frame is longer than a chunk");
        session.exit(3);
        assertTrue(seen().endsWith(" x3 "));
    }

    @Test
    void showsWhatWasPrintedBeforeItAsks() throws IOException {
        client(Frame.LINE, "yes");
        client(Frame.INPUT, "piped");
        RemoteSession session = session();
        session.receive();
        session.out().write("listen".getBytes(UTF_8));
        assertArrayEquals("yes".getBytes(UTF_8), session.prompt("Well?", false).orElseThrow());
        assertEquals("olisten p1Well? ", seen());
        assertArrayEquals("piped".getBytes(UTF_8), session.read());
        assertTrue(session.cancellation().isCancelled(), "the client has gone");
    }

    @Test
    void sendsVariablesTogetherWithTheOrderToBecomeTheCommand() throws IOException {
        RemoteSession session = session();
        session.variable("A=1".getBytes(UTF_8));
        session.variable("B=2".getBytes(UTF_8));
        assertEquals("", seen());
        session.become(2);
        session.exit(0);
        assertEquals("vA=1 vB=2 b2 ", seen());
    }

    @Test
    void cutsItsCommandOff() throws IOException {
        RemoteSession session = session();
        session.variable("A=1".getBytes(UTF_8));
        session.cutOff("the engine is stopping", 4);
        assertEquals("vA=1 edocker-pass: the engine is stopping\n x4 ", seen());
        assertTrue(session.cancellation().isCancelled());
        assertThrows(EOFException.class, session::read);
    }

    @Test
    @Timeout(30)
    void holdsNoMoreAnswersThanItsCommandTakes() throws Exception {
        for (int i = 0; i < 1000; i++) {
            client(Frame.INPUT, "unasked");
        }
        RemoteSession session = session();
        Thread receiver = new Thread(session::receive);
        receiver.start();
        while (receiver.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        assertArrayEquals("unasked".getBytes(UTF_8), session.read());
        session.end();
        receiver.join();
    }
}
