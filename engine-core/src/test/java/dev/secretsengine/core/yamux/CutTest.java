package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One answer, in frames of any size that arrive in any pieces, and cut off anywhere. */
@Timeout(60)
class CutTest {

    private static final String ANSWER = "HTTP/1.1 200 OK, and what follows";
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    /** Stream 2 is acknowledged and gets the answer; between its frames come others. */
    private static byte[] conversation(int size) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(RawPeer.frame(Frame.WINDOW, Frame.ACK, 2, 0));
        for (int from = 0; from < ANSWER.length(); from += size) {
            String piece = ANSWER.substring(from, Math.min(ANSWER.length(), from + size));
            all.writeBytes(RawPeer.frame(Frame.DATA, 0, 2, piece.length()));
            all.writeBytes(piece.getBytes());
            all.writeBytes(RawPeer.frame(Frame.PING, Frame.SYN, 0, from));
            all.writeBytes(RawPeer.frame(Frame.DATA, 0, 2, 0));
        }
        all.writeBytes(RawPeer.frame(Frame.WINDOW, Frame.FIN, 2, 0));
        return all.toByteArray();
    }

    /** What a reader gets when this is all that ever comes, in pieces. */
    private String read(byte[] bytes, int length, int pieces) throws Exception {
        Link link = new Link(Files.createTempDirectory(folder, "run"));
        try (link; YamuxSession session = link.server(YamuxSettings.DEFAULT)) {
            YamuxStream stream = session.open(SOON);
            stream.limit(SOON);
            stream.output().flush();
            link.threads.execute(() -> drain(link));
            OutputStream out = link.far.getOutputStream();
            for (int from = 0; from < length; from += pieces) {
                out.write(bytes, from, Math.min(pieces, length - from));
            }
            link.far.getChannel().shutdownOutput();
            return new String(stream.input().readAllBytes());
        }
    }

    private static void drain(Link link) {
        try {
            link.far.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // Hung up.
        }
    }

    @Test
    void understandsFramesOfAnySizeInAnyPieces() throws Exception {
        for (int size = 1; size <= ANSWER.length(); size += 4) {
            byte[] whole = conversation(size);
            for (int pieces : new int[]{1, 5, 11, 13, whole.length}) {
                assertEquals(ANSWER, read(whole, whole.length, pieces), size + " in " + pieces);
            }
        }
    }

    @Test
    void failsWhereverTheConnectionIsCut() throws Exception {
        byte[] whole = conversation(20);
        for (int end = 0; end < whole.length; end++) {
            int cut = end;
            assertNotNull(assertThrows(IOException.class, () -> read(whole, cut, whole.length), "cut at " + cut));
        }
    }
}
