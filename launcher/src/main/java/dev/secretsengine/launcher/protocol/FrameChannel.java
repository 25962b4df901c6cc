package dev.secretsengine.launcher.protocol;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Reads and writes frames. One thread reads; any thread writes, each frame whole. What is read ahead or held back is
 * wiped as soon as it is passed on.
 */
public final class FrameChannel {

    private static final int HEADER = 5;

    /** Room for all that a common request or answer has; longer frames go past the buffers. */
    private static final int BUFFER = 4096;

    /** What an empty frame costs its reader. */
    private static final int FRAME_COST = 64;

    /** Is asked before memory is taken for what the peer sends. */
    @FunctionalInterface
    public interface Meter {

        /**
         * So many bytes more.
         *
         * @throws IOException if that is too much: the frame is not read
         */
        void take(int bytes) throws IOException;
    }

    private final InputStream in;
    private final OutputStream out;
    private final Meter meter;

    /** Read ahead: the bytes from {@link #next} to {@link #end}. */
    private final byte[] ahead = new byte[BUFFER];
    private int next;
    private int end;

    /** Held back: this many bytes. */
    private final byte[] held = new byte[BUFFER];
    private int holding;

    /** A channel over two streams, which stay the caller's to close. Nobody else reads from the first. */
    public FrameChannel(InputStream in, OutputStream out) {
        this(in, out, bytes -> {
        });
    }

    /** The same, and what is read is metered. */
    public FrameChannel(InputStream in, OutputStream out, Meter meter) {
        this.in = in;
        this.out = out;
        this.meter = meter;
    }

    /**
     * The next frame, null where the peer ended the connection between two frames.
     *
     * @throws IOException if it ended within one, or a frame is too long or more than the meter lets pass
     */
    public @Nullable Frame read() throws IOException {
        byte[] header = new byte[HEADER];
        int got = take(header, 0);
        if (got == 0) {
            return null;
        }
        if (got < HEADER) {
            throw new EOFException("the connection ended within a frame");
        }
        int length = (header[1] & 0xFF) << 24 | (header[2] & 0xFF) << 16 | (header[3] & 0xFF) << 8 | (header[4] & 0xFF);
        if (length < 0 || length > Frame.MAX_LENGTH) {
            throw new IOException("a frame of type " + (header[0] & 0xFF) + " is too long");
        }
        return new Frame((char) (header[0] & 0xFF), payload(length));
    }

    /** Memory is taken as bytes come: what a header announces costs its sender nothing. */
    private byte[] payload(int length) throws IOException {
        meter.take(FRAME_COST);
        byte[] payload = new byte[0];
        try {
            int taken = 0;
            while (taken < length) {
                payload = grown(payload, Math.min(length, Math.max(2 * BUFFER, 2 * taken)));
                taken = take(payload, taken);
                if (taken < payload.length) {
                    throw new EOFException("the connection ended within a frame");
                }
            }
            return payload;
        } catch (IOException e) {
            Arrays.fill(payload, (byte) 0);
            throw e;
        }
    }

    private byte[] grown(byte[] bytes, int size) throws IOException {
        meter.take(size - bytes.length);
        byte[] grown = Arrays.copyOf(bytes, size);
        Arrays.fill(bytes, (byte) 0);
        return grown;
    }

    /** Fills the array from here on; answers how far it is filled, to its end unless the peer ended the connection. */
    private int take(byte[] target, int from) throws IOException {
        int taken = from;
        while (taken < target.length) {
            if (next == end && target.length - taken >= BUFFER) {
                int got = in.read(target, taken, target.length - taken);
                if (got < 0) {
                    return taken;
                }
                taken += got;
            } else if (next < end || fill()) {
                int length = Math.min(end - next, target.length - taken);
                System.arraycopy(ahead, next, target, taken, length);
                Arrays.fill(ahead, next, next + length, (byte) 0);
                next += length;
                taken += length;
            } else {
                return taken;
            }
        }
        return taken;
    }

    private boolean fill() throws IOException {
        next = 0;
        end = Math.max(0, in.read(ahead));
        return end > 0;
    }

    /** Writes a text. */
    public void write(char type, String text) throws IOException {
        write(type, text.getBytes(StandardCharsets.UTF_8));
    }

    /** Writes a payload, which stays the caller's. */
    public void write(char type, byte[] payload) throws IOException {
        write(type, payload, 0, payload.length);
    }

    /** Writes a part of an array, which stays the caller's, and whatever was held back before it. */
    public synchronized void write(char type, byte[] bytes, int offset, int length) throws IOException {
        hold(type, bytes, offset, length);
        flush();
    }

    /** Writes a payload, which stays the caller's, together with what is written next, or when it is flushed. */
    public void hold(char type, byte[] payload) throws IOException {
        hold(type, payload, 0, payload.length);
    }

    /** Writes a part of an array, which stays the caller's, together with what is written next. */
    public synchronized void hold(char type, byte[] bytes, int offset, int length) throws IOException {
        if (HEADER + length > BUFFER - holding) {
            flush();
        }
        if (HEADER + length > BUFFER) {
            byte[] frame = new byte[HEADER + length];
            put(type, bytes, offset, length, frame, 0);
            send(frame, frame.length);
        } else {
            put(type, bytes, offset, length, held, holding);
            holding += HEADER + length;
        }
    }

    /** Writes what is held back. */
    public synchronized void flush() throws IOException {
        if (holding > 0) {
            int length = holding;
            holding = 0;
            send(held, length);
        }
    }

    /** Wipes what is held back and will never be sent. */
    public synchronized void drop() {
        Arrays.fill(held, (byte) 0);
        holding = 0;
    }

    private static void put(char type, byte[] bytes, int offset, int length, byte[] target, int at) {
        target[at] = (byte) type;
        target[at + 1] = (byte) (length >> 24);
        target[at + 2] = (byte) (length >> 16);
        target[at + 3] = (byte) (length >> 8);
        target[at + 4] = (byte) length;
        System.arraycopy(bytes, offset, target, at + HEADER, length);
    }

    private void send(byte[] frames, int length) throws IOException {
        try {
            out.write(frames, 0, length);
        } finally {
            Arrays.fill(frames, 0, length, (byte) 0);
        }
    }
}
