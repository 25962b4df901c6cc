package dev.secretsengine.client.protocol.http;

import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The head of a request or an answer: checked when read, its texts made when asked for. Immutable. */
public final class HttpHead {

    private static final int CONTINUE = 100;
    private static final int NO_CONTENT = 204;
    private static final int NOT_MODIFIED = 304;

    private final byte[] bytes;

    /** Four positions for each header: name from, name to, value from, value to. */
    private final int[] headers;

    private final HeadParser.Start start;
    private final long contentLength;
    private final boolean chunked;
    private final boolean keepAlive;

    HttpHead(byte[] bytes, int[] headers, HeadParser.Start start, long contentLength) {
        this.bytes = bytes;
        this.headers = headers;
        this.start = start;
        this.contentLength = contentLength;
        this.chunked = hasToken("transfer-encoding", "chunked");
        this.keepAlive = start.version() == HeadParser.HTTP_1_0
                ? hasToken("connection", "keep-alive")
                : !hasToken("connection", "close");
    }

    /** The method of a request, empty for an answer. */
    public String method() {
        return start.method();
    }

    /** The target of a request as it was sent, empty for an answer. */
    public String target() {
        return start.target();
    }

    /** The target of a request without its query. */
    public String path() {
        int query = start.target().indexOf('?');
        return query < 0 ? start.target() : start.target().substring(0, query);
    }

    /** The status of an answer, 0 for a request. */
    public int status() {
        return start.status();
    }

    /** The first header of this name, in whatever case; null if there is none. */
    public @Nullable String header(String name) {
        for (int i = 0; i < headers.length; i += 4) {
            if (matches(headers[i], headers[i + 1], name)) {
                return new String(bytes, headers[i + 2], headers[i + 3] - headers[i + 2], StandardCharsets.ISO_8859_1);
            }
        }
        return null;
    }

    /** Whether one of the headers of this name has this token in its comma-separated list, in whatever case. */
    public boolean hasToken(String name, String token) {
        for (int i = 0; i < headers.length; i += 4) {
            if (matches(headers[i], headers[i + 1], name) && listHas(headers[i + 2], headers[i + 3], token)) {
                return true;
            }
        }
        return false;
    }

    /** How many headers of this name there are. */
    int count(String name) {
        int count = 0;
        for (int i = 0; i < headers.length; i += 4) {
            if (matches(headers[i], headers[i + 1], name)) {
                count++;
            }
        }
        return count;
    }

    private boolean listHas(int from, int to, String token) {
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || bytes[i] == ',') {
                int left = start;
                int right = i;
                while (left < right && HeadParser.isBlank(bytes[left])) {
                    left++;
                }
                while (right > left && HeadParser.isBlank(bytes[right - 1])) {
                    right--;
                }
                if (matches(left, right, token)) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }

    private boolean matches(int from, int to, String text) {
        if (to - from != text.length()) {
            return false;
        }
        for (int i = 0; i < text.length(); i++) {
            if (lower(bytes[from + i]) != lower(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int c) {
        return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }

    /** Whether the connection may carry another message behind this one's. */
    public boolean keepAlive() {
        return keepAlive;
    }

    /** Whether the sender waits for {@link HttpWriter#sendContinue()} before it sends the body. */
    public boolean expectsContinue() {
        return hasToken("expect", "100-continue");
    }

    /** The length of the body as announced, -1 if it was not. */
    public long contentLength() {
        return contentLength;
    }

    boolean isChunked() {
        return chunked;
    }

    boolean isRequest() {
        return start.status() == 0;
    }

    /** Whether it can have no body, whatever its headers say. */
    boolean isBodiless() {
        return (start.status() >= CONTINUE && start.status() < 200) || start.status() == NO_CONTENT
                || start.status() == NOT_MODIFIED;
    }

    /** Method and target, or status. */
    @Override
    public String toString() {
        return isRequest() ? start.method() + " " + start.target() : "HTTP status " + start.status();
    }
}
