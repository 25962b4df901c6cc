package dev.secretsengine.client.protocol.http;

import java.nio.charset.StandardCharsets;
import java.util.function.IntPredicate;

/** Takes a head apart: strict in what a line may hold, so that no two readers can read it in two ways. */
final class HeadParser {

    static final int HTTP_1_0 = 10;
    private static final int HTTP_1_1 = 11;

    private static final int BAD_REQUEST = 400;
    private static final int TOO_LARGE = 413;
    private static final int EXPECTATION_FAILED = 417;
    private static final int NOT_IMPLEMENTED = 501;
    private static final int VERSION_NOT_SUPPORTED = 505;

    private static final boolean[] TOKEN = tokens();

    /**
     * The first line.
     *
     * @param version ten times the version
     * @param status 0 for a request
     */
    record Start(String method, String target, int version, int status) {
    }

    private final byte[] bytes;
    private int at;
    private int version;

    private HeadParser(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The request whose lines these are, each ended by CR LF, without the empty one. */
    static HttpHead request(byte[] bytes, int headers) throws HttpException {
        HeadParser in = new HeadParser(bytes);
        HttpHead head = in.head(in.requestLine(), headers);
        if (head.count("host") != 1 && !(in.version == HTTP_1_0 && head.count("host") == 0)) {
            throw bad("not one Host");
        }
        if (head.header("expect") != null && !head.expectsContinue()) {
            throw new HttpException(EXPECTATION_FAILED, "an expectation that is not known");
        }
        return head;
    }

    /** The same of an answer. */
    static HttpHead response(byte[] bytes, int headers) throws HttpException {
        HeadParser in = new HeadParser(bytes);
        return in.head(in.statusLine(), headers);
    }

    private static HttpException bad(String what) {
        return new HttpException(BAD_REQUEST, what);
    }

    private String take(IntPredicate allowed) throws HttpException {
        int from = at;
        while (at < bytes.length && allowed.test(bytes[at])) {
            at++;
        }
        if (at == from) {
            throw bad("malformed first line");
        }
        return new String(bytes, from, at - from, StandardCharsets.ISO_8859_1);
    }

    private void expect(char c) throws HttpException {
        if (at == bytes.length || bytes[at++] != c) {
            throw bad("malformed line");
        }
    }

    private Start requestLine() throws HttpException {
        String method = take(HeadParser::isToken);
        expect(' ');
        String target = take(c -> c > ' ' && c < 0x7f);
        expect(' ');
        version = version();
        endLine();
        if (version != HTTP_1_0 && version != HTTP_1_1) {
            throw new HttpException(VERSION_NOT_SUPPORTED, "neither HTTP/1.0 nor HTTP/1.1");
        }
        return new Start(method, target, version, 0);
    }

    /** Servers of Go say HTTP/0.0 when they switch protocols: any version is taken. */
    private Start statusLine() throws HttpException {
        version = version();
        expect(' ');
        int status = 100 * digit() + 10 * digit() + digit();
        if (status < 100) {
            throw bad("no status");
        }
        if (at < bytes.length && bytes[at] == ' ') {
            while (at < bytes.length && isText(bytes[at])) {
                at++;
            }
        }
        endLine();
        return new Start("", "", version, status);
    }

    private int version() throws HttpException {
        for (char c : new char[]{'H', 'T', 'T', 'P', '/'}) {
            expect(c);
        }
        int major = digit();
        expect('.');
        return 10 * major + digit();
    }

    private int digit() throws HttpException {
        if (at == bytes.length || bytes[at] < '0' || bytes[at] > '9') {
            throw bad("malformed first line");
        }
        return bytes[at++] - '0';
    }

    private void endLine() throws HttpException {
        expect('\r');
        expect('\n');
    }

    private HttpHead head(Start start, int count) throws HttpException {
        int[] headers = new int[4 * count];
        for (int i = 0; i < headers.length; i += 4) {
            headers[i] = at;
            while (at < bytes.length && isToken(bytes[at])) {
                at++;
            }
            headers[i + 1] = at;
            if (headers[i] == at) {
                throw bad("malformed header");
            }
            expect(':');
            headers[i + 2] = at;
            while (at < bytes.length && isText(bytes[at])) {
                at++;
            }
            headers[i + 3] = at;
            endLine();
            trim(headers, i + 2);
        }
        long length = -1;
        for (int i = 0; i < headers.length; i += 4) {
            if (isContentLength(headers[i], headers[i + 1])) {
                if (length >= 0) {
                    throw bad("more than one Content-Length");
                }
                length = length(headers[i + 2], headers[i + 3]);
            }
        }
        HttpHead head = new HttpHead(bytes, headers, start, length);
        checkEncoding(head);
        return head;
    }

    private void trim(int[] headers, int i) {
        while (headers[i] < headers[i + 1] && isBlank(bytes[headers[i]])) {
            headers[i]++;
        }
        while (headers[i + 1] > headers[i] && isBlank(bytes[headers[i + 1] - 1])) {
            headers[i + 1]--;
        }
    }

    private boolean isContentLength(int from, int to) {
        return to - from == "content-length".length()
                && new String(bytes, from, to - from, StandardCharsets.ISO_8859_1).equalsIgnoreCase("content-length");
    }

    private long length(int from, int to) throws HttpException {
        long length = 0;
        for (int i = from; i < to; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9) {
                throw bad("malformed Content-Length");
            }
            if (length > (Long.MAX_VALUE - digit) / 10) {
                throw new HttpException(TOO_LARGE, "body too large");
            }
            length = 10 * length + digit;
        }
        if (from == to) {
            throw bad("malformed Content-Length");
        }
        return length;
    }

    private void checkEncoding(HttpHead head) throws HttpException {
        if (head.header("transfer-encoding") == null) {
            return;
        }
        if (head.contentLength() >= 0 || version == HTTP_1_0) {
            throw bad("a Transfer-Encoding that cannot be");
        }
        if (head.count("transfer-encoding") != 1 || !"chunked".equalsIgnoreCase(head.header("transfer-encoding"))) {
            throw new HttpException(NOT_IMPLEMENTED, "a Transfer-Encoding other than chunked");
        }
    }

    static boolean isBlank(int c) {
        return c == ' ' || c == '\t';
    }

    /** What a header's value may hold: anything but control characters. */
    static boolean isText(int c) {
        return (c >= ' ' && c != 0x7f) || c == '\t' || c < 0;
    }

    /** What a name may hold. */
    static boolean isToken(int c) {
        return c >= 0 && c < TOKEN.length && TOKEN[c];
    }

    private static boolean[] tokens() {
        boolean[] tokens = new boolean[128];
        for (int c = 0; c < tokens.length; c++) {
            tokens[c] = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')
                    || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
        }
        return tokens;
    }
}
