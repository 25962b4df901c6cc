package dev.secretsengine.client;

import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens on a Unix socket and answers requests in whatever way a test wants. */
final class FakeEngine implements AutoCloseable {

    /** Answers a request. */
    @FunctionalInterface
    interface Service {

        /** Writes the answer; false to hang up behind it. */
        boolean answer(HttpHead head, byte[] body, HttpWriter writer) throws IOException;
    }

    final AtomicInteger connections = new AtomicInteger();
    final List<HttpHead> heads = new CopyOnWriteArrayList<>();

    private final Path file;
    private final ServerSocketChannel server;
    private final List<SocketChannel> open = new CopyOnWriteArrayList<>();
    private final Service service;

    FakeEngine(Path file, Service service) throws IOException {
        this.file = file;
        this.service = service;
        Files.deleteIfExists(file);
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(file));
        Thread.ofPlatform().daemon().start(this::accept);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel channel = server.accept();
                open.add(channel);
                connections.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> serve(channel));
            }
        } catch (IOException e) {
            // Closed by the test.
        }
    }

    private void serve(SocketChannel channel) {
        ChannelStreams streams = new ChannelStreams(channel);
        try (streams; HttpReader reader = new HttpReader(streams.input())) {
            HttpWriter writer = new HttpWriter(streams.output());
            boolean stays = true;
            while (stays) {
                HttpHead head = reader.readRequest();
                if (head == null) {
                    return;
                }
                byte[] body = reader.readBody(head, 1 << 20);
                heads.add(head);
                stays = service.answer(head, body, writer);
            }
        } catch (IOException | HttpException e) {
            // The client, or the test, has gone.
        }
    }

    /** Hangs up on all, and listens no more. */
    @Override
    public void close() throws IOException {
        server.close();
        for (SocketChannel channel : open) {
            channel.close();
        }
        Files.deleteIfExists(file);
    }
}
