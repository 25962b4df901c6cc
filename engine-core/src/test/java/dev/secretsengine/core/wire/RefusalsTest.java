package dev.secretsengine.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RefusalsTest {

    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    @Test
    void tellsTheFirstAtOnceAndTheRestByTheirNumber() {
        try (Refusals refusals = new Refusals(Duration.ofMinutes(1), lines::add)) {
            for (int i = 0; i < 10_000; i++) {
                refusals.add(new Peer(65534, 100 + i), Admission.FOREIGN);
            }
            refusals.add(new Peer(1001, 5), Admission.FOREIGN);
            assertEquals(List.of("refused a connection of uid 65534 (pid 100): it is another user's",
                    "refused a connection of uid 1001 (pid 5): it is another user's"), List.copyOf(lines));
            lines.clear();
        }
        assertEquals(List.of("refused 9999 more connections of uid 65534 within 60 s: it is another user's"),
                List.copyOf(lines));
    }

    @Test
    void tellsTheNumberAtTheEndOfAPeriod() throws Exception {
        try (Refusals refusals = new Refusals(Duration.ofMillis(20), lines::add)) {
            Peer peer = new Peer(65534, 100);
            refusals.add(peer, Admission.FOREIGN);
            refusals.add(peer, "it runs in a container");
            assertEquals("refused a connection of uid 65534 (pid 100): it is another user's", lines.take());
            assertEquals("refused 1 more connections of uid 65534 within 0 s: it runs in a container", lines.take());
        }
    }

    @Test
    void hasNoMoreLinesForMoreUsers() {
        try (Refusals refusals = new Refusals(Duration.ofMinutes(1), lines::add)) {
            for (int i = 0; i < 1000; i++) {
                refusals.add(new Peer(100_000 + i, 5), Admission.FOREIGN);
            }
        }
        assertTrue(lines.size() < 30, lines::toString);
        assertTrue(lines.contains("refused 979 more connections of other users within 60 s: it is another user's"),
                lines::toString);
    }
}
