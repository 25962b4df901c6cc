package dev.secretsengine.it;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** An engine that reads one request at a time, as docs/protocol.md has it, and gives whatever answer a test wants. */
final class FakeEngine implements AutoCloseable {

    private final ServerSocketChannel server;
    private volatile byte[] answer = new byte[0];
    private volatile long delayMillis;

    FakeEngine(Path socket) throws IOException {
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        Thread.ofPlatform().daemon().name("fake-engine").start(this::serve);
    }

    /** What is sent from now on when a request is complete, before the connection is closed. */
    void answer(byte[]... pieces) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            all.writeBytes(piece);
        }
        answer = all.toByteArray();
    }

    /** For how long it thinks. */
    void delay(long millis) {
        delayMillis = millis;
    }

    static byte[] frame(char type, String text) {
        return frame(type, text, text.getBytes(StandardCharsets.UTF_8).length);
    }

    /** A frame that says it is as long as this. */
    static byte[] frame(char type, String text, int length) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        try (DataOutputStream data = new DataOutputStream(frame)) {
            data.writeByte(type);
            data.writeInt(length);
            data.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return frame.toByteArray();
    }

    private void serve() {
        while (server.isOpen()) {
            try (SocketChannel channel = server.accept()) {
                readRequest(new DataInputStream(Channels.newInputStream(channel)));
                Thread.sleep(delayMillis);
                Channels.newOutputStream(channel).write(answer);
            } catch (IOException e) {
                // The client has gone, or the test is over.
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void readRequest(DataInputStream in) throws IOException {
        char type;
        do {
            type = (char) in.readByte();
            in.skipNBytes(in.readInt());
        } while (type != 'G');
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
