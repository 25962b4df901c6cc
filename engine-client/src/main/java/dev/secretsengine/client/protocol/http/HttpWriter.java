package dev.secretsengine.client.protocol.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes the messages of one connection: the first line, the headers, then {@link #send}. Head and body leave in one
 * write if both fit into its buffer, which is wiped each time. Not thread-safe.
 */
public final class HttpWriter {

    private static final int SIZE = 16 << 10;

    private static final byte[] OK = "HTTP/1.1 200 OK\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CONTENT_LENGTH = "Content-Length: ".getBytes(StandardCharsets.US_ASCII);

    private final OutputStream out;

    /** Small, because each stream of a plugin's has a writer of its own. */
    private byte[] buffer = new byte[1 << 9];
    private int at;

    /** Writes to this stream, which need not be buffered. */
    public HttpWriter(OutputStream out) {
        this.out = out;
    }

    /** Starts a request. */
    public HttpWriter request(String method, String target) {
        at = 0;
        return put(method).put(" ").put(target).put(" HTTP/1.1\r\n");
    }

    /** Starts an answer. */
    public HttpWriter response(int status) {
        at = 0;
        if (status == 200) {
            return put(OK);
        }
        return put("HTTP/1.1 ").put(Integer.toString(status)).put(" ").put(reason(status)).put("\r\n");
    }

    /**
     * Adds a header.
     *
     * @throws IllegalArgumentException if the value has a control character or is not Latin-1
     */
    public HttpWriter header(String name, String value) {
        int before = at;
        room(name.length() + value.length() + 4);
        put(name);
        buffer[at++] = ':';
        buffer[at++] = ' ';
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c > 0xff || !HeadParser.isText((byte) c)) {
                at = before;
                throw new IllegalArgumentException("a character that no header may have: " + name);
            }
            buffer[at++] = (byte) c;
        }
        buffer[at++] = '\r';
        buffer[at++] = '\n';
        return this;
    }

    /** Sends it with a body and its length; the caller wipes the body. */
    public void send(byte[] body) throws IOException {
        put(CONTENT_LENGTH).put(Integer.toString(body.length)).put("\r\n\r\n");
        int fits = Math.min(body.length, Math.max(0, SIZE - at));
        room(fits);
        System.arraycopy(body, 0, buffer, at, fits);
        at += fits;
        flush();
        if (fits < body.length) {
            out.write(body, fits, body.length - fits);
        }
        out.flush();
    }

    /** Sends it without a body, and without saying so: for requests that have none, and for status 101. */
    public void send() throws IOException {
        put("\r\n");
        flush();
        out.flush();
    }

    /** Tells a client that waits with its body to go on. */
    public void sendContinue() throws IOException {
        response(100).send();
    }

    private void flush() throws IOException {
        try {
            out.write(buffer, 0, at);
        } finally {
            Arrays.fill(buffer, 0, at, (byte) 0);
            at = 0;
        }
    }

    private HttpWriter put(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            buffer[at++] = (byte) text.charAt(i);
        }
        return this;
    }

    private HttpWriter put(byte[] text) {
        room(text.length);
        System.arraycopy(text, 0, buffer, at, text.length);
        at += text.length;
        return this;
    }

    private void room(int more) {
        if (buffer.length - at < more) {
            byte[] grown = Arrays.copyOf(buffer, Math.max(2 * buffer.length, at + more));
            Arrays.fill(buffer, (byte) 0);
            buffer = grown;
        }
    }

    private static String reason(int status) {
        return switch (status) {
            case 100 -> "Continue";
            case 101 -> "Switching Protocols";
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 417 -> "Expectation Failed";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 499 -> "Client Closed Request";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default -> "Status";
        };
    }
}
