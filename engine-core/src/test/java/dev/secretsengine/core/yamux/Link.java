package dev.secretsengine.core.yamux;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** The two ends of a Unix socket, and threads for the sessions on them. */
final class Link implements Closeable {

    final AFUNIXSocket near;
    final AFUNIXSocket far;
    final ExecutorService threads = Executors.newCachedThreadPool(
            task -> Thread.ofPlatform().daemon().name("link").unstarted(task));

    Link(Path folder) throws IOException {
        AFUNIXSocketAddress address = AFUNIXSocketAddress.of(folder.resolve("link"));
        try (AFUNIXServerSocket server = AFUNIXServerSocket.bindOn(address, true)) {
            near = AFUNIXSocket.connectTo(address);
            far = server.accept();
        }
    }

    YamuxSession server(YamuxSettings settings) throws IOException {
        return YamuxSession.server(near.getInputStream(), near.getOutputStream(), near, threads, settings);
    }

    YamuxSession client(YamuxSettings settings) throws IOException {
        return YamuxSession.client(far.getInputStream(), far.getOutputStream(), far, threads, settings);
    }

    /** Fails when a thread of theirs does not end although the connection has. */
    @Override
    public void close() throws IOException {
        near.close();
        far.close();
        threads.shutdown();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new AssertionError("a thread hangs: " + threads);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
