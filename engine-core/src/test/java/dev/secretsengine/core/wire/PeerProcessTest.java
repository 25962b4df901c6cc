package dev.secretsengine.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

@Timeout(30)
class PeerProcessTest {

    private static final String CLIENT = "my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die; <STDIN>;";

    @TempDir
    Path folder;

    /** Its number is free for another process then. */
    @Test
    void knowsThatTheProcessOfAConnectionHasEnded() throws Exception {
        Path file = folder.resolve("socket");
        try (AFUNIXServerSocket server = AFUNIXServerSocket.newInstance()) {
            server.bind(AFUNIXSocketAddress.of(file));
            Process client = new ProcessBuilder("perl", "-MIO::Socket::UNIX", "-e", CLIENT, file.toString()).start();
            try (AFUNIXSocket connection = server.accept(); PeerProcess peer = PeerProcess.of(connection)) {
                assertEquals(client.pid(), connection.getPeerCredentials().getPid());
                assertTrue(peer.isStill(client.pid()));
                assertFalse(peer.isStill(client.pid() + 1));
                client.destroyForcibly().waitFor();
                assertFalse(peer.isStill(client.pid()));
            }
        }
    }
}
