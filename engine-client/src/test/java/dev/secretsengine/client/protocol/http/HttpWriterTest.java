package dev.secretsengine.client.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HttpWriterTest {

    /** Remembers how often it was written to, and from which arrays. */
    private static final class Sink extends OutputStream {

        final ByteArrayOutputStream all = new ByteArrayOutputStream();
        final List<byte[]> sources = new ArrayList<>();

        @Override
        public void write(int b) {
            throw new IllegalStateException("byte by byte");
        }

        @Override
        public void write(byte[] bytes, int offset, int length) {
            sources.add(bytes);
            all.write(bytes, offset, length);
        }
    }

    private final Sink sink = new Sink();
    private final HttpWriter writer = new HttpWriter(sink);

    private String written() {
        return sink.all.toString(StandardCharsets.ISO_8859_1);
    }

    @Test
    void sendsHeadAndSmallBodyAtOnce() throws IOException {
        writer.response(200).header("Content-Type", "application/proto").send(new byte[]{'o', 'k'});
        assertEquals("HTTP/1.1 200 OK\r\nContent-Type: application/proto\r\nContent-Length: 2\r\n\r\nok", written());
        assertEquals(1, sink.sources.size());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 16_000, 16_384, 17_000, 3_000_000})
    void bodiesOfAnySizeArriveInTwoWritesAtMost(int size) throws Exception {
        byte[] body = new byte[size];
        for (int i = 0; i < size; i++) {
            body[i] = (byte) (i * 31);
        }
        writer.request("POST", "/a").header("Host", "unix").send(body);
        HttpReader reader = new HttpReader(new ByteArrayInputStream(sink.all.toByteArray()));
        HttpHead head = reader.readRequest();
        assertNotNull(head);
        assertArrayEquals(body, reader.readBody(head, size));
        assertEquals(size <= 16_000 ? 1 : 2, sink.sources.size());
    }

    @Test
    void keepsNothingOfABody() throws IOException {
        writer.response(200).send("canary".getBytes(StandardCharsets.US_ASCII));
        assertArrayEquals(new byte[sink.sources.getFirst().length], sink.sources.getFirst());
    }

    @Test
    void saysNothingOfALengthWhereThereIsNoBody() throws IOException {
        writer.response(101).header("Upgrade", "tcp").send();
        writer.sendContinue();
        assertEquals("HTTP/1.1 101 Switching Protocols\r\nUpgrade: tcp\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n",
                written());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\r\nB: c", "a\n", "\u0000", "\u007f", "\u20ac"})
    void rejectsAHeaderThatWouldBeTwo(String value) {
        assertThrows(IllegalArgumentException.class, () -> writer.response(200).header("A", value));
    }

    @Test
    void goesOnBehindAHeaderThatItRejected() throws IOException {
        writer.response(200).header("A", "b");
        assertThrows(IllegalArgumentException.class, () -> writer.header("C", "d\r\nE: f"));
        writer.header("G", "h\u00e4").send(new byte[0]);
        assertEquals("HTTP/1.1 200 OK\r\nA: b\r\nG: h\u00e4\r\nContent-Length: 0\r\n\r\n", written());
    }

    @Test
    void takesHeadersOfAnyLength() throws IOException {
        StringBuilder expected = new StringBuilder("HTTP/1.1 200 OK\r\n");
        writer.response(200);
        for (int length = 0; length < 300; length++) {
            String value = "x".repeat(length);
            writer.header("Name", value);
            expected.append("Name: ").append(value).append("\r\n");
        }
        writer.send(new byte[]{'o', 'k'});
        assertEquals(expected + "Content-Length: 2\r\n\r\nok", written());
    }

    @Test
    void whatWasNotSentIsNotPartOfTheNext() throws IOException {
        writer.response(200).header("A", "b");
        writer.response(404).send(new byte[0]);
        assertEquals("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", written());
    }
}
