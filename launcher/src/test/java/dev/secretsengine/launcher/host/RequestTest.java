package dev.secretsengine.launcher.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.launcher.protocol.Frame;
import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.SequenceInputStream;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RequestTest {

    private final ByteArrayOutputStream sent = new ByteArrayOutputStream();
    private final FrameChannel client = new FrameChannel(InputStream.nullInputStream(), sent);

    private Request read() throws IOException {
        RequestMemory memory = new RequestMemory();
        try (RequestMemory.Share share = memory.new Share()) {
            return Request.read(new FrameChannel(new ByteArrayInputStream(sent.toByteArray()),
                    OutputStream.nullOutputStream(), share));
        }
    }

    private void hello() throws IOException {
        client.write(Frame.HELLO, "1\0" + "1000.1.2.3");
    }

    @Test
    void readsWhatAClientSends() throws IOException {
        hello();
        client.write(Frame.ARGUMENT, "set");
        client.write(Frame.ARGUMENT, new byte[]{'X', '=', (byte) 0xFF});
        client.write(Frame.ENVIRONMENT, "A=se://x");
        client.write(Frame.ENVIRONMENT, "PATH=/a=b");
        client.write(Frame.DIRECTORY, "/home/alice");
        client.write(Frame.TERMINAL, "101");
        client.write(Frame.GO, "");
        Request request = read();
        assertEquals("1000.1.2.3", request.build());
        assertArrayEquals("set".getBytes(UTF_8), request.arguments().get(0));
        assertArrayEquals(new byte[]{'X', '=', (byte) 0xFF}, request.arguments().get(1));
        assertEquals(Map.of("A", "se://x"), request.references());
        assertEquals(Map.of("PATH", "/a=b"), request.environment());
        assertEquals("101", request.terminal());
    }

    @Test
    void refusesAnotherProtocol() throws IOException {
        client.write(Frame.HELLO, "2\0" + "1000.1");
        assertThrows(IOException.class, this::read);
        sent.reset();
        client.write(Frame.GO, "");
        assertThrows(IOException.class, this::read);
        sent.reset();
        assertThrows(IOException.class, this::read);
    }

    @Test
    void refusesARequestThatIsNotComplete() throws IOException {
        hello();
        client.write(Frame.ARGUMENT, "ls");
        assertThrows(IOException.class, this::read);
        client.write(Frame.LINE, "unasked");
        client.write(Frame.GO, "");
        assertThrows(IOException.class, this::read);
    }

    /** An empty frame costs more than its five bytes. */
    @Test
    void refusesMoreArgumentsThanThereIsRoomFor() throws IOException {
        hello();
        client.write(Frame.ARGUMENT, "run");
        byte[] begin = sent.toByteArray();
        byte[] flood = new byte[5 << 20];
        for (int i = 0; i < flood.length; i += 5) {
            flood[i] = (byte) Frame.ARGUMENT;
        }
        InputStream in = new SequenceInputStream(new ByteArrayInputStream(begin), new ByteArrayInputStream(flood));
        RequestMemory memory = new RequestMemory();
        try (RequestMemory.Share share = memory.new Share()) {
            assertEquals("the request is larger than 16 MiB: send less",
                    assertThrows(RequestMemory.ExhaustedException.class,
                            () -> Request.read(new FrameChannel(in, OutputStream.nullOutputStream(), share)))
                            .getMessage());
        }
    }

    @Test
    void allRequestsTogetherAreBounded() throws IOException {
        RequestMemory memory = new RequestMemory(1000);
        try (RequestMemory.Share second = memory.new Share()) {
            try (RequestMemory.Share first = memory.new Share()) {
                first.take(900);
                assertThrows(RequestMemory.ExhaustedException.class, () -> second.take(200));
                second.take(100);
            }
            second.take(900);
        }
    }

    @Test
    void refusesAVariableWithoutAValue() throws IOException {
        hello();
        client.write(Frame.ENVIRONMENT, "A");
        client.write(Frame.GO, "");
        assertThrows(IOException.class, this::read);
    }

    @Test
    void refusesMoreThanAClientCouldMean() throws IOException {
        hello();
        byte[] argument = new byte[Frame.MAX_LENGTH];
        for (int i = 0; i < 17; i++) {
            client.write(Frame.ARGUMENT, argument);
        }
        client.write(Frame.GO, "");
        assertThrows(IOException.class, this::read);
    }
}
