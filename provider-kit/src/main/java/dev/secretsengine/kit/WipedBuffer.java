package dev.secretsengine.kit;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes read from elsewhere that leave no copy behind: wiped when they outgrow their array, and on close. */
public final class WipedBuffer implements AutoCloseable {

    private final int limit;
    private byte[] bytes = new byte[4096];
    private int length;

    /**
     * An empty buffer.
     *
     * @param limit in bytes; one byte more is read, to tell that there is more
     */
    public WipedBuffer(int limit) {
        this.limit = limit;
    }

    /**
     * Reads to the end, or past the limit.
     *
     * @throws IOException if the stream does
     */
    public void readAll(InputStream in) throws IOException {
        boolean more = true;
        while (more && !isOver()) {
            more = read(in);
        }
    }

    /**
     * Reads what can be read without waiting, or past the limit.
     *
     * @throws IOException if the stream does
     */
    public void readAvailable(InputStream in) throws IOException {
        boolean more = true;
        while (more && !isOver() && in.available() > 0) {
            more = read(in);
        }
    }

    /** Takes over what a buffer holds, up to the limit and one byte more. */
    public void append(ByteBuffer source) {
        while (source.hasRemaining() && !isOver()) {
            makeRoom();
            int count = Math.min(source.remaining(), bytes.length - length);
            source.get(bytes, length, count);
            length += count;
        }
    }

    private void makeRoom() {
        if (length == bytes.length) {
            byte[] larger = Arrays.copyOf(bytes, Math.min(bytes.length * 2, limit + 1));
            close();
            bytes = larger;
        }
    }

    private boolean read(InputStream in) throws IOException {
        makeRoom();
        int count = in.read(bytes, length, bytes.length - length);
        length += Math.max(count, 0);
        return count >= 0;
    }

    /** Whether there is more than the limit. */
    public boolean isOver() {
        return length > limit;
    }

    /** A reader of the bytes, good until close. */
    public JsonReader json() {
        return new JsonReader(bytes, length);
    }

    /** The bytes, which are no secret then, as a text; those past the limit are replaced or missing. */
    public String text() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** Whether the bytes, which are no secret then, contain a text. */
    public boolean contains(String text) {
        return new String(bytes, 0, Math.min(length, 1024), StandardCharsets.UTF_8).contains(text);
    }

    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }
}
