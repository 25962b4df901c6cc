package dev.secretsengine.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.Child;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.AFUNIXSocketChannel;

/** Sockets whose names other programs know and may want, too. */
@Timeout(30)
class SharedSocketTest {

    private static final String CLIENT = "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0] =~ s/^@/\\0/r)"
            + " or die qq(no: $!\\n); print while <$s>;";

    @TempDir
    Path folder;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Path file;
    private String name;
    private long uid;

    @BeforeEach
    void chooseNames() throws IOException {
        file = folder.resolve("cache/engine.sock");
        name = "secrets-engine-test/" + ProcessHandle.current().pid() + "/daemon.sock";
        uid = ((Integer) Files.getAttribute(folder, "unix:uid")).longValue();
    }

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private SocketServer start(SocketServer server) {
        threads.execute(
                () -> server.serve(connection -> connection.output().write("hello\n".getBytes(UTF_8)), threads));
        return server;
    }

    private static String greeting(String... before) throws Exception {
        return Child.run(before).output();
    }

    private static String[] client(String address) {
        return new String[]{"perl", "-MIO::Socket::UNIX", "-e", CLIENT, address};
    }

    @Test
    void servesBothKindsOfNames() throws Exception {
        try (SocketServer _ = start(SocketServer.bindShared(file));
                SocketServer _ = start(SocketServer.bindAbstract(name, uid))) {
            assertEquals("hello\n", greeting(client(file.toString())));
            assertEquals("hello\n", greeting(client("@" + name)));
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void stealsNothingFromTheLiving() throws Exception {
        String self = " is held by process " + ProcessHandle.current().pid() + " of uid " + uid + ": ";
        try (SocketServer _ = start(SocketServer.bindShared(file));
                SocketServer _ = start(SocketServer.bindAbstract(name, uid))) {
            String held = assertThrows(HeldException.class, () -> SocketServer.bindShared(file)).getMessage();
            assertTrue(held.startsWith(file + self), held);
            held = assertThrows(HeldException.class, () -> SocketServer.bindAbstract(name, uid)).getMessage();
            assertTrue(held.startsWith("@" + name + self), held);
            assertEquals("hello\n", greeting(client(file.toString())));
            assertEquals("hello\n", greeting(client("@" + name)));
        }
    }

    @Test
    void replacesWhatTheDeadLeft() throws Exception {
        Files.createDirectories(file.getParent());
        ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(file)).close();
        assertTrue(Files.exists(file));
        try (SocketServer _ = start(SocketServer.bindShared(file))) {
            assertEquals("hello\n", greeting(client(file.toString())));
        }
    }

    @Test
    void leavesTheFileOfItsSuccessor() throws Exception {
        SocketServer first = start(SocketServer.bindShared(file));
        Files.delete(file);
        try (SocketServer _ = start(SocketServer.bindShared(file))) {
            first.close();
            assertEquals("hello\n", greeting(client(file.toString())));
        }
    }

    /** As Flatpak, bubblewrap and services of systemd are started: namespaces, and no control group of a container. */
    @ParameterizedTest
    @ValueSource(strings = {"file", "abstract"})
    void servesASandbox(String kind) throws Exception {
        try (SocketServer _ = start(SocketServer.bindShared(file));
                SocketServer _ = start(SocketServer.bindAbstract(name, uid))) {
            String[] client = client(kind.equals("file") ? file.toString() : "@" + name);
            assertEquals("hello\n", greeting(
                    concat(List.of("unshare", "--user", "--map-current-user", "--mount", "--pid", "--fork"), client)));
        }
    }

    @Test
    void hangsUpOnAPeerThatHasEndedAndLeftItsConnectionToAnother() throws Exception {
        String left = "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; exit if fork; print while <$s>;";
        try (SocketServer server = SocketServer.bindShared(file)) {
            Process client = new ProcessBuilder("sh", "-c",
                    "perl -MIO::Socket::UNIX -e '" + left + "' " + file + "; echo gone; cat").start();
            assertEquals("gone", client.inputReader().readLine());
            start(server);
            client.getOutputStream().close();
            assertEquals(0, client.waitFor());
            assertNull(client.inputReader().readLine());
        }
    }

    @Test
    void tellsWhoHoldsANameWithoutWaitingForThem() throws Exception {
        try (AFUNIXServerSocket squatter = AFUNIXServerSocket.newInstance()) {
            AFUNIXSocketAddress address = AFUNIXSocketAddress.inAbstractNamespace(name);
            squatter.bind(address, 1);
            List<AFUNIXSocketChannel> queue = new ArrayList<>();
            boolean taken = true;
            while (taken) {
                AFUNIXSocketChannel channel = AFUNIXSocketChannel.open();
                queue.add(channel);
                channel.configureBlocking(false);
                taken = channel.connect(address);
            }
            String held = assertThrows(HeldException.class, () -> SocketServer.bindAbstract(name, uid)).getMessage();
            assertEquals("@" + name + " is held by uid " + uid + ", which accepts no connections: end that process,"
                    + " then docker pass engine restart", held);
            for (AFUNIXSocketChannel channel : queue) {
                channel.close();
            }
        }
    }

    private static String[] concat(List<String> first, String[] second) {
        String[] all = first.toArray(new String[first.size() + second.length]);
        System.arraycopy(second, 0, all, first.size(), second.length);
        return all;
    }
}
