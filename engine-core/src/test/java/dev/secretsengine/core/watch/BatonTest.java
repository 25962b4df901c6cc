package dev.secretsengine.core.watch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class BatonTest {

    private final Baton baton = new Baton("test");

    @AfterEach
    void stop() {
        baton.close();
    }

    @Test
    void isKeptByWhoeverIsQuick() {
        AtomicInteger done = new AtomicInteger();
        for (int i = 0; i < 100; i++) {
            baton.expose(done::incrementAndGet, () -> done.addAndGet(1000));
        }
        assertEquals(100, done.get());
    }

    @Test
    void isTakenFromWhoeverIsHeldUp() throws Exception {
        CompletableFuture<Thread> next = new CompletableFuture<>();
        assertThrows(PassedOn.class, () -> baton.expose(next::join, () -> next.complete(Thread.currentThread())));
        assertNotEquals(Thread.currentThread(), next.get(5, TimeUnit.SECONDS));
    }

    @Test
    void isGoneForGoodWhateverTheWorkThrows() {
        CompletableFuture<Thread> next = new CompletableFuture<>();
        assertThrows(PassedOn.class, () -> baton.expose(() -> {
            next.join();
            throw new IllegalStateException("of the test");
        }, () -> next.complete(Thread.currentThread())));
        try (Baton untaken = new Baton("test", work -> {
            throw new OutOfMemoryError("no thread for the test");
        })) {
            assertThrows(IllegalStateException.class, () -> untaken.expose(() -> {
                throw new IllegalStateException("of the test");
            }, () -> next.complete(Thread.currentThread())));
        }
    }

    @Test
    void isTakenAsSoonAsThereIsAThreadForIt() {
        AtomicInteger asked = new AtomicInteger();
        CompletableFuture<Thread> next = new CompletableFuture<>();
        try (Baton poor = new Baton("test", work -> {
            if (asked.incrementAndGet() < 3) {
                throw new OutOfMemoryError("no thread for the test");
            }
            return new Thread(work);
        })) {
            assertThrows(PassedOn.class, () -> poor.expose(next::join, () -> next.complete(Thread.currentThread())));
        }
    }

    /** Work that ends just when it would be taken: one goes on, never both, never nobody. */
    @Test
    void belongsToOneOfBoth() {
        for (int i = 0; i < 60; i++) {
            long end = System.nanoTime() + 19_000_000 + i * 400_000L;
            CompletableFuture<String> winner = new CompletableFuture<>();
            AtomicInteger winners = new AtomicInteger();
            try {
                baton.expose(() -> LockSupport.parkNanos(end - System.nanoTime()), () -> {
                    winners.incrementAndGet();
                    winner.complete("next");
                });
                winners.incrementAndGet();
                winner.complete("first");
            } catch (PassedOn e) {
                assertEquals("next", winner.join());
            }
            assertTrue(winner.isDone());
            assertEquals(1, winners.get());
        }
    }
}
