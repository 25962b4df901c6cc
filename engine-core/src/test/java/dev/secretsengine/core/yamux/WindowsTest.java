package dev.secretsengine.core.yamux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a peer can make us hold. */
@Timeout(60)
class WindowsTest {

    private static final int STREAMS = 256;

    @TempDir
    Path folder;

    @Test
    void holdsNoMoreThanTheWindowsSay() throws Exception {
        Link link = new Link(folder);
        try (link; YamuxSession session = link.server(YamuxSettings.DEFAULT)) {
            RawPeer peer = new RawPeer(link.far);
            OutputStream out = new BufferedOutputStream(link.far.getOutputStream(), 60_000);
            for (int i = 0; i < STREAMS; i++) {
                fill(out, 2 * i + 1, i == 0 ? 1 : 1 + 977 * i % 65_000);
            }
            out.write(RawPeer.frame(Frame.WINDOW, Frame.SYN, 2 * STREAMS + 1, 0));
            out.flush();
            peer.expect(Frame.WINDOW, Frame.RST, 2 * STREAMS + 1, 0);
            link.threads.execute(() -> drain(link));
            List<YamuxStream> streams = new ArrayList<>();
            for (int i = 0; i < STREAMS; i++) {
                YamuxStream stream = session.accept();
                assertNotNull(stream);
                streams.add(stream);
                assertEquals(Frame.WINDOW_SIZE, stream.input().available());
                assertTrue(stream.inbound().capacity() <= Frame.WINDOW_SIZE);
            }
            for (YamuxStream stream : streams) {
                stream.close();
                assertEquals(0, stream.inbound().capacity(), "closed, and forgotten");
            }
        }
    }

    /** A Unix socket takes but a few hundred small writes that nobody reads. */
    private static void drain(Link link) {
        try {
            link.far.getInputStream().transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            // The test is over.
        }
    }

    /** A whole window in frames of this size. */
    private static void fill(OutputStream out, int stream, int size) throws IOException {
        int flags = Frame.SYN;
        for (int left = Frame.WINDOW_SIZE; left > 0; left -= size) {
            int length = Math.min(left, size);
            out.write(RawPeer.frame(Frame.DATA, flags, stream, length));
            out.write(new byte[length]);
            flags = 0;
        }
    }
}
