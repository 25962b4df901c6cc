package dev.secretsengine.client.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bodies, and that nothing of them stays. */
class HttpBodyTest {

    private static final int MAX = 1 << 20;
    private static final String HOST = "Host: unix\r\n";

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static HttpReader reader(String text) {
        return new HttpReader(SplitInput.whole(ascii(text)));
    }

    private static HttpHead response(HttpReader reader) throws IOException, HttpException {
        HttpHead head = reader.readResponse();
        assertNotNull(head);
        return head;
    }

    private static int statusOf(String text) {
        return assertThrows(HttpException.class, () -> {
            HttpReader reader = reader(text);
            HttpHead head = reader.readRequest();
            reader.readBody(head, MAX);
        }, text).status();
    }

    @Test
    void chunksOfAnySizeComeTogether() throws Exception {
        Random random = new Random(5);
        for (int i = 0; i < 2000; i++) {
            byte[] body = new byte[random.nextInt(random.nextInt(10) == 0 ? 40_000 : 300)];
            random.nextBytes(body);
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(ascii("POST / HTTP/1.1\r\n" + HOST + "transfer-encoding: CHUNKED\r\n\r\n"));
            for (int at = 0; at < body.length;) {
                int n = Math.min(body.length - at, 1 + random.nextInt(body.length));
                out.writeBytes(ascii((random.nextBoolean() ? "00" : "") + Integer.toHexString(n)
                        + (random.nextBoolean() ? "; a=\"b\"" : "") + "\r\n"));
                out.write(body, at, n);
                out.writeBytes(ascii("\r\n"));
                at += n;
            }
            out.writeBytes(ascii("0\r\n" + (random.nextBoolean() ? "X: y\r\n" : "") + "\r\nGET /next"));
            HttpReader reader = new HttpReader(
                    new SplitInput(out.toByteArray(), _ -> 1 + random.nextInt(random.nextBoolean() ? 20 : 9000)));
            HttpHead head = reader.readRequest();
            assertNotNull(head);
            assertArrayEquals(body, reader.readBody(head, body.length), "case " + i);
            assertArrayEquals(ascii("GET /next"), reader.rest().readAllBytes(), "case " + i);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"x\r\n", "\r\n", "-1\r\n", "3x\r\n", "3\nabc\r\n", "3\r\nabcd\r\n", "3\r\nabc\n0\r\n\r\n"})
    void rejectsChunksThatAreNone(String chunks) {
        assertEquals(400, statusOf("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n" + chunks
                + "0\r\n\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"100001", "7fffffff", "80000000", "ffffffffffffffffffff"})
    void rejectsBodiesThatAreTooLarge(String size) {
        assertEquals(413, statusOf("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n" + size
                + "\r\n"));
        assertEquals(413, statusOf("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 1048577\r\n\r\n"));
        assertEquals(413, statusOf("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 99999999999999999999\r\n\r\n"));
    }

    @Test
    void anAnswerWithoutLengthEndsWithTheConnection() throws Exception {
        HttpReader reader = reader("HTTP/1.1 200\r\n\r\n" + "x".repeat(20_000));
        HttpHead head = response(reader);
        assertEquals(20_000, reader.readBody(head, 20_000).length);
        HttpReader again = reader("HTTP/1.1 200 OK\r\n\r\n" + "x".repeat(20_000));
        HttpHead same = response(again);
        assertEquals(413, assertThrows(HttpException.class, () -> again.readBody(same, 19_999)).status());
    }

    @Test
    void someAnswersHaveNoBody() throws Exception {
        HttpReader reader = reader("HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
        assertEquals(0, reader.readBody(response(reader), MAX).length);
        assertEquals(200, response(reader).status());
    }

    @Test
    void keepsNothingOfABodyThatWasRead() throws Exception {
        String secret = "canary-".repeat(3000);
        SplitInput input = SplitInput.whole(ascii("POST / HTTP/1.1\r\n" + HOST + "Content-Length: " + secret.length()
                + "\r\n\r\n" + secret + "POST / HTTP/1.1\r\n" + HOST
                + "Transfer-Encoding: chunked\r\n\r\n6\r\ncanary\r\n"
                + "5\r\ncanar\r\n0\r\n\r\n"));
        HttpReader reader = new HttpReader(input);
        for (int i = 0; i < 2; i++) {
            HttpHead head = reader.readRequest();
            assertNotNull(head);
            Arrays.fill(reader.readBody(head, MAX), (byte) 0);
        }
        for (byte[] target : input.targets) {
            assertFalse(new String(target, StandardCharsets.ISO_8859_1).contains("canar"), "left in a buffer");
        }
    }

    @Test
    void keepsNothingOfABodyThatFails() throws Exception {
        SplitInput input = SplitInput.whole(ascii("POST / HTTP/1.1\r\n" + HOST + "Content-Length: 20000\r\n\r\n"
                + "canary-".repeat(2000)));
        HttpReader reader = new HttpReader(input);
        HttpHead head = reader.readRequest();
        assertThrows(EOFException.class, () -> reader.readBody(head, MAX));
        for (byte[] target : input.targets) {
            assertFalse(new String(target, StandardCharsets.ISO_8859_1).contains("canar"), "left in a buffer");
        }
    }

    @Test
    void closingWipesWhatWasReadAhead() throws Exception {
        SplitInput input = SplitInput.whole(ascii("GET / HTTP/1.1\r\n" + HOST + "\r\ncanary"));
        try (HttpReader reader = new HttpReader(input)) {
            assertNotNull(reader.readRequest());
            assertTrue(reader.hasBuffered());
        }
        assertFalse(new String(input.targets.getFirst(), StandardCharsets.ISO_8859_1).contains("canary"));
    }
}
