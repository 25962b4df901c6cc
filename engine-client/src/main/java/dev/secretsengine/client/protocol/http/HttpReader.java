package dev.secretsengine.client.protocol.http;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one connection, one after the other: each head, then its body. What it has read ahead stays in
 * it. It knows no time-outs: those are the stream's. Closing wipes what it holds, not the stream. Not thread-safe.
 */
public final class HttpReader implements AutoCloseable {

    /** The longest line of a head, in bytes. */
    public static final int MAX_LINE = 8 << 10;

    /** The most headers. */
    public static final int MAX_HEADERS = 100;

    /** The longest head, in bytes. */
    public static final int MAX_HEAD = 32 << 10;

    /** The most answers before the one that counts: who sends them without end is not waited for without end. */
    static final int MAX_INTERIM = 10;

    /** The most line ends that may come before a request. */
    static final int MAX_EMPTY = 16;

    /** What a body of unknown length gets at first. */
    private static final int FIRST_BODY = 1 << 10;

    /** So much of a body is taken at once. */
    private static final int PIECE = 64 << 10;

    private static final int SIZE_DIGITS = 8;
    private static final int BAD_REQUEST = 400;
    private static final int BODY_TOO_LARGE = 413;
    private static final int TARGET_TOO_LONG = 414;
    private static final int HEADERS_TOO_LARGE = 431;
    private static final int SWITCHING_PROTOCOLS = 101;

    private final InputBuffer in;

    /** How many bytes of a body's chunk heads say nothing of sizes. */
    private int extensions;

    /** Where the head that {@link #findHead} found ends, without the empty line. */
    private int headEnd;

    /** Reads from this stream, which need not be buffered. */
    public HttpReader(InputStream in) {
        this.in = new InputBuffer(in);
    }

    /**
     * The next request's head; null if the connection ends before it starts.
     *
     * @throws HttpException if it is none, or too large
     */
    public @Nullable HttpHead readRequest() throws IOException, HttpException {
        skipEmptyLines();
        int headers = findHead();
        return headers < 0 ? null : HeadParser.request(takeHead(), headers);
    }

    /**
     * The head of the next answer that is not an interim one; null if the connection ends before it starts.
     *
     * @throws HttpException if it is none, or too large, or does not come after some interim ones
     */
    public @Nullable HttpHead readResponse() throws IOException, HttpException {
        for (int interim = 0; interim <= MAX_INTERIM; interim++) {
            int headers = findHead();
            if (headers < 0) {
                return null;
            }
            HttpHead head = HeadParser.response(takeHead(), headers);
            if (head.status() >= 200 || head.status() == SWITCHING_PROTOCOLS) {
                return head;
            }
        }
        throw new HttpException(BAD_REQUEST, "too many interim answers");
    }

    /** Whether bytes of the body, or of the next message, are here already. */
    public boolean hasBuffered() {
        return in.size() > 0;
    }

    /** What comes behind the messages that were read, when the connection changes its protocol; ends this reader. */
    public InputStream rest() {
        return in.asStream();
    }

    /**
     * The body that belongs to this head, which was the last one read; who gets it wipes it.
     *
     * @param max the most bytes
     * @throws HttpException if it is malformed or longer
     * @throws java.io.EOFException if the connection ends within it
     */
    public byte[] readBody(HttpHead head, int max) throws IOException, HttpException {
        if (head.isBodiless()) {
            return new byte[0];
        }
        if (head.isChunked()) {
            return readChunks(max);
        }
        if (head.contentLength() < 0 && !head.isRequest()) {
            return readToEnd(max);
        }
        if (head.contentLength() > max) {
            throw tooLarge();
        }
        if (head.contentLength() > PIECE) {
            return readLong((int) head.contentLength(), max);
        }
        byte[] body = new byte[(int) Math.max(0, head.contentLength())];
        try {
            in.readFully(body, 0, body.length);
            return body;
        } catch (IOException e) {
            Arrays.fill(body, (byte) 0);
            throw e;
        }
    }

    private byte[] readLong(int length, int max) throws IOException, HttpException {
        BodyBuffer body = new BodyBuffer(PIECE, max);
        try {
            readInto(body, length);
            return body.toBytes();
        } finally {
            body.wipe();
        }
    }

    /** Memory is taken as bytes come: what is announced costs its sender nothing. */
    private void readInto(BodyBuffer body, int length) throws IOException, HttpException {
        int left = length;
        while (left > 0) {
            int piece = Math.min(left, PIECE);
            body.reserve(piece);
            in.readFully(body.array(), body.length(), piece);
            body.add(piece);
            left -= piece;
        }
    }

