package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever a peer sends, nothing hangs: a session ends with its connection, and so do its threads. */
@Timeout(60)
class FuzzTest {

    private static final int RUNS = 60;
    private static final Duration SOON = Duration.ofSeconds(2);
    private static final YamuxSettings SETTINGS = new YamuxSettings(Duration.ofMillis(20), SOON, SOON,
            Duration.ofMillis(20), 20);

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void survivesAnyFrames(long seed) throws Exception {
        Random random = new Random(seed);
        for (int run = 0; run < RUNS; run++) {
            Link link = new Link(Files.createTempDirectory(folder, "run"));
            try (link; YamuxSession session = link.server(SETTINGS)) {
                use(link, session);
                link.threads.execute(() -> drain(link));
                sendAll(link, frames(random));
                awaitEnd(session);
                assertEquals(0, session.streams());
            }
        }
    }

    /** The session ends at the end of what is sent at the latest. */
    private static void sendAll(Link link, byte[] frames) {
        try {
            link.far.getOutputStream().write(frames);
            link.far.getChannel().shutdownOutput();
        } catch (IOException e) {
            // It was hung up on.
        }
    }

    private static void awaitEnd(YamuxSession session) throws InterruptedException {
        for (int i = 0; i < 2000 && session.reason().isEmpty(); i++) {
            Thread.sleep(5);
        }
        assertEquals(false, session.reason().isEmpty());
    }

    /** Streams of the peer's are echoed, and some of ours are open. */
    private static void use(Link link, YamuxSession session) throws IOException {
        link.threads.execute(() -> {
            try {
                YamuxStream stream = session.accept();
                while (stream != null) {
                    YamuxStream accepted = stream;
                    link.threads.execute(() -> echo(accepted));
                    stream = session.accept();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        for (int i = 0; i < 4; i++) {
            YamuxStream stream = session.open(SOON);
            link.threads.execute(() -> echo(stream));
        }
    }

    private static void echo(YamuxStream stream) {
        try (stream) {
            stream.input().transferTo(stream.output());
        } catch (IOException e) {
            // The peer broke something.
        }
    }

    private static void drain(Link link) {
        try {
            link.far.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // It was hung up on.
        }
    }

    /** Frames that mostly mean something, or the first one would end it all. */
    private static byte[] frames(Random random) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int count = random.nextInt(200);
        int opened = 1;
        for (int i = 0; i < count; i++) {
            boolean odd = random.nextInt(300) == 0;
            int type = odd ? random.nextInt(256) : random.nextInt(3);
            int flags = odd ? random.nextInt(16) : flags(random);
            int stream = flags == Frame.SYN ? opened : 1 + random.nextInt(opened + 8);
            opened += flags == Frame.SYN ? 2 : 0;
            long length = odd ? random.nextInt() & 0xffff_ffffL : random.nextInt(3000);
            all.writeBytes(RawPeer.frame(type, flags, odd ? random.nextInt(3) : stream, length));
            if (type == Frame.DATA) {
                byte[] payload = new byte[(int) Math.min(length, 5000)];
                random.nextBytes(payload);
                all.writeBytes(payload);
            }
        }
        byte[] bytes = all.toByteArray();
        return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)) : bytes;
    }

    private static int flags(Random random) {
        return switch (random.nextInt(32)) {
            case 0 -> Frame.FIN;
            case 1 -> Frame.RST;
            case 2 -> Frame.ACK | Frame.FIN;
            case 3, 4, 5, 6, 7, 8 -> Frame.SYN;
            case 9, 10 -> Frame.ACK;
            default -> 0;
        };
    }
}
