package dev.secretsengine.core.wire;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketCredentials;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Unix socket that serves its own user: the kernel tells who connects, and anybody else is hung up on. One
 * platform thread a connection (junixsocket hangs with virtual ones).
 */
public final class SocketServer implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SocketServer.class);

    private static final Long ROOT = 0L;

    /** Serves one connection; the server closes it afterwards. */
    @FunctionalInterface
    public interface Handler {

        /** Serves it until the peer or the work is done. */
        void serve(Connection connection) throws IOException;
    }

    private final AFUNIXServerSocket socket;
    private final Path file;
    private final Set<Long> admitted;

    private SocketServer(AFUNIXServerSocket socket, Path file, Set<Long> admitted) {
        this.socket = socket;
        this.file = file;
        this.admitted = admitted;
    }

    /**
     * Binds a socket file in a folder of mode 0700. The caller holds the engine's lock, so a file that is there already
     * is a dead engine's and is replaced.
     */
    public static SocketServer bind(Path file) throws IOException {
        AFUNIXServerSocket socket = listen(file);
        return new SocketServer(socket, file, Set.of(owner(file)));
    }

    /** The same for a daemon's connections: root is served, too. */
    public static SocketServer bindForDaemons(Path file) throws IOException {
        AFUNIXServerSocket socket = listen(file);
        return new SocketServer(socket, file, Set.copyOf(List.of(owner(file), ROOT)));
    }

    /** A server for this user. */
    static SocketServer bind(Path file, long uid) throws IOException {
        return new SocketServer(listen(file), file, Set.of(uid));
    }

    /** Whoever made the file is this process's user; the folder may be somebody else's where root runs. */
    private static Long owner(Path file) throws IOException {
        return ((Integer) Files.getAttribute(file, "unix:uid")).longValue();
    }

    private static AFUNIXServerSocket listen(Path file) throws IOException {
        PrivateFiles.folderOf(file);
        Files.deleteIfExists(file);
        AFUNIXServerSocket socket = AFUNIXServerSocket.newInstance();
        socket.bind(AFUNIXSocketAddress.of(file), 256);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return socket;
    }

    /** Accepts until closed, each connection served on its own thread. */
    public void serve(Handler handler, ExecutorService threads) {
        while (!socket.isClosed()) {
            try {
                AFUNIXSocket accepted = socket.accept();
                threads.execute(() -> serve(accepted, handler));
            } catch (RejectedExecutionException e) {
                LOG.debug("no more connections: the engine is stopping");
                return;
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.warn("cannot accept a connection: {}", e.getMessage());
                    pause();
                }
            }
        }
    }

    /** Running out of file descriptors must not turn into a busy loop. */
    private static void pause() {
        try {
            Thread.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(AFUNIXSocket accepted, Handler handler) {
        try (accepted) {
            AFUNIXSocketCredentials credentials = accepted.getPeerCredentials();
            Peer peer = new Peer(credentials.getUid(), credentials.getPid());
            if (!admitted.contains(peer.uid())) {
                LOG.warn("refused a connection of uid {} (pid {})", peer.uid(), peer.pid());
                return;
            }
            handler.serve(new Accepted(accepted, peer, accepted.getInputStream(), accepted.getOutputStream()));
        } catch (IOException e) {
            LOG.debug("a connection ended: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a connection failed", e);
        }
    }

    private record Accepted(AFUNIXSocket socket, Peer peer, InputStream input, OutputStream output)
            implements
                Connection {

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    /** Accepts no more, and removes the file. Connections that are open go on. */
    @Override
    public void close() throws IOException {
        socket.close();
        Files.deleteIfExists(file);
    }
}
