package dev.secretsengine.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.Child;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class SocketServerTest {

    /** Connects, prints what it is sent, and ends. */
    private static final String CLIENT = "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die qq(no: $!\\n);"
            + " print while <$s>;";

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final BlockingQueue<Peer> served = new LinkedBlockingQueue<>();
    private Path file;
    private long uid;

    @BeforeEach
    void nameASocket() throws IOException {
        file = folder.resolve("run/cli.sock");
        uid = ((Integer) Files.getAttribute(folder, "unix:uid")).longValue();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private SocketServer start(SocketServer server, SocketServer.Handler handler) {
        threads.execute(() -> server.serve(handler, threads));
        return server;
    }

    private void greet(Connection connection) throws IOException {
        served.add(connection.peer());
        connection.output().write("hello\n".getBytes(UTF_8));
    }

    @Test
    void carriesBytesBothWays() throws Exception {
        try (SocketServer _ = start(SocketServer.bind(file),
                connection -> connection.input().transferTo(connection.output()));
                SocketChannel client = connect()) {
            byte[] sent = new byte[300_000];
            new Random(1).nextBytes(sent);
            Future<?> sender = threads.submit(() -> {
                client.write(ByteBuffer.wrap(sent));
                client.shutdownOutput();
                return null;
            });
            byte[] received = Channels.newInputStream(client).readAllBytes();
            sender.get();
            assertTrue(Arrays.equals(sent, received));
        }
    }

    @Test
    void hangsUpWhenTheHandlerIsDone() throws Exception {
        try (SocketServer _ = start(SocketServer.bind(file), this::greet); SocketChannel client = connect()) {
            assertEquals("hello\n", new String(Channels.newInputStream(client).readAllBytes(), UTF_8));
        }
    }

    @Test
    void knowsWhoConnects() throws Exception {
        try (SocketServer _ = start(SocketServer.bind(file), this::greet)) {
            connect().close();
            assertEquals(new Peer(uid, ProcessHandle.current().pid()), served.poll(5, TimeUnit.SECONDS));
            Child child = Child.run("perl", "-MIO::Socket::UNIX", "-e", CLIENT, file.toString());
            assertEquals("hello\n", child.output());
            assertEquals(new Peer(uid, child.pid()), served.poll(5, TimeUnit.SECONDS));
        }
    }

    /** Root can be somebody else; whoever cannot connects to a server that is for somebody else. */
    @Test
    void hangsUpOnAnotherUser() throws Exception {
        long admitted = uid == 0 ? uid : uid + 1;
        try (SocketServer _ = start(SocketServer.bind(file, Admission.ofUsers(admitted)), this::greet)) {
            List<String> command = new ArrayList<>();
            if (uid == 0) {
                openToEverybody();
                command.addAll(List.of("setpriv", "--reuid", "65534", "--clear-groups"));
            }
            command.addAll(List.of("perl", "-MIO::Socket::UNIX", "-e", CLIENT, file.toString()));
            Child child = Child.run(command.toArray(String[]::new));
            assertEquals("", child.output(), "it got through to the socket, and no byte out of it");
            assertEquals(0, child.exit());
            assertNull(served.poll());
        }
        try (SocketServer _ = start(SocketServer.bind(file), this::greet); SocketChannel client = connect()) {
            assertEquals("hello\n", new String(Channels.newInputStream(client).readAllBytes(), UTF_8));
        }
    }

    @Test
    void servesItsOwnUserWhoeverOwnsTheFolder() throws Exception {
        Files.createDirectories(file.getParent());
        if (uid == 0) {
            // A folder mounted into a container, for one; only root can work in it.
            Files.setAttribute(file.getParent(), "unix:uid", 65534);
        }
        try (SocketServer _ = start(SocketServer.bind(file), this::greet); SocketChannel client = connect()) {
            assertEquals("hello\n", new String(Channels.newInputStream(client).readAllBytes(), UTF_8));
        }
    }

    @Test
    void isOpenToNobodyElse() throws Exception {
        Files.createDirectories(file.getParent());
        Files.setPosixFilePermissions(file.getParent(), fromString("rwxrwxrwx"));
        try (SocketServer _ = start(SocketServer.bind(file), this::greet)) {
            assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(file.getParent()));
            assertEquals(fromString("rw-------"), Files.getPosixFilePermissions(file));
        }
    }

    @Test
    void replacesTheSocketOfADeadEngine() throws Exception {
        Files.createDirectories(file.getParent());
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(file)).close();
        assertTrue(Files.exists(file), "left behind");
        try (SocketServer _ = start(SocketServer.bind(file), this::greet); SocketChannel client = connect()) {
            assertEquals("hello\n", new String(Channels.newInputStream(client).readAllBytes(), UTF_8));
        }
    }

    @Test
    void takesItsFileAwayWhenItIsClosed() throws Exception {
        SocketServer server = SocketServer.bind(file);
        Future<?> serving = threads.submit(() -> server.serve(this::greet, threads));
        connect().close();
        served.poll(5, TimeUnit.SECONDS);
        server.close();
        serving.get(30, TimeUnit.SECONDS);
        assertFalse(Files.exists(file));
        server.close();
    }

    @Test
    void survivesAHandlerThatFails() throws Exception {
        boolean[] failed = {false};
        try (SocketServer _ = start(SocketServer.bind(file), connection -> {
            if (!failed[0]) {
                failed[0] = true;
                throw new IllegalStateException("on purpose");
            }
            greet(connection);
        })) {
            try (SocketChannel first = connect()) {
                assertEquals(0, Channels.newInputStream(first).readAllBytes().length);
            }
            try (SocketChannel second = connect()) {
                assertEquals("hello\n", new String(Channels.newInputStream(second).readAllBytes(), UTF_8));
            }
        }
    }

    @Test
    void servesManyAtOnce() throws Exception {
        CyclicBarrier everybody = new CyclicBarrier(20);
        try (SocketServer _ = start(SocketServer.bind(file), connection -> {
            try {
                everybody.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IOException(e);
            }
            greet(connection);
        })) {
            List<Future<Integer>> clients = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                clients.add(threads.submit(() -> {
                    try (SocketChannel client = connect()) {
                        return Channels.newInputStream(client).readAllBytes().length;
                    }
                }));
            }
            for (Future<Integer> client : clients) {
                assertEquals(6, client.get());
            }
        }
    }

    private SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(file));
    }

    private void openToEverybody() throws IOException {
        Files.setPosixFilePermissions(folder, fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file.getParent(), fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(file, fromString("rw-rw-rw-"));
    }
}
