package dev.secretsengine.core.watch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class PatrolTest {

    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

    private void look(String entry) {
        seen.add(entry);
        if (entry.equals("bad")) {
            throw new IllegalStateException("of the test");
        }
    }

    private boolean seesSoon(String entry) throws InterruptedException {
        String next = seen.poll(5, TimeUnit.SECONDS);
        while (next != null && !next.equals(entry)) {
            next = seen.poll(5, TimeUnit.SECONDS);
        }
        return next != null;
    }

    @Test
    void looksAgainAndAgainUntilNothingIsLeft() throws Exception {
        try (Patrol<String> patrol = new Patrol<>("test", Duration.ofMillis(5), this::look)) {
            for (int i = 0; i < 3; i++) {
                patrol.add("a");
                assertTrue(seesSoon("a") && seesSoon("a"));
                assertTrue(patrol.remove("a"));
                assertFalse(patrol.remove("a"));
                assertTrue(patrol.isEmpty());
            }
        }
    }

    @Test
    void beginsWithTheNextEntryIfThereIsNoThreadForTheFirst() throws Exception {
        AtomicInteger starts = new AtomicInteger();
        try (Patrol<String> patrol = new Patrol<>(Duration.ofMillis(5), this::look, run -> new Thread(run) {

            @Override
            public void start() {
                if (starts.getAndIncrement() == 0) {
                    throw new OutOfMemoryError("no thread for the test");
                }
                super.start();
            }
        })) {
            assertThrows(OutOfMemoryError.class, () -> patrol.add("a"));
            assertTrue(patrol.isEmpty());
            patrol.add("b");
            assertTrue(seesSoon("b"));
        }
    }

    @Test
    void goesOnBehindALookThatFails() throws Exception {
        try (Patrol<String> patrol = new Patrol<>("test", Duration.ofMillis(5), this::look)) {
            patrol.add("bad");
            assertTrue(seesSoon("bad"));
            patrol.add("good");
            assertTrue(seesSoon("good"));
            assertNotNull(seen.poll(5, TimeUnit.SECONDS));
        }
    }
}
