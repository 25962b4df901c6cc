package dev.secretsengine.core.http;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * What a peer sends, whose requests have to come within a time: a peer that sends a byte now and then is never silent, and
 * never done either.
 */
public final class TimedInput extends InputStream {

    private final InputStream in;
    private final long nanos;
    private long begin;
    private boolean isTimed = true;
    private boolean isWithin;

    /** Requests from this stream, each within so long. */
    public TimedInput(InputStream in, Duration time) {
        this.in = in;
        this.nanos = time.toNanos();
    }

    /** The next byte is the first of another request. */
    public void next() {
        isWithin = false;
    }

    /** What comes now is no request. */
    public void endTiming() {
        isTimed = false;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int count = in.read(bytes, offset, length);
        if (isTimed) {
            long now = System.nanoTime();
            if (!isWithin) {
                isWithin = true;
                begin = now;
            } else if (now - begin > nanos) {
                throw new SocketTimeoutException("the request takes too long");
            }
        }
        return count;
    }

    @Override
    public int available() throws IOException {
        return in.available();
    }
}
