package dev.secretsengine.client;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * A channel as two streams, by way of a buffer of its own: the JDK would copy values through native buffers that nobody
 * wipes. One thread at a time; closing from another thread fails the one that waits.
 */
final class ChannelStreams implements Closeable {

    private static final int SIZE = 16 << 10;

    private final SocketChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SIZE);
    private final byte[] zeros = new byte[SIZE];

    ChannelStreams(SocketChannel channel) {
        this.channel = channel;
    }

    InputStream input() {
        return new Input();
    }

    OutputStream output() {
        return new Output();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Wipes so much of the buffer as was used. */
    private void wipe(int length) {
        buffer.clear();
        buffer.put(zeros, 0, length);
        buffer.clear();
    }

    private final class Input extends InputStream {

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            buffer.clear().limit(Math.min(length, SIZE));
            int n = channel.read(buffer);
            if (n > 0) {
                buffer.flip();
                buffer.get(target, offset, n);
                wipe(n);
            }
            return n;
        }
    }

    private final class Output extends OutputStream {

        @Override
        public void write(int b) throws IOException {
            write(new byte[]{(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
            for (int done = 0; done < length;) {
                int n = Math.min(SIZE, length - done);
                buffer.clear();
                buffer.put(source, offset + done, n).flip();
                try {
                    while (buffer.hasRemaining()) {
                        channel.write(buffer);
                    }
                } finally {
                    wipe(n);
                }
                done += n;
            }
        }
    }
}