    private static HttpException tooLarge() {
        return new HttpException(BODY_TOO_LARGE, "body too large");
    }

    private static HttpException badChunk() {
        return new HttpException(BAD_REQUEST, "malformed chunk");
    }

    private byte[] readChunks(int max) throws IOException, HttpException {
        BodyBuffer body = new BodyBuffer(FIRST_BODY, max);
        try {
            extensions = 0;
            for (int size = readChunkSize(); size > 0; size = readChunkSize()) {
                if (size > max - body.length()) {
                    throw tooLarge();
                }
                readInto(body, size);
                if (skipLine() != 0) {
                    throw badChunk();
                }
            }
            int trailers = 0;
            for (int line = skipLine(); line != 0; line = skipLine()) {
                trailers += line;
                if (trailers > MAX_HEAD) {
                    throw new HttpException(HEADERS_TOO_LARGE, "trailers too large");
                }
            }
            return body.toBytes();
        } finally {
            body.wipe();
        }
    }

    /** The number at the start of a line; extensions are skipped. */
    private int readChunkSize() throws IOException, HttpException {
        int length = findLine();
        int size = 0;
        int digits = 0;
        while (digits < length && Character.digit(in.at(digits), 16) >= 0) {
            if (size > Integer.MAX_VALUE >> 4) {
                throw tooLarge();
            }
            size = size << 4 | Character.digit(in.at(digits), 16);
            digits++;
        }
        boolean ended = digits == length || in.at(digits) == ';' || HeadParser.isBlank(in.at(digits));
        extensions += Math.max(0, length - SIZE_DIGITS);
        if (digits == 0 || !ended || extensions > MAX_HEAD) {
            throw badChunk();
        }
        in.consume(length + 2);
        return size;
    }

    /** Skips a line; returns its length without the end. */
    private int skipLine() throws IOException, HttpException {
        int length = findLine();
        in.consume(length + 2);
        return length;
    }

    /** Has the next line in the buffer; returns its length without the end. */
    private int findLine() throws IOException, HttpException {
        int seen = 0;
        while (true) {
            for (; seen < in.size(); seen++) {
                if (in.at(seen) == '\n') {
                    if (seen == 0 || in.at(seen - 1) != '\r') {
                        throw badChunk();
                    }
                    return seen - 1;
                }
            }
            if (seen > MAX_LINE) {
                throw badChunk();
            }
            in.fillWithin();
        }
    }

    private byte[] readToEnd(int max) throws IOException, HttpException {
        BodyBuffer body = new BodyBuffer(FIRST_BODY, max);
        try {
            while (hasBuffered() || in.fill()) {
                int n = in.size();
                body.reserve(n);
                in.take(body.array(), body.length(), n);
                body.add(n);
            }
            return body.toBytes();
        } finally {
            body.wipe();
        }
    }

    /** Some clients send an empty line behind a body. */
    private void skipEmptyLines() throws IOException, HttpException {
        for (int left = MAX_EMPTY; hasBuffered() || in.fill(); left--) {
            if (in.size() > 0 && in.at(0) != '\r' && in.at(0) != '\n') {
                return;
            }
            in.consume(Math.min(1, in.size()));
            if (left == 0) {
                throw new HttpException(BAD_REQUEST, "nothing but empty lines");
            }
        }
    }

    /** Has a whole head in the buffer; returns how many headers it has, -1 if the connection ends before it starts. */
    private int findHead() throws IOException, HttpException {
        int lines = 0;
        int line = 0;
        int seen = 0;
        while (true) {
            for (; seen < in.size(); seen++) {
                seen = in.find('\n', seen);
                if (seen - line > MAX_LINE) {
                    throw new HttpException(lines == 0 ? TARGET_TOO_LONG : HEADERS_TOO_LARGE, "a line too long");
                }
                if (seen == in.size()) {
                    break;
                }
                if (seen - line == 1 && in.at(line) == '\r') {
                    headEnd = line;
                    return Math.max(0, lines - 1);
                }
                lines++;
                line = seen + 1;
                if (lines > MAX_HEADERS + 1) {
                    throw new HttpException(HEADERS_TOO_LARGE, "too many headers");
                }
            }
            if (seen >= MAX_HEAD) {
                throw new HttpException(HEADERS_TOO_LARGE, "head too large");
            }
            if (seen > 0) {
                in.fillWithin();
            } else if (!in.fill()) {
                return -1;
            }
        }
    }

    private byte[] takeHead() {
        byte[] head = in.peek(headEnd);
        in.consume(headEnd + 2);
        return head;
    }

    /** Wipes what was read ahead. */
    @Override
    public void close() {
        in.wipe();
    }
}
