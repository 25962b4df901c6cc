package dev.secretsengine.launcher.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads and writes frames. One thread reads; any thread writes, each frame whole. */
public final class FrameChannel {

    private static final int HEADER = 5;

    private final InputStream in;
    private final OutputStream out;

    /** A channel over two streams, which stay the caller's to close. */
    public FrameChannel(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /**
     * The next frame, null where the peer ended the connection between two frames.
     *
     * @throws IOException if it ended within one, or a frame is too long
     */
    public @Nullable Frame read() throws IOException {
        byte[] header = in.readNBytes(HEADER);
        if (header.length == 0) {
            return null;
        }
        if (header.length < HEADER) {
            throw new EOFException("the connection ended within a frame");
        }
        int length = (header[1] & 0xFF) << 24 | (header[2] & 0xFF) << 16 | (header[3] & 0xFF) << 8 | (header[4] & 0xFF);
        if (length < 0 || length > Frame.MAX_LENGTH) {
            throw new IOException("a frame of type " + (header[0] & 0xFF) + " is too long");
        }
        byte[] payload = in.readNBytes(length);
        if (payload.length < length) {
            Arrays.fill(payload, (byte) 0);
            throw new EOFException("the connection ended within a frame");
        }
        return new Frame((char) (header[0] & 0xFF), payload);
    }

    /** Writes a text. */
    public void write(char type, String text) throws IOException {
        write(type, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a payload, which stays the caller's. */
    public void write(char type, byte[] payload) throws IOException {
        write(type, payload, 0, payload.length);
    }

    /** Writes a part of an array, which stays the caller's. */
    public synchronized void write(char type, byte[] bytes, int offset, int length) throws IOException {
        byte[] frame = new byte[HEADER + length];
        frame[0] = (byte) type;
        frame[1] = (byte) (length >> 24);
        frame[2] = (byte) (length >> 16);
        frame[3] = (byte) (length >> 8);
        frame[4] = (byte) length;
        System.arraycopy(bytes, offset, frame, HEADER, length);
        try {
            out.write(frame);
        } finally {
            Arrays.fill(frame, (byte) 0);
        }
    }
}
