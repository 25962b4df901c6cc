package dev.secretsengine.core.yamux;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Takes a connection's bytes apart into frames. What it hands on it forgets: values pass through here. */
final class FrameReader {

    private static final int SIZE = 16 * 1024;

    /** Takes a piece of a payload; the bytes are the reader's own and wiped afterwards. */
    @FunctionalInterface
    interface Sink {

        void take(byte[] bytes, int offset, int length);
    }

    private final InputStream in;
    private final byte[] buffer = new byte[SIZE];
    private int from;
    private int to;

    FrameReader(InputStream in) {
        this.in = in;
    }

    /** The next frame's header, or null where the connection ends between two frames. */
    @Nullable
    Frame next() throws IOException {
        while (to - from < Frame.HEADER) {
            boolean begun = from < to;
            if (!fill()) {
                if (begun) {
                    throw new EOFException("the connection ended within a frame's header");
                }
                return null;
            }
        }
        Frame frame = Frame.decode(buffer, from);
        from += Frame.HEADER;
        return frame;
    }

    /** Hands on a frame's payload in as many pieces as it comes. */
    void payload(long length, Sink sink) throws IOException {
        long left = length;
        while (left > 0) {
            if (from == to && !fill()) {
                throw new EOFException("the connection ended within a frame's payload");
            }
            int piece = (int) Math.min(left, to - from);
            sink.take(buffer, from, piece);
            Arrays.fill(buffer, from, from + piece, (byte) 0);
            from += piece;
            left -= piece;
        }
    }

    /** Only a part of a header is ever kept when this is called. */
    private boolean fill() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, to - from);
        to -= from;
        from = 0;
        int count = in.read(buffer, to, buffer.length - to);
        if (count < 0) {
            return false;
        }
        to += count;
        return true;
    }

    /** Forgets what it holds. */
    void wipe() {
        Arrays.fill(buffer, (byte) 0);
        from = 0;
        to = 0;
    }
}
