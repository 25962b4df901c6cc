package dev.secretsengine.launcher.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class WipedOutputTest {

    /** Keeps the arrays it is handed, as a view of the buffer itself. */
    private static final class Peek extends OutputStream {

        private final List<byte[]> seen = new ArrayList<>();

        @Override
        public void write(int b) {
            throw new IllegalStateException("the buffer is handed over whole");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            seen.add(bytes);
        }
    }

    @Test
    void keepsWhatIsWrittenWhileItGrows() {
        Random random = new Random(7);
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        try (WipedOutput output = new WipedOutput()) {
            for (int i = 0; i < 200; i++) {
                byte[] piece = new byte[random.nextInt(100)];
                random.nextBytes(piece);
                output.writeBytes(piece);
                expected.writeBytes(piece);
                output.write(i);
                expected.write(i);
            }
            assertArrayEquals(expected.toByteArray(), output.toByteArray());
        }
    }

    @Test
    void wipesTheBufferItLeavesBehindWhenItGrows() throws IOException {
        Peek peek = new Peek();
        try (WipedOutput output = new WipedOutput()) {
            output.writeBytes("value".getBytes(UTF_8));
            output.writeTo(peek);
            byte[] first = peek.seen.get(0);
            assertEquals('v', first[0]);
            output.writeBytes(new byte[1000]);
            assertArrayEquals(new byte[first.length], first);
            assertEquals("value", output.toString(UTF_8).substring(0, 5));
        }
    }

    @Test
    void wipesTheBufferOnClose() throws IOException {
        Peek peek = new Peek();
        WipedOutput output = new WipedOutput();
        output.writeBytes("value".getBytes(UTF_8));
        output.writeTo(peek);
        output.close();
        assertArrayEquals(new byte[peek.seen.get(0).length], peek.seen.get(0));
        assertEquals(0, output.size());
    }
}
