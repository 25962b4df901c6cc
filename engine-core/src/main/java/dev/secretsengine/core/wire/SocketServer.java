package dev.secretsengine.core.wire;

import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.core.watch.PassedOn;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
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
    /** A client of the SDK opens a hundred connections at once, and does not wait where the queue is full. */
    private static final int BACKLOG = 1024;

    /** How long no connection is accepted after one of a foreign user: the queue is empty again within half a second. */
    private static final Duration FOREIGN_PAUSE = Duration.ofNanos(500_000);

    /** Running out of file descriptors or threads must not turn into a busy loop. */
    private static final Duration FAILURE_PAUSE = Duration.ofMillis(100);

    private static final Duration TOLD_EVERY = Duration.ofMinutes(1);

    /** Serves one connection; the server closes it afterwards. */
    @FunctionalInterface
    public interface Handler {

        /**
         * Serves it until the peer or the work is done.
         *
         * @throws PassedOn if another thread serves and closes it
         */
        void serve(Connection connection) throws IOException;
    }

    private final AFUNIXServerSocket socket;
    private final Closeable removal;
    private final Admission admission;
    private final Refusals refusals = new Refusals(TOLD_EVERY, LOG::warn);

    private SocketServer(AFUNIXServerSocket socket, Closeable removal, Admission admission) {
        this.socket = socket;
        this.removal = removal;
        this.admission = admission;
    }

    /**
     * Binds a socket file in a folder of mode 0700. The caller holds the engine's lock, so a file that is there already
     * is a dead engine's and is replaced.
     */
    public static SocketServer bind(Path file) throws IOException {
        AFUNIXServerSocket socket = listen(file);
        return new SocketServer(socket, removalOf(file), Admission.ofUsers(owner(file)));
    }

    /** The same for a daemon's connections: root is served, too. */
    public static SocketServer bindForDaemons(Path file) throws IOException {
        AFUNIXServerSocket socket = listen(file);
        return new SocketServer(socket, removalOf(file),
                owner(file).equals(ROOT) ? Admission.ofUsers(ROOT) : Admission.ofUsers(owner(file), ROOT));
    }

    /** A server for those that are admitted. */
    static SocketServer bind(Path file, Admission admission) throws IOException {
        return new SocketServer(listen(file), removalOf(file), admission);
    }

    /**
     * Binds a socket file that other programs know, too, for this user's processes outside of containers.
     *
     * @throws HeldException if somebody else answers there
     */
    public static SocketServer bindShared(Path file) throws IOException {
        refuseIfHeld(AFUNIXSocketAddress.of(file), file.toString());
        AFUNIXServerSocket socket = listen(file);
        return new SocketServer(socket, removalOf(file),
                Admission.ofUsers(owner(file)).outsideContainers());
    }

    /**
     * Binds a name in the abstract namespace, for processes of this user outside of containers.
     *
     * @throws HeldException if somebody else has that name
     */
    public static SocketServer bindAbstract(String name, long uid) throws IOException {
        AFUNIXSocketAddress address = AFUNIXSocketAddress.inAbstractNamespace(name);
        try {
            return new SocketServer(bound(address), () -> {
            }, Admission.ofUsers(uid).outsideContainers());
        } catch (IOException e) {
            refuseIfHeld(address, "@" + name);
            throw e;
        }
    }

    private static void refuseIfHeld(AFUNIXSocketAddress address, String name) throws IOException {
        Optional<String> holder = Holder.of(address, name);
        if (holder.isPresent()) {
            throw new HeldException(name + " is held by " + holder.get()
                    + ": end that process, then docker pass engine restart");
        }
    }

    /** Whoever made the file is this process's user; the folder may be somebody else's where root runs. */
    private static Long owner(Path file) throws IOException {
        return ((Integer) Files.getAttribute(file, "unix:uid")).longValue();
    }

    private static AFUNIXServerSocket listen(Path file) throws IOException {
        PrivateFiles.folderOf(file);
        Files.deleteIfExists(file);
        AFUNIXServerSocket socket = bound(AFUNIXSocketAddress.of(file));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return socket;
    }

    private static AFUNIXServerSocket bound(AFUNIXSocketAddress address) throws IOException {
        AFUNIXServerSocketChannel channel = AFUNIXServerSocketChannel.open();
        try {
            // The library connects to whatever has the name already, and would wait for it.
            channel.configureBlocking(false);
            channel.bind(address, BACKLOG);
            channel.configureBlocking(true);
            AFUNIXServerSocket socket = (AFUNIXServerSocket) channel.socket();
            // It would take away whatever has the name by then.
            socket.setDeleteOnClose(false);
            return socket;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /**
     * Takes the file away, unless somebody answers there: then another server has put its own there meanwhile. File systems
     * give a number to the next file at once, so that cannot tell them apart.
     */
    private static Closeable removalOf(Path file) {
        return () -> {
            if (Holder.of(AFUNIXSocketAddress.of(file), file.toString()).isEmpty()) {
                Files.deleteIfExists(file);
            }
        };
    }

    /** Accepts until closed, each connection of a user that is served on its own thread. */
    public void serve(Handler handler, ExecutorService threads) {
        while (!socket.isClosed()) {
            try {
                take(socket.accept(), handler, threads);
            } catch (RejectedExecutionException e) {
                LOG.debug("no more connections: the engine is stopping");
                return;
            } catch (IOException e) {
                if (!socket.isClosed()) {
                    LOG.warn("cannot accept a connection: {}", e.getMessage());
                    pause(FAILURE_PAUSE);
                }
            }
        }
    }

    private void take(AFUNIXSocket accepted, Handler handler, ExecutorService threads) {
        boolean taken = false;
        try {
            AFUNIXSocketCredentials credentials = accepted.getPeerCredentials();
            Peer peer = new Peer(credentials.getUid(), credentials.getPid());
            if (admission.isOfUsers(peer)) {
                threads.execute(() -> serve(accepted, peer, handler));
                taken = true;
            } else {
                refusals.add(peer, Admission.FOREIGN);
                pause(FOREIGN_PAUSE);
            }
        } catch (IOException e) {
            LOG.debug("a connection ended before it was looked at: {}", e.getMessage());
        } catch (OutOfMemoryError e) {
            // No thread to be had; without memory the others end the engine.
            LOG.warn("no thread for a connection of this engine's user: it was closed");
            pause(FAILURE_PAUSE);
        } finally {
            if (!taken) {
                close(accepted);
            }
        }
    }

    private static void pause(Duration time) {
        LockSupport.parkNanos(time.toNanos());
    }

    private void serve(AFUNIXSocket accepted, Peer peer, Handler handler) {
        attend(accepted, () -> {
            Optional<String> objection = admission.objection(peer);
            if (objection.isPresent()) {
                refusals.add(peer, objection.get());
                return;
            }
            handler.serve(SocketConnection.of(accepted, peer));
        });
    }

    /** What the thread of a connection does. */
    @FunctionalInterface
    public interface Attendance {

        /** See {@link Handler#serve}. */
        void run() throws IOException;
    }

    /** Serves a connection and closes it, unless another thread has taken it over by then. */
    public static void attend(Closeable connection, Attendance attendance) {
        boolean isMine = true;
        try {
            attendance.run();
        } catch (PassedOn e) {
            isMine = false;
        } catch (IOException e) {
            LOG.debug("a connection ended: {}", e.getMessage());
        } catch (RuntimeException e) {
            LOG.error("a connection failed", e);
        } finally {
            if (isMine) {
                close(connection);
            }
        }
    }

    private static void close(Closeable connection) {
        try {
            connection.close();
        } catch (IOException e) {
            LOG.debug("a connection could not be closed: {}", e.getMessage());
        }
    }

    /** Accepts no more, and removes the file. Connections that are open go on. */
    @Override
    public void close() throws IOException {
        socket.close();
        refusals.close();
        removal.close();
    }
}
