package dev.secretsengine.client.protocol.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** What was read ahead of a stream. Bodies pass through it: what was consumed is wiped. */
final class InputBuffer {

    private final InputStream in;
    /** Small, because a plugin's answer is read by a reader of its own; nearly every head fits. */
    private byte[] buffer = new byte[1 << 10];
    private int from;
    private int to;

    InputBuffer(InputStream in) {
        this.in = in;
    }

    /** How many bytes are here. */
    int size() {
        return to - from;
    }

    /** The byte at this position behind what was consumed. */
    byte at(int position) {
        return buffer[from + position];
    }

    /** Where this byte comes first from a position on; the size if it is not here. */
    int find(char c, int position) {
        for (int i = from + position; i < to; i++) {
            if (buffer[i] == c) {
                return i - from;
            }
        }
        return size();
    }

    /** The first bytes, which stay. */
    byte[] peek(int length) {
        return Arrays.copyOfRange(buffer, from, from + length);
    }

    /** Wipes the first bytes. */
    void consume(int length) {
        Arrays.fill(buffer, from, from + length, (byte) 0);
        from += length;
        if (from == to) {
            from = 0;
            to = 0;
        }
    }

    /** Moves the first bytes there. */
    void take(byte[] target, int offset, int length) {
        System.arraycopy(buffer, from, target, offset, length);
        consume(length);
    }

    /** Reads what there is, at least one byte; false at the end of the stream. */
    boolean fill() throws IOException {
        if (to == buffer.length) {
            makeRoom();
        }
        int n = in.read(buffer, to, buffer.length - to);
        to += Math.max(0, n);
        return n >= 0;
    }

    /** The same in the middle of a message, where the stream must not end. */
    void fillWithin() throws IOException {
        if (!fill()) {
            throw ended();
        }
    }

    private static EOFException ended() {
        return new EOFException("the connection ended within a message");
    }

    private void makeRoom() {
        if (from == 0) {
            byte[] grown = Arrays.copyOf(buffer, 2 * buffer.length);
            Arrays.fill(buffer, (byte) 0);
            buffer = grown;
            return;
        }
        System.arraycopy(buffer, from, buffer, 0, to - from);
        Arrays.fill(buffer, to - from, to, (byte) 0);
        to -= from;
        from = 0;
    }

    /** Fills a part of the target: what is not here yet is read right into it. */
    void readFully(byte[] target, int offset, int length) throws IOException {
        int done = Math.min(length, size());
        take(target, offset, done);
        while (done < length) {
            int n = in.read(target, offset + done, length - done);
            if (n < 0) {
                throw ended();
            }
            done += n;
        }
    }

    void wipe() {
        Arrays.fill(buffer, (byte) 0);
        from = 0;
        to = 0;
    }

    /** What is here, then what comes. */
    InputStream asStream() {
        return new Rest();
    }

    private final class Rest extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (size() == 0) {
                return in.read(target, offset, length);
            }
            int n = Math.min(length, size());
            take(target, offset, n);
            return n;
        }

        @Override
        public void close() throws IOException {
            wipe();
            in.close();
        }
    }
}
