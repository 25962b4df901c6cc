package dev.secretsengine.kit.remote;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RemoteCacheTest {

    private static final Duration LONG = Duration.ofMinutes(5);

    private final ExecutorService pool = Executors.newCachedThreadPool();
    private final AtomicInteger calls = new AtomicInteger();
    private final List<Answer> answers = new ArrayList<>();

    /** A text that is replaced when it is closed. */
    private static final class Answer implements RemoteCache.Remembered {

        private final int weight;
        private final AtomicBoolean wiped = new AtomicBoolean();

        Answer(int weight) {
            this.weight = weight;
        }

        @Override
        public int weight() {
            return weight;
        }

        @Override
        public void close() {
            assertFalse(wiped.getAndSet(true), "closed once");
        }
    }

    @AfterEach
    void end() {
        pool.shutdownNow();
    }

    private static RemoteCache<String, Answer> cache(Duration keep, int entries, long bytes) {
        return new RemoteCache<>("test", new Limits(keep, keep, entries, bytes, Duration.ofSeconds(30)));
    }

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(20));
    }

    private synchronized Answer made(int weight) {
        calls.incrementAndGet();
        Answer answer = new Answer(weight);
        answers.add(answer);
        return answer;
    }

    private RemoteCache.Used<Boolean> ask(RemoteCache<String, Answer> cache, String key) throws SecretsException {
        return cache.get(key, LONG, context(), call -> made(10), answer -> !answer.wiped.get());
    }

    private static void eventually(Callable<Boolean> condition) throws Exception {
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.call() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        assertTrue(condition.call());
    }

    @Test
    void equalQuestionsInFlightShareOneCall() throws Exception {
        RemoteCache<String, Answer> cache = cache(Duration.ZERO, 10, 1000);
        CountDownLatch all = new CountDownLatch(1);
        List<Future<RemoteCache.Used<Boolean>>> waiting = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            waiting.add(pool.submit(() -> cache.get("a", LONG, context(), call -> {
                awaitQuietly(all);
                return made(10);
            }, answer -> !answer.wiped.get())));
        }
        eventually(() -> waiters(cache) == 16);
        all.countDown();
        for (Future<RemoteCache.Used<Boolean>> one : waiting) {
            assertTrue(one.get().result(), "whole while it is used");
            assertFalse(one.get().remembered());
        }
        assertEquals(1, calls.get());
        assertTrue(answers.getFirst().wiped.get(), "wiped when the last one is done");
        assertEquals(2, ask(cache, "a").result() ? calls.get() : 0, "nothing is kept by default");
    }

    /** How many threads wait in the cache. */
    private static long waiters(RemoteCache<String, Answer> cache) {
        return Thread.getAllStackTraces().values().stream().filter(stack -> List.of(stack).stream().anyMatch(
                frame -> frame.getClassName().equals(RemoteCache.class.getName())
                        && frame.getMethodName().equals("await")))
                .count();
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            assertTrue(latch.await(20, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void oneWaiterGoesAndTheOthersGetTheirAnswer() throws Exception {
        RemoteCache<String, Answer> cache = cache(Duration.ZERO, 10, 1000);
        CountDownLatch proceed = new CountDownLatch(1);
        AtomicReference<RequestContext> shared = new AtomicReference<>();
        RemoteCache.Call<Answer> slow = call -> {
            shared.set(call);
            awaitQuietly(proceed);
            return made(10);
        };
        Cancellation gone = new Cancellation();
        Future<?> leaving = pool.submit(() -> cache.get("a", LONG,
                RequestContext.of(Duration.ofSeconds(20), gone, Map.of()), slow, answer -> true));
        Future<RemoteCache.Used<Boolean>> staying = pool
                .submit(() -> cache.get("a", LONG, context(), slow, answer -> true));
        eventually(() -> waiters(cache) == 2);
        assertThrows(SecretsException.Unavailable.class, () -> cache.get("a", LONG,
                RequestContext.of(Duration.ofMillis(50)), slow, answer -> true), "its own deadline");
        gone.cancel();
        assertInstanceOf(SecretsException.Unavailable.class,
                assertThrows(ExecutionException.class, leaving::get).getCause());
        assertFalse(shared.get().isOver(), "the call goes on");
        proceed.countDown();
        assertTrue(staying.get().result());
        assertEquals(1, calls.get());
    }

    @Test
    void theCallIsCancelledWhenTheLastWaiterHasGoneAndNobodyJoinsIt() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        CountDownLatch proceed = new CountDownLatch(1);
        AtomicReference<RequestContext> shared = new AtomicReference<>();
        assertThrows(SecretsException.Unavailable.class,
                () -> cache.get("a", LONG, RequestContext.of(Duration.ofMillis(50)), call -> {
                    shared.set(call);
                    awaitQuietly(proceed);
                    return made(10);
                }, answer -> true));
        eventually(() -> shared.get() != null && shared.get().cancellation().isCancelled());
        assertFalse(ask(cache, "a").remembered(), "a call of its own");
        proceed.countDown();
        eventually(() -> calls.get() == 2 && answers.stream().anyMatch(answer -> answer.wiped.get()));
        assertTrue(ask(cache, "a").remembered());
        assertEquals(2, calls.get());
    }

    @Test
    void whoeverIsTooLateStartsNothing() {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        assertThrows(SecretsException.Unavailable.class,
                () -> cache.get("a", LONG, RequestContext.of(Duration.ZERO), call -> made(1), answer -> true));
        assertEquals(0, calls.get());
    }

    @Test
    void anAnswerIsRememberedForItsTimeAndWipedUnasked() throws Exception {
        RemoteCache<String, Answer> cache = cache(Duration.ofMillis(300), 10, 1000);
        assertFalse(ask(cache, "a").remembered());
        assertFalse(answers.getFirst().wiped.get());
        eventually(answers.getFirst().wiped::get);
        assertFalse(ask(cache, "a").remembered());
        assertEquals(2, calls.get());
    }

    @Test
    void anAnswerThatIsTooOldForTheQuestionIsAskedForAgain() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        ask(cache, "a");
        assertTrue(ask(cache, "a").remembered());
        assertFalse(cache.get("a", Duration.ZERO, context(), call -> made(10), answer -> true).remembered());
        assertTrue(answers.getFirst().wiped.get(), "the old one");
        assertFalse(answers.getLast().wiped.get(), "the new one");
    }

    @Test
    void theEldestGoesWhenThereAreTooManyOrTheyAreTooLarge() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 2, 25);
        ask(cache, "a");
        ask(cache, "b");
        assertTrue(ask(cache, "a").remembered());
        ask(cache, "c");
        assertEquals(List.of(false, true, false), answers.stream().map(answer -> answer.wiped.get()).toList());
        cache.get("d", LONG, context(), call -> made(20), answer -> true);
        assertEquals(List.of(true, true, true, false), answers.stream().map(answer -> answer.wiped.get()).toList());
        cache.get("e", LONG, context(), call -> made(26), answer -> true);
        assertTrue(answers.getLast().wiped.get(), "larger than all that is kept");
        assertTrue(ask(cache, "d").remembered());
    }

    @Test
    void forgettingWipesAndDoesNotKeepWhatIsOnItsWay() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        ask(cache, "a");
        CountDownLatch proceed = new CountDownLatch(1);
        Future<RemoteCache.Used<Boolean>> waiting = pool.submit(() -> cache.get("b", LONG, context(), call -> {
            awaitQuietly(proceed);
            return made(10);
        }, answer -> !answer.wiped.get()));
        eventually(() -> waiters(cache) == 1);
        cache.forget();
        assertTrue(answers.getFirst().wiped.get());
        proceed.countDown();
        assertTrue(waiting.get().result(), "the waiter gets its answer");
        assertFalse(ask(cache, "b").remembered());
        assertFalse(ask(cache, "a").remembered());
    }

    @Test
    void anAnswerInUseIsWipedOnlyAfterwards() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        ask(cache, "a");
        assertTrue(cache.get("a", LONG, context(), call -> made(10), answer -> {
            cache.forget();
            return !answer.wiped.get();
        }).result());
        assertTrue(answers.getFirst().wiped.get());
    }

    @Test
    void aMissIsRememberedAndAFailureIsNot() throws Exception {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        for (int i = 0; i < 3; i++) {
            assertThrows(SecretsException.NotFound.class, () -> cache.get("a", LONG, context(), call -> {
                calls.incrementAndGet();
                throw new SecretsException.NotFound("a", "it is not there", "");
            }, answer -> true));
        }
        assertEquals(1, calls.get());
        SecretsException failure = new SecretsException.Unavailable("a", "it is away", "");
        for (int i = 0; i < 2; i++) {
            assertSame(failure, assertThrows(SecretsException.class, () -> cache.get("b", LONG, context(), call -> {
                calls.incrementAndGet();
                throw failure;
            }, answer -> true)));
        }
        assertEquals(3, calls.get());
    }

    @Test
    void whatACallThrowsIsToldWithoutItsMessage() {
        RemoteCache<String, Answer> cache = cache(LONG, 10, 1000);
        SecretsException failure = assertThrows(SecretsException.Failed.class, () -> cache.get("a", LONG, context(),
                call -> {
                    throw new IllegalStateException("pw-1");
                }, answer -> true));
        assertFalse(failure.advice().contains("pw-1"));
    }

    @Test
    void afterCloseNothingIsAskedAndNoThreadIsLeft() throws Exception {
        RemoteCache<String, Answer> cache = new RemoteCache<>("ended",
                new Limits(LONG, LONG, 10, 1000, Duration.ofSeconds(30)));
        ask(cache, "a");
        Future<?> waiting = pool.submit(() -> cache.get("b", LONG, context(), call -> {
            while (!call.isOver()) {
                Thread.onSpinWait();
            }
            throw new SecretsException.Unavailable("b", "cancelled", "");
        }, answer -> true));
        eventually(() -> waiters(cache) == 1);
        cache.close();
        assertThrows(ExecutionException.class, waiting::get);
        assertThrows(SecretsException.Unavailable.class, () -> ask(cache, "a"));
        eventually(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().startsWith("ended-")));
    }
}
