package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class FrameReaderTest {

    private static final byte[] TWO_FRAMES = join(frame(Frame.DATA, 3, "payload".getBytes()),
            frame(Frame.DATA, 5, "more".getBytes()));

    private static byte[] frame(int type, int stream, byte[] payload) {
        byte[] bytes = new byte[Frame.HEADER + payload.length];
        new Frame(type, 0, stream, payload.length).encode(bytes, 0);
        System.arraycopy(payload, 0, bytes, Frame.HEADER, payload.length);
        return bytes;
    }

    private static byte[] join(byte[]... pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    /** Gives at most so many bytes at a time. */
    private static InputStream inPieces(byte[] bytes, int most) {
        return new ByteArrayInputStream(bytes) {

            @Override
            public int read(byte[] to, int offset, int length) {
                return super.read(to, offset, Math.min(length, most));
            }
        };
    }

    private static List<String> readAll(InputStream in) throws IOException {
        FrameReader reader = new FrameReader(in);
        List<String> seen = new ArrayList<>();
        Frame frame = reader.next();
        while (frame != null) {
            ByteArrayOutputStream payload = new ByteArrayOutputStream();
            reader.payload(frame.length(), payload::write);
            seen.add(frame.stream() + ":" + payload.toString());
            frame = reader.next();
        }
        return seen;
    }

    @Test
    void failsWhereverAFrameIsCut() throws IOException {
        for (int end = 1; end < TWO_FRAMES.length; end++) {
            byte[] cut = Arrays.copyOf(TWO_FRAMES, end);
            if (end == Frame.HEADER + "payload".length()) {
                assertEquals(List.of("3:payload"), readAll(new ByteArrayInputStream(cut)));
            } else {
                assertThrows(EOFException.class, () -> readAll(new ByteArrayInputStream(cut)), "cut at " + end);
            }
        }
    }

    @Test
    void endsBetweenTwoFrames() throws IOException {
        assertNull(new FrameReader(InputStream.nullInputStream()).next());
    }

    @Test
    void readsFramesHoweverTheyArrive() throws IOException {
        for (int most = 1; most <= TWO_FRAMES.length; most++) {
            assertEquals(List.of("3:payload", "5:more"), readAll(inPieces(TWO_FRAMES, most)), most + " at a time");
        }
    }

    @Test
    void readsPayloadsThatAreLargerThanItsBuffer() throws IOException {
        byte[] large = new byte[200_000];
        new Random(1).nextBytes(large);
        FrameReader reader = new FrameReader(inPieces(frame(Frame.DATA, 1, large), 1000));
        Frame frame = reader.next();
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        assertEquals(large.length, frame.length());
        reader.payload(frame.length(), payload::write);
        assertArrayEquals(large, payload.toByteArray());
    }

    @Test
    void forgetsWhatItHasHandedOn() throws IOException {
        FrameReader reader = new FrameReader(new ByteArrayInputStream(TWO_FRAMES));
        byte[][] lent = new byte[1][];
        int[] at = new int[1];
        reader.payload(reader.next().length(), (bytes, offset, length) -> {
            lent[0] = bytes;
            at[0] = offset;
        });
        for (int i = 0; i < "payload".length(); i++) {
            assertEquals(0, lent[0][at[0] + i]);
        }
        reader.wipe();
        assertTrue(Arrays.equals(new byte[lent[0].length], lent[0]));
    }
}
