package dev.secretsengine.client.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GzipTest {

    private static byte[] deflate(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static int statusOf(byte[] body, int max) {
        return assertThrows(HttpException.class, () -> Gzip.inflate(body, max)).status();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 5000, 300_000})
    void inflatesUpToTheLimit(int size) throws Exception {
        byte[] body = new byte[size];
        new Random(1).nextBytes(body);
        Arrays.fill(body, 0, size / 2, (byte) 'a');
        assertArrayEquals(body, Gzip.inflate(deflate(body), size));
        assertArrayEquals(body, Gzip.inflate(deflate(body), size + 1));
        if (size > 0) {
            assertEquals(413, statusOf(deflate(body), size - 1));
        }
    }

    @Test
    void stopsAtABomb() throws IOException {
        assertEquals(413, statusOf(deflate(new byte[50 << 20]), 1 << 20));
    }

    @Test
    void rejectsWhatIsNoGzip() throws IOException {
        byte[] deflated = deflate(new byte[1000]);
        assertEquals(400, statusOf(new byte[0], 10));
        assertEquals(400, statusOf(new byte[]{'x', 'x'}, 10));
        assertEquals(400, statusOf(Arrays.copyOf(deflated, deflated.length - 9), 10_000));
        deflated[deflated.length - 1] ^= 1;
        assertEquals(400, statusOf(deflated, 10_000));
    }
}
