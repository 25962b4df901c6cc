package dev.secretsengine.client.protocol.http;

import java.util.Arrays;

/** Collects a body of unknown length. It doubles, so that many small pieces cost no more than their length. */
final class BodyBuffer {

    private final int max;
    private byte[] bytes;
    private int length;

    BodyBuffer(int expected, int max) {
        this.max = max;
        this.bytes = new byte[Math.min(expected, max)];
    }

    /** Makes room for more bytes behind those that are there. */
    void reserve(int more) throws HttpException {
        if (more > max - length) {
            throw new HttpException(413, "body too large");
        }
        if (more > bytes.length - length) {
            byte[] grown = Arrays.copyOf(bytes, (int) Math.min(max, Math.max(2L * bytes.length, length + more)));
            Arrays.fill(bytes, (byte) 0);
            bytes = grown;
        }
    }

    /** The array in which there is room from {@link #length()} on. */
    byte[] array() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Says that so many bytes were put there. */
    void add(int more) {
        length += more;
    }

    /** How many bytes fit without growing. */
    int room() {
        return bytes.length - length;
    }

    /** The body, which is no longer wiped here where it just fits. */
    byte[] toBytes() {
        if (length < bytes.length) {
            return Arrays.copyOf(bytes, length);
        }
        byte[] whole = bytes;
        bytes = new byte[0];
        length = 0;
        return whole;
    }

    void wipe() {
        Arrays.fill(bytes, (byte) 0);
    }
}
