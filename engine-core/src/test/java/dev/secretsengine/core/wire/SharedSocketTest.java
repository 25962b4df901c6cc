package dev.secretsengine.core.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.Child;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

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

    /** A process in a namespace of process IDs of its own, as every container's is. */
    @ParameterizedTest
    @ValueSource(strings = {"file", "abstract"})
    void hangsUpOnAContainer(String kind) throws Exception {
        try (SocketServer _ = start(SocketServer.bindShared(file));
                SocketServer _ = start(SocketServer.bindAbstract(name, uid))) {
            String[] client = client(kind.equals("file") ? file.toString() : "@" + name);
            assertEquals("hello\n", greeting(client));
            Child child = Child
                    .run(concat(List.of("unshare", "--user", "--map-current-user", "--pid", "--fork"), client));
            assertEquals("", child.output(), "it got through to the socket, and no byte out of it");
            assertEquals(0, child.exit());
        }
    }

    private static String[] concat(List<String> first, String[] second) {
        String[] all = first.toArray(new String[first.size() + second.length]);
        System.arraycopy(second, 0, all, first.size(), second.length);
        return all;
    }

    @Test
    void seesNoMoreThanTheKernelShows() {
        Admission admission = Admission.ofUsers(Set.of(uid)).outsideContainers();
        assertTrue(admission.objection(new Peer(uid, ProcessHandle.current().pid())).isEmpty());
        assertEquals("it is another user's",
                admission.objection(new Peer(uid + 1, ProcessHandle.current().pid())).orElseThrow());
        assertEquals("it cannot be seen from here", admission.objection(new Peer(uid, 0)).orElseThrow());
    }
}
