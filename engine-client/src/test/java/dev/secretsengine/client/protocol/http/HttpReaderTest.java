package dev.secretsengine.client.protocol.http;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpReaderTest {

    private static final int MAX = 1 << 20;
    private static final String HOST = "Host: unix\r\n";

    private static final String PIPELINE = "POST /a?x=1 HTTP/1.1\r\nhOST: unix\r\nContent-Length: 5\r\n"
            + "Content-Type:  application/proto\t\r\n\r\nhello"
            + "\r\nPOST /b HTTP/1.1\r\nHost: unix\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "3\r\nabc\r\n00A;name=value\r\n0123456789\r\n0\r\nTrailer: skipped\r\n\r\n"
            + "GET /hijack HTTP/1.1\r\nHost: unix\r\nConnection: keep-alive, UPGRADE\r\nUpgrade: tcp\r\n\r\nrest";

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static HttpReader reader(String text) {
        return new HttpReader(SplitInput.whole(ascii(text)));
    }

    private static HttpHead request(String text) throws IOException, HttpException {
        HttpHead head = reader(text).readRequest();
        assertNotNull(head);
        return head;
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

    private static void readPipeline(SplitInput input) throws IOException, HttpException {
        HttpReader reader = new HttpReader(input);
        HttpHead first = reader.readRequest();
        assertNotNull(first);
        assertEquals("POST /a?x=1", first.toString());
        assertEquals("/a", first.path());
        assertEquals("application/proto", first.header("content-TYPE"));
        assertNull(first.header("Content-Typ"));
        assertArrayEquals(ascii("hello"), reader.readBody(first, 5));
        HttpHead second = reader.readRequest();
        assertNotNull(second);
        assertEquals("/b", second.target());
        assertArrayEquals(ascii("abc0123456789"), reader.readBody(second, 13));
        HttpHead third = reader.readRequest();
        assertNotNull(third);
        assertTrue(third.hasToken("connection", "upgrade"));
        assertFalse(third.hasToken("connection", "upgrad"));
        assertArrayEquals(new byte[0], reader.readBody(third, 0));
        assertArrayEquals(ascii("rest"), reader.rest().readAllBytes());
    }

    @Test
    void readsTheSameWhereverItIsCut() throws Exception {
        byte[] bytes = ascii(PIPELINE);
        for (int i = 0; i <= bytes.length; i++) {
            readPipeline(SplitInput.cutAt(bytes, i));
        }
        readPipeline(new SplitInput(bytes, _ -> 1));
    }

    /** The same again and again. */
    private static HttpReader flood(String text) {
        byte[] bytes = ascii(text);
        return new HttpReader(new InputStream() {

            private int at;

            @Override
            public int read() {
                at %= bytes.length;
                return bytes[at++];
            }
        });
    }

    @Test
    void takesSomeInterimAnswersAndEmptyLinesAndNoFlood() throws Exception {
        String interim = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
        assertEquals(200,
                response(reader(interim.repeat(HttpReader.MAX_INTERIM) + "HTTP/1.1 200 OK\r\n\r\n")).status());
        assertThrows(HttpException.class, () -> flood(interim).readResponse());
        assertEquals("/",
                request("\r\n".repeat(HttpReader.MAX_EMPTY / 2) + "GET / HTTP/1.1\r\n" + HOST + "\r\n").path());
        for (String nothing : new String[]{"\r\n", "\n", "\r"}) {
            assertThrows(HttpException.class, () -> flood(nothing).readRequest());
            assertThrows(HttpException.class, () -> flood(nothing).readResponse());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"1;extension=%s\r\nx\r\n", "%s1\r\nx\r\n"})
    void takesNoFloodOfWordsBetweenChunks(String chunk) throws Exception {
        String head = "POST / HTTP/1.1\r\nHost: unix\r\nTransfer-Encoding: chunked\r\n\r\n";
        String words = chunk.formatted("0".repeat(8000));
        HttpReader reader = reader(head + words.repeat(100) + "0\r\n\r\n");
        HttpHead request = reader.readRequest();
        assertNotNull(request);
        assertEquals(400, assertThrows(HttpException.class, () -> reader.readBody(request, MAX)).status());
    }

    @Test
    void everyPrefixIsAnEndWithinAMessage() throws Exception {
        String message = "POST / HTTP/1.1\r\nHost: unix\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        for (int i = 1; i < message.length(); i++) {
            HttpReader reader = reader(message.substring(0, i));
            assertThrows(EOFException.class, () -> {
                HttpHead head = reader.readRequest();
                reader.readBody(head, MAX);
            }, message.substring(0, i));
        }
        assertNull(reader("").readRequest());
        assertNull(reader("\r\n").readRequest());
        assertNull(reader("").readResponse());
    }

    @Test
    void damagedRequestsFailCleanly() {
        Random random = new Random(6);
        byte[] bytes = ascii(PIPELINE);
        byte[] pieces = ascii("\r\n\r\n :\t,;0aF-\u0000\u007f\u00e4");
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = bytes.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                damaged[random.nextInt(damaged.length)] = pieces[random.nextInt(pieces.length)];
            }
            HttpReader reader = new HttpReader(SplitInput.cutAt(damaged, random.nextInt(damaged.length)));
            try {
                for (HttpHead head = reader.readRequest(); head != null; head = reader.readRequest()) {
                    assertTrue(reader.readBody(head, 1000).length <= 1000);
                }
            } catch (HttpException e) {
                assertTrue(e.status() >= 400 && e.status() < 600, "case " + i);
            } catch (IOException e) {
                assertEquals(EOFException.class, e.getClass(), "case " + i);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET  / HTTP/1.1", "GET /", "GET / http/1.1", " GET / HTTP/1.1", "G(T / HTTP/1.1",
            "GET / HTTP/1.1 ", "GET /\u0000 HTTP/1.1", "GET /\u00e4 HTTP/1.1", "GET / HTTP/11", "nonsense"})
    void rejectsAFirstLineThatIsNone(String line) {
        assertEquals(400, statusOf(line + "\r\n" + HOST + "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/0.9", "HTTP/2.0", "HTTP/1.2"})
    void rejectsOtherVersions(String version) {
        assertEquals(505, statusOf("GET / " + version + "\r\n" + HOST + "\r\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"Name : v", "Name", ": v", " folded: v", "A: v\u0001", "A: v\rB: w", "A\u00e4: v",
            "Host: again", "Content-Length: +1", "Content-Length: -1", "Content-Length: 1 2", "Content-Length:",
            "Content-Length: 0x1", "Content-Length: 1, 1", "Content-Length: 1\r\nContent-Length: 1",
            "Content-Length: 1\r\nTransfer-Encoding: chunked"})
    void rejectsAHeaderThatIsNone(String header) {
        assertEquals(400, statusOf("POST / HTTP/1.1\r\n" + HOST + header + "\r\n\r\nx"));
    }

    @Test
    void rejectsLinesThatEndInOtherWays() {
        assertEquals(400, statusOf("GET / HTTP/1.1\nHost: unix\n\r\n"));
        assertEquals(400, statusOf("GET / HTTP/1.1\r\nHost: unix\n\r\n"));
    }

    @Test
    void rejectsARequestWithoutHost() throws Exception {
        assertEquals(400, statusOf("GET / HTTP/1.1\r\n\r\n"));
        assertEquals("/", request("GET / HTTP/1.0\r\n\r\n").target());
    }

    @ParameterizedTest
    @CsvSource({"gzip,501", "'gzip, chunked',501", "'chunked, chunked',501", "identity,501"})
    void rejectsOtherTransferEncodings(String encoding, int status) {
        assertEquals(status, statusOf("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: " + encoding + "\r\n\r\n"));
        assertEquals(400, statusOf("POST / HTTP/1.0\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n"));
    }

    @Test
    void limitsHeads() throws Exception {
        String longest = "x".repeat(HttpReader.MAX_LINE - "A: \r\n".length());
        assertEquals(longest, request("GET / HTTP/1.1\r\n" + HOST + "A: " + longest + "\r\n\r\n").header("a"));
        assertEquals(431, statusOf("GET / HTTP/1.1\r\n" + HOST + "A: " + longest + "xxx\r\n\r\n"));
        assertEquals(414, statusOf("GET /" + "x".repeat(HttpReader.MAX_LINE) + " HTTP/1.1\r\n" + HOST + "\r\n"));
        String many = "A: b\r\n".repeat(HttpReader.MAX_HEADERS - 1);
        assertEquals("b", request("GET / HTTP/1.1\r\n" + HOST + many + "\r\n").header("a"));
        assertEquals(431, statusOf("GET / HTTP/1.1\r\n" + HOST + many + "A: b\r\n\r\n"));
        String large = ("A: " + "x".repeat(8000) + "\r\n").repeat(5);
        assertEquals(431, statusOf("GET / HTTP/1.1\r\n" + HOST + large + "\r\n"));
        assertEquals(431, statusOf("POST / HTTP/1.1\r\n" + HOST + "Transfer-Encoding: chunked\r\n\r\n0\r\n" + large));
    }

    @ParameterizedTest
    @CsvSource({"1.1,x,true", "1.1,close,false", "1.1,'x , Close',false", "1.1,keep-alive,true", "1.0,x,false",
            "1.0,keep-alive,true"})
    void knowsWhetherTheConnectionStays(String version, String connection, boolean stays) throws Exception {
        assertEquals(stays, request("GET / HTTP/" + version + "\r\n" + HOST + "Connection: " + connection
                + "\r\n\r\n").keepAlive());
    }

    @Test
    void knowsWhetherTheClientWaits() throws Exception {
        HttpReader reader = reader("POST / HTTP/1.1\r\n" + HOST + "Expect: 100-Continue\r\n\r\n");
        HttpHead head = reader.readRequest();
        assertNotNull(head);
        assertTrue(head.expectsContinue());
        assertFalse(reader.hasBuffered());
        assertEquals(417, statusOf("GET / HTTP/1.1\r\n" + HOST + "Expect: more\r\n\r\n"));
    }

    @Test
    void skipsInterimAnswers() throws Exception {
        HttpReader reader = reader("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: b\r\n\r\n"
                + "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\n{}HTTP/0.0 101 Switching Protocols\r\n\r\nraw");
        HttpHead head = response(reader);
        assertEquals(404, head.status());
        assertArrayEquals(ascii("{}"), reader.readBody(head, 2));
        assertEquals("HTTP status 101", response(reader).toString());
        assertArrayEquals(ascii("raw"), reader.rest().readAllBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTP/1.1 20 OK", "HTTP/1.1 099 X", "HTTP/1.1 200OK", "HTTP/1.1", "ICY 200 OK",
            "HTTP/1.1 2000"})
    void rejectsAStatusLineThatIsNone(String line) {
        assertThrows(HttpException.class, () -> reader(line + "\r\n\r\n").readResponse());
    }
}
