package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that send more than they should, or only say so: no engine ends of it without a word. */
class ClientFloodIT {

    private static final byte[] HELLO = frame('H', "1\0000.0".getBytes(StandardCharsets.ISO_8859_1), 5);
    private static final int LONGEST = 1_114_112;

    private final List<SocketChannel> clients = new ArrayList<>();
    private Home home;

    @BeforeEach
    void makeHome() throws Exception {
        home = Home.withAge();
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        hangUp();
        home.close();
    }

    private static byte[] frame(char type, byte[] payload, int announced) {
        return ByteBuffer.allocate(5 + payload.length).put((byte) type).putInt(announced).put(payload).array();
    }

    private SocketChannel connect(Path to) throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        clients.add(client);
        client.connect(UnixDomainSocketAddress.of(to));
        return client;
    }

    private List<SocketChannel> connections(Path to, int count) throws IOException {
        List<SocketChannel> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(connect(to));
        }
        return all;
    }

    /** Sends as much of it as the engine takes; whether that is all. */
    private static boolean send(SocketChannel client, byte[] bytes) {
        try {
            ByteBuffer left = ByteBuffer.wrap(bytes);
            while (left.hasRemaining()) {
                client.write(left);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private void hangUp() throws IOException {
        for (SocketChannel client : clients) {
            client.close();
        }
        clients.clear();
    }

    private String pid() throws IOException {
        return home.pass("engine", "status", "--format", "{{.PID}}").ok();
    }

    @Test
    void sixHundredClientsThatOnlyAnnounceCostNothing() throws Exception {
        String before = pid();
        for (SocketChannel client : connections(home.socket(), 600)) {
            assertTrue(send(client, HELLO));
            assertTrue(send(client, frame('A', new byte[10], LONGEST)));
        }
        home.pass("set", "a=1").ok();
        assertEquals("1", home.pass("get", "--reveal", "a").ok());
        assertEquals(before, pid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"Content-Length: 4194304\r\n\r\n", "Transfer-Encoding: chunked\r\n\r\n3fffff\r\n"})
    void threeHundredCallsOfTheSdkThatOnlyAnnounceCostNothing(String length) throws Exception {
        String before = pid();
        Path socket = home.folder().resolve(".cache/docker-secrets-engine/engine.sock");
        Poll.until("the socket", () -> Files.exists(socket));
        for (SocketChannel client : connections(socket, 300)) {
            assertTrue(send(client, ("POST /resolver.v1.ResolverService/GetSecrets HTTP/1.1\r\nHost: unix\r\n"
                    + "Content-Type: application/json\r\n" + length + "{\"pattern")
                    .getBytes(StandardCharsets.US_ASCII)));
        }
        home.pass("set", "a=1").ok();
        assertEquals("1", home.pass("get", "--reveal", "a").ok());
        assertEquals(before, pid());
    }

    @Test
    void emptyArgumentsWithoutEndAreRefused() throws Exception {
        String before = pid();
        SocketChannel client = connect(home.socket());
        assertTrue(send(client, HELLO));
        byte[] empty = new byte[5 << 20];
        for (int i = 0; i < empty.length; i += 5) {
            empty[i] = 'A';
        }
        boolean all = true;
        for (int i = 0; i < 20 && all; i++) {
            all = send(client, empty);
        }
        assertEquals(false, all, "the engine took 100 MiB of them");
        assertEquals(before, pid());
        assertTrue(home.pass("engine", "logs").ok().contains("the request is larger than 16 MiB: send less"));
    }

    @Test
    void allThatClientsSendTogetherIsBounded() throws Exception {
        String before = pid();
        for (SocketChannel client : connections(home.socket(), 600)) {
            if (send(client, HELLO)) {
                send(client, frame('A', new byte[LONGEST - 1], LONGEST));
            }
        }
        // It answers, or says why it does not.
        Outcome crowded = home.direct().pass("engine", "status", "--format", "{{.PID}}");
        assertTrue(crowded.code() == 0 || crowded.err().equals("docker-pass: the engine holds too many large requests:"
                + " run the command again later\n"), crowded::toString);
        hangUp();
        Poll.until("room", () -> home.direct().pass("ls").code() == 0);
        assertEquals(before, pid());
    }

    /** To a command that waits, and asks nothing. */
    @Test
    void unaskedAnswersAreNotKept() throws Exception {
        String before = pid();
        SocketChannel client = connect(home.socket());
        assertTrue(send(client, HELLO));
        for (String word : new String[]{"engine", "logs", "-f"}) {
            assertTrue(send(client, frame('A', word.getBytes(StandardCharsets.US_ASCII), word.length())));
        }
        assertTrue(send(client, frame('G', new byte[0], 0)));
        client.configureBlocking(false);
        byte[] answer = frame('I', new byte[LONGEST], LONGEST);
        ByteBuffer left = ByteBuffer.allocate(0);
        long taken = 0;
        long progress = System.nanoTime();
        while (taken < 600L * LONGEST && System.nanoTime() - progress < TimeUnit.SECONDS.toNanos(1)) {
            left = left.hasRemaining() ? left : ByteBuffer.wrap(answer);
            int written = client.write(left);
            taken += written;
            progress = written > 0 ? System.nanoTime() : progress;
        }
        assertTrue(taken < 20L * LONGEST, "the engine took " + taken + " bytes");
        assertEquals(before, pid());
    }

    @Test
    void engineWithoutMemorySaysSoBeforeItEnds() throws Exception {
        Installation small = Installation.built().copyTo(home.folder().resolve("image"));
        String script = Files.readString(small.engine());
        assertTrue(script.contains(" -Xmx512m "), script);
        Files.writeString(small.engine(), script.replace(" -Xmx512m ", " -Xmx16m "));
        try (Home tight = Home.withAge(small)) {
            tight.pass("engine", "start").ok();
            for (SocketChannel client : connections(tight.socket(), 40)) {
                if (send(client, HELLO)) {
                    send(client, frame('A', new byte[LONGEST - 1], LONGEST));
                }
            }
            Poll.until("the end of the engine", () -> tight.engines().isEmpty());
            Path logs = tight.state().resolve("logs");
            assertEquals("secrets-engine: out of memory: this engine ends\n",
                    Files.readString(logs.resolve("engine.out")));
            assertTrue(Files.readString(logs.resolve("engine.log"))
                    .contains("out of memory: this engine ends, and the next command starts another one"));
            assertEquals("", tight.pass("ls").ok());
        }
    }
}
