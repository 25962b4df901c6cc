package dev.secretsengine.dockerauth;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes read from elsewhere that leave no copy behind: wiped when they outgrow their array, and on close. */
final class WipedBuffer implements AutoCloseable {

    private final int limit;
    private byte[] bytes = new byte[4096];
    private int length;

    /**
     * An empty buffer.
     *
     * @param limit in bytes; one byte more is read, to tell that there is more
     */
    WipedBuffer(int limit) {
        this.limit = limit;
    }

    /** Reads to the end, or past the limit. */
    void readAll(InputStream in) throws IOException {
        boolean more = true;
        while (more && !isOver()) {
            more = read(in);
        }
    }

    /** Reads what can be read without waiting. */
    void readAvailable(InputStream in) throws IOException {
        boolean more = true;
        while (more && !isOver() && in.available() > 0) {
            more = read(in);
        }
    }

    private boolean read(InputStream in) throws IOException {
        if (length == bytes.length) {
            byte[] larger = Arrays.copyOf(bytes, Math.min(bytes.length * 2, limit + 1));
            close();
            bytes = larger;
        }
        int count = in.read(bytes, length, bytes.length - length);
        length += Math.max(count, 0);
        return count >= 0;
    }

    /** Whether there is more than the limit. */
    boolean isOver() {
        return length > limit;
    }

    /** A reader of the bytes, good until close. */
    JsonReader json() {
        return new JsonReader(bytes, length);
    }

    /** Whether the bytes, which are no secret then, contain a text. */
    boolean contains(String text) {
        return new String(bytes, 0, Math.min(length, 1024), StandardCharsets.UTF_8).contains(text);
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }
}
