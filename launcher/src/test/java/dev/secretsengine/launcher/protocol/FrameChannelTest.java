package dev.secretsengine.launcher.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FrameChannelTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final FrameChannel writer = new FrameChannel(InputStream.nullInputStream(), written);

    /** Hands out one byte at a time, as a slow peer does. */
    private static final class Dripping extends ByteArrayInputStream {

        Dripping(byte[] bytes) {
            super(bytes);
        }

        @Override
        public synchronized int read(byte[] target, int offset, int length) {
            return super.read(target, offset, Math.min(length, 1));
        }
    }

    private static FrameChannel reading(byte... bytes) {
        return new FrameChannel(new ByteArrayInputStream(bytes), OutputStream.nullOutputStream());
    }

    private static void assertFrame(char type, byte[] payload, FrameChannel channel) throws IOException {
        Frame frame = Objects.requireNonNull(channel.read());
        assertEquals(type, frame.type());
        assertArrayEquals(payload, frame.payload());
    }

    @Test
    void writesTypeLengthAndPayload() throws IOException {
        writer.write(Frame.ARGUMENT, new byte[]{9, 1, 2, 9}, 1, 2);
        assertArrayEquals(new byte[]{'A', 0, 0, 0, 2, 1, 2}, written.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void readsWhatWasWritten(boolean dripping) throws IOException {
        byte[] long300 = new byte[300];
        Arrays.fill(long300, (byte) 0xFE);
        writer.write(Frame.STDOUT, long300);
        writer.write(Frame.GO, "");
        writer.write(Frame.PROMPT, "für");
        InputStream in = dripping
                ? new Dripping(written.toByteArray())
                : new ByteArrayInputStream(written.toByteArray());
        FrameChannel channel = new FrameChannel(in, OutputStream.nullOutputStream());
        assertFrame(Frame.STDOUT, long300, channel);
        assertFrame(Frame.GO, new byte[0], channel);
        assertFrame(Frame.PROMPT, "für".getBytes(UTF_8), channel);
        assertNull(channel.read(), "the peer ended the connection between two frames");
    }

    /** Keeps what each write had, and the array itself. */
    private static final class Writes extends OutputStream {

        private final List<byte[]> pieces = new ArrayList<>();
        private final Set<byte[]> arrays = new HashSet<>();

        @Override
        public void write(int b) {
            throw new IllegalStateException("frames are written whole");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            pieces.add(Arrays.copyOfRange(bytes, offset, offset + length));
            arrays.add(bytes);
        }
    }

    @Test
    void writesWhatWasHeldBackTogetherWithTheNextFrame() throws IOException {
        Writes writes = new Writes();
        FrameChannel channel = new FrameChannel(InputStream.nullInputStream(), writes);
        channel.hold(Frame.ENGINE_HELLO, new byte[]{1});
        channel.hold(Frame.STDOUT, new byte[]{2, 3});
        assertEquals(0, writes.pieces.size());
        channel.write(Frame.EXIT, "0");
        assertEquals(1, writes.pieces.size());
        assertArrayEquals(new byte[]{'h', 0, 0, 0, 1, 1, 'o', 0, 0, 0, 2, 2, 3, 'x', 0, 0, 0, 1, '0'},
                writes.pieces.get(0));
        channel.hold(Frame.STDOUT, new byte[]{4});
        channel.flush();
        channel.flush();
        assertEquals(2, writes.pieces.size());
    }

    @Test
    void keepsTheOrderOfFramesThatAreTooLongToBeHeldBack() throws IOException {
        FrameChannel channel = new FrameChannel(InputStream.nullInputStream(), written);
        byte[] small = new byte[3000];
        byte[] large = new byte[70_000];
        Arrays.fill(small, (byte) 1);
        Arrays.fill(large, (byte) 2);
        for (byte[] payload : List.of(small, small, large, small)) {
            channel.hold(Frame.VARIABLE, payload);
        }
        channel.write(Frame.BECOME, "1");
        FrameChannel reader = reading(written.toByteArray());
        for (byte[] payload : List.of(small, small, large, small)) {
            assertFrame(Frame.VARIABLE, payload, reader);
        }
        assertFrame(Frame.BECOME, new byte[]{'1'}, reader);
        assertNull(reader.read());
    }

    @ParameterizedTest
    @ValueSource(ints = {7, 5000})
    void wipesWhatItHasWritten(int length) throws IOException {
        Writes writes = new Writes();
        FrameChannel channel = new FrameChannel(InputStream.nullInputStream(), writes);
        byte[] value = new byte[length];
        Arrays.fill(value, (byte) 'v');
        channel.hold(Frame.STDOUT, value);
        channel.write(Frame.VARIABLE, value);
        assertTrue(writes.pieces.stream().anyMatch(piece -> piece[5] == 'v'), "it was there");
        for (byte[] array : writes.arrays) {
            assertArrayEquals(new byte[array.length], array);
        }
    }

    @Test
    void wipesWhatIsNeverSent() throws IOException {
        Writes writes = new Writes();
        FrameChannel channel = new FrameChannel(InputStream.nullInputStream(), writes);
        channel.hold(Frame.VARIABLE, "X=hunter2".getBytes(UTF_8));
        channel.drop();
        channel.hold(Frame.EXIT, new byte[]{'1'});
        channel.flush();
        assertArrayEquals(new byte[]{'x', 0, 0, 0, 1, '1'}, writes.pieces.get(0));
        byte[] buffer = writes.arrays.iterator().next();
        assertArrayEquals(new byte[buffer.length], buffer);
    }

    @Test
    void wipesWhatItHasReadAhead() throws IOException {
        writer.write(Frame.INPUT, "hunter2");
        writer.write(Frame.GO, "");
        List<byte[]> arrays = new ArrayList<>();
        FrameChannel channel = new FrameChannel(new ByteArrayInputStream(written.toByteArray()) {

            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                arrays.add(target);
                return super.read(target, offset, length);
            }
        }, OutputStream.nullOutputStream());
        assertFrame(Frame.INPUT, "hunter2".getBytes(UTF_8), channel);
        assertTrue(arrays.get(0).length > written.size(), "both frames were read at once");
        assertEquals(0, new String(arrays.get(0), UTF_8).indexOf("\0\0\0\0\0\0\0\0\0\0\0\0G"));
        assertFrame(Frame.GO, new byte[0], channel);
        assertArrayEquals(new byte[arrays.get(0).length], arrays.get(0));
    }

    @Test
    void leavesTheWritersArrayAlone() throws IOException {
        byte[] value = "value".getBytes(UTF_8);
        writer.write(Frame.VARIABLE, value);
        assertArrayEquals("value".getBytes(UTF_8), value);
    }

    @Test
    void takesAPayloadOfTheGreatestLengthAndNoMore() throws IOException {
        byte[] payload = new byte[Frame.MAX_LENGTH];
        payload[Frame.MAX_LENGTH - 1] = 7;
        writer.write(Frame.VARIABLE, payload);
        assertFrame(Frame.VARIABLE, payload, reading(written.toByteArray()));
        byte[] longer = written.toByteArray();
        longer[4]++;
        assertEquals("a frame of type 118 is too long",
                assertThrows(IOException.class, reading(longer)::read).getMessage());
    }

    @Test
    void takesNoMemoryForWhatIsOnlyAnnounced() throws IOException {
        writer.write(Frame.VARIABLE, new byte[Frame.MAX_LENGTH]);
        byte[] begun = Arrays.copyOf(written.toByteArray(), 100_000);
        int[] taken = new int[1];
        FrameChannel channel = new FrameChannel(new ByteArrayInputStream(begun), OutputStream.nullOutputStream(),
                bytes -> taken[0] += bytes);
        assertThrows(EOFException.class, channel::read);
        assertTrue(taken[0] < 2 * begun.length, () -> "it took " + taken[0]);
    }

    @ParameterizedTest
    @CsvSource({"127,255,255,255", "128,0,0,0", "255,255,255,255"})
    void refusesALengthThatNobodyCanSend(int first, int second, int third, int fourth) {
        FrameChannel channel = reading((byte) 'A', (byte) first, (byte) second, (byte) third, (byte) fourth);
        IOException error = assertThrows(IOException.class, channel::read);
        assertTrue(error.getMessage().contains("too long"), error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 5, 7})
    void saysThatTheConnectionEndedWithinAFrame(int length) {
        byte[] frame = {'A', 0, 0, 0, 3, 1, 2, 3};
        assertThrows(EOFException.class, reading(Arrays.copyOf(frame, length))::read);
    }

    @Test
    void readsAnyBytesWithoutMoreThanAnIoException() {
        Random random = new Random(42);
        for (int round = 0; round < 2_000; round++) {
            byte[] bytes = new byte[random.nextInt(64)];
            random.nextBytes(bytes);
            if (bytes.length > 4 && random.nextBoolean()) {
                Arrays.fill(bytes, 1, 4, (byte) 0);
            }
            FrameChannel channel = reading(bytes);
            int used = 0;
            try {
                for (Frame frame = channel.read(); frame != null; frame = channel.read()) {
                    used += 5 + frame.payload().length;
                }
                assertEquals(bytes.length, used, "every byte belongs to a frame");
            } catch (IOException e) {
                assertTrue(used < bytes.length, "a failure needs a broken frame");
            }
        }
    }

    @Test
    void showsTheTypeOfAFrameAndNotItsPayload() {
        Frame frame = new Frame(Frame.VARIABLE, "X=hunter2".getBytes(UTF_8));
        assertEquals("X=hunter2", frame.text());
        assertFalse(frame.toString().contains("hunter2"), frame.toString());
    }
}
