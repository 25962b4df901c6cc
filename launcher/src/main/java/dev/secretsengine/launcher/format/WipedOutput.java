package dev.secretsengine.launcher.format;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** A buffer for output that may hold a secret: wiped on close, and whenever it grows. */
public final class WipedOutput extends ByteArrayOutputStream {

    @Override
    public synchronized void write(byte[] bytes, int offset, int length) {
        if (count + length > buf.length) {
            byte[] old = buf;
            buf = Arrays.copyOf(old, Math.max(old.length * 2, count + length));
            Arrays.fill(old, (byte) 0);
        }
        System.arraycopy(bytes, offset, buf, count, length);
        count += length;
    }

    @Override
    public synchronized void write(int b) {
        write(new byte[]{(byte) b}, 0, 1);
    }

    @Override
    public synchronized void close() {
        Arrays.fill(buf, (byte) 0);
        reset();
    }
}
