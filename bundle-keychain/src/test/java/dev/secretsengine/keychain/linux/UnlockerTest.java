package dev.secretsengine.keychain.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.freedesktop.dbus.DBusPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many prompts a user sees, and for whom an answer counts. */
@Timeout(60)
class UnlockerTest {

    private static final List<DBusPath> COLLECTION = List.of(new DBusPath("/collection"));

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger prompts = new AtomicInteger();
    private final CountDownLatch shown = new CountDownLatch(1);
    private final CompletableFuture<Boolean> answer = new CompletableFuture<>();
    private final Unlocker unlocker = new Unlocker();

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    /** Shows a prompt until it is answered, or until nothing waits for it. */
    private void prompt(List<DBusPath> paths, RequestContext context) throws BusException {
        prompts.incrementAndGet();
        shown.countDown();
        while (!answer.isDone()) {
            if (context.isOver()) {
                throw BusException.slow();
            }
            Thread.onSpinWait();
        }
        if (!answer.join()) {
            throw BusException.dismissed("unlock prompt");
        }
    }

    private Future<?> unlock(RequestContext context) {
        return threads.submit(() -> {
            unlocker.unlock(COLLECTION, context, this::prompt, true);
            return null;
        });
    }

    private static RequestContext request() {
        return RequestContext.of(Duration.ofSeconds(50), new Cancellation(), Map.of());
    }

    private static BusException.Kind failure(Future<?> request) {
        Throwable cause = assertThrows(ExecutionException.class, request::get).getCause();
        return ((BusException) cause).kind();
    }

    @Test
    void showsOnePromptToManyRequests() throws Exception {
        List<Future<?>> requests = List.of(unlock(request()), unlock(request()), unlock(request()));
        shown.await();
        answer.complete(true);
        for (Future<?> request : requests) {
            request.get();
        }
        // A request that came late asked once more, and found the keychain unlocked.
        assertTrue(prompts.get() <= requests.size());
    }

    @Test
    void oneRefusalEndsAllThatWait() throws Exception {
        Future<?> first = unlock(request());
        shown.await();
        RequestContext second = request();
        Future<?> waiting = unlock(second);
        while (unlocker.waiting() < 2) {
            Thread.onSpinWait();
        }
        answer.complete(false);
        assertEquals(BusException.Kind.DISMISSED, failure(first));
        assertEquals(BusException.Kind.DISMISSED, failure(waiting));
        assertEquals(1, prompts.get());
        assertEquals(BusException.Kind.DISMISSED, failure(unlock(second)), "the rest of the same request");
        assertEquals(1, prompts.get());
        assertEquals(BusException.Kind.DISMISSED, failure(unlock(request())));
        assertEquals(2, prompts.get(), "another request asks again");
    }

    @Test
    void goesOnForTheOthersWhenOneCallerLeaves() throws Exception {
        Cancellation gone = new Cancellation();
        Future<?> leaving = unlock(RequestContext.of(Duration.ofSeconds(50), gone, Map.of()));
        shown.await();
        Future<?> staying = unlock(request());
        while (unlocker.waiting() < 2) {
            Thread.onSpinWait();
        }
        gone.cancel();
        assertEquals(BusException.Kind.SLOW, failure(leaving));
        answer.complete(true);
        staying.get();
        assertEquals(1, prompts.get());
    }

    @Test
    void endsThePromptWithItsLastCaller() throws Exception {
        Cancellation gone = new Cancellation();
        CountDownLatch ended = new CountDownLatch(1);
        Future<?> leaving = threads.submit(() -> {
            unlocker.unlock(COLLECTION, RequestContext.of(Duration.ofSeconds(50), gone, Map.of()), (paths, context) -> {
                try {
                    prompt(paths, context);
                } finally {
                    ended.countDown();
                }
            }, true);
            return null;
        });
        shown.await();
        gone.cancel();
        assertEquals(BusException.Kind.SLOW, failure(leaving));
        ended.await();
        answer.complete(true);
        unlock(request()).get();
        assertEquals(2, prompts.get());
    }

    @Test
    void letsAPromptStandForLaterCallers() throws Exception {
        Cancellation gone = new Cancellation();
        RequestContext leaving = RequestContext.of(Duration.ofSeconds(50), gone, Map.of());
        Future<?> first = threads.submit(() -> {
            unlocker.unlock(COLLECTION, leaving, this::prompt, false);
            return null;
        });
        shown.await();
        gone.cancel();
        assertEquals(BusException.Kind.SLOW, failure(first));
        Future<?> second = unlock(request());
        while (unlocker.waiting() < 1) {
            Thread.onSpinWait();
        }
        answer.complete(true);
        second.get();
        assertEquals(1, prompts.get());
    }

    @Test
    void unlocksWhatTheSharedAttemptDidNot() throws Exception {
        Future<?> first = unlock(request());
        shown.await();
        CompletableFuture<List<DBusPath>> asked = new CompletableFuture<>();
        List<DBusPath> more = List.of(new DBusPath("/collection"), new DBusPath("/item"));
        Future<?> second = threads.submit(() -> {
            unlocker.unlock(more, request(), (paths, context) -> asked.complete(paths), true);
            return null;
        });
        while (unlocker.waiting() < 2) {
            Thread.onSpinWait();
        }
        answer.complete(true);
        first.get();
        second.get();
        assertEquals(more, asked.join());
    }
}
