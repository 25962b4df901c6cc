package dev.secretsengine.core.resolve;

import static dev.secretsengine.core.testing.Samples.await;
import static dev.secretsengine.core.testing.Samples.envelope;
import static dev.secretsengine.core.testing.Samples.isWiped;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.testing.Samples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Of {@link Resolver}: answers that nobody waits for any more. */
@Timeout(20)
class ResolverDeadlineTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Resolver resolver = new Resolver(threads);

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void givesUpOnAPluginThatHangs() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        Source hanging = source("hanging", "**", (pattern, context) -> {
            hang(interrupted);
            return List.of();
        });
        long start = System.nanoTime();
        List<String> found = shown(resolver.resolve(SecretPattern.parse("a"),
                List.of(hanging, answering("p", "**", "a")), RequestContext.of(Duration.ofMillis(500))));
        assertEquals(List.of("p a"), found);
        assertTrue(System.nanoTime() - start < Duration.ofSeconds(5).toNanos());
        assertTrue(interrupted.await(30, TimeUnit.SECONDS), "it is told that nobody waits any more");
        var error = assertThrows(SecretsException.Unavailable.class, () -> resolver.resolve(SecretPattern.parse("a"),
                List.of(hanging), RequestContext.of(Duration.ofMillis(50))));
        assertEquals("the plugin hanging did not answer in time", error.getMessage());
    }

    @Test
    void stopsWhenTheCallerGoesAway() throws Exception {
        Cancellation caller = new Cancellation();
        CountDownLatch asked = new CountDownLatch(2);
        CountDownLatch interrupted = new CountDownLatch(2);
        Source.Call hanging = (pattern, context) -> {
            asked.countDown();
            hang(interrupted);
            return List.of();
        };
        threads.execute(() -> {
            await(asked);
            caller.cancel();
        });
        assertThrows(SecretsException.Unavailable.class,
                () -> resolver.resolve(SecretPattern.parse("a"),
                        List.of(source("p", "**", hanging), source("q", "**", hanging)),
                        RequestContext.of(Duration.ofMinutes(1), caller, Map.of())));
        assertTrue(interrupted.await(30, TimeUnit.SECONDS), "both");
    }

    @Test
    void wipesAnAnswerThatComesTooLate() throws Exception {
        CountDownLatch late = new CountDownLatch(1);
        Cancellation caller = new Cancellation();
        Envelope envelope = envelope("a");
        Source stubborn = source("p", "**", (pattern, context) -> {
            caller.cancel();
            awaitUninterruptibly(late);
            return List.of(envelope);
        });
        assertThrows(SecretsException.Unavailable.class, () -> resolver.resolve(SecretPattern.parse("a"),
                List.of(stubborn), RequestContext.of(Duration.ofMinutes(1), caller, Map.of())));
        late.countDown();
        threads.shutdown();
        assertTrue(threads.awaitTermination(5, TimeUnit.SECONDS));
        assertTrue(isWiped(envelope.value()));
    }

    @Test
    void asksOneThatKeepsTheDeadlineOnTheCallersThreadAndInterruptsItOnlyThen() throws Exception {
        CountDownLatch interrupted = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        AtomicReference<Thread> asker = new AtomicReference<>();
        Cancellation caller = new Cancellation();
        Source own = Source.of("p", "1.0", SecretPattern.parse("**"), (pattern, context) -> {
            asker.set(Thread.currentThread());
            asked.countDown();
            hang(interrupted);
            return List.of();
        }, Source.Manner.HERE);
        threads.execute(() -> {
            await(asked);
            caller.cancel();
        });
        assertThrows(SecretsException.Unavailable.class, () -> resolver.resolve(SecretPattern.parse("a"),
                List.of(own), RequestContext.of(Duration.ofMinutes(1), caller, Map.of())));
        assertEquals(0, interrupted.getCount());
        assertEquals(Thread.currentThread(), asker.get());
        assertFalse(Thread.currentThread().isInterrupted());
    }

    @Test
    void leavesTheCallersThreadAsItIsWhateverAProviderDoesToIt() throws Exception {
        Source rude = Source.of("p", "1.0", SecretPattern.parse("**"), (pattern, context) -> {
            assertFalse(Thread.currentThread().isInterrupted(), "that was not for it");
            Thread.currentThread().interrupt();
            return List.of(envelope("a"));
        }, Source.Manner.HERE);
        for (boolean isInterrupted : List.of(false, true)) {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
            resolver.resolve(SecretPattern.parse("a"), List.of(rude), RequestContext.of(Duration.ofMinutes(1)))
                    .forEach(Envelope::close);
            assertEquals(isInterrupted, Thread.interrupted());
        }
    }

    @Test
    void asksAllBeforeItWaitsAndWaitsLastForThoseThatWorkElsewhere() throws Exception {
        List<String> order = Collections.synchronizedList(new ArrayList<>());
        List<Source> sources = new ArrayList<>();
        for (String name : List.of("p", "q")) {
            sources.add(new Source(name, "1.0", SecretPattern.parse("**"), (pattern, context) -> {
                order.add("asked " + name);
                return () -> {
                    order.add("awaited " + name);
                    return List.of(envelope("a"));
                };
            }, Source.Manner.ELSEWHERE));
        }
        sources.add(Source.of("z", "1.0", SecretPattern.parse("**"), (pattern, context) -> {
            order.add("called z");
            return List.of(envelope("a"));
        }, Source.Manner.HERE));
        assertEquals(List.of("p a", "q a", "z a"),
                shown(resolver.resolve(SecretPattern.parse("a"), sources, RequestContext.of(Duration.ofSeconds(5)))));
        assertEquals(List.of("asked p", "asked q", "called z", "awaited p", "awaited q"), order);
    }

    /** An answer that is longer than the window of its stream comes in only while somebody reads it. */
    @Test
    void readsWhatComesFromElsewhereWhileAStoreTakesAllTheTime() throws Exception {
        CountDownLatch read = new CountDownLatch(1);
        Source elsewhere = new Source("p", "1.0", SecretPattern.parse("**"), (pattern, context) -> () -> {
            read.countDown();
            return List.of(envelope("a"));
        }, Source.Manner.ELSEWHERE);
        Source prompting = Source.of("store", "1.0", SecretPattern.parse("**"), (pattern, context) -> {
            await(read);
            throw new SecretsException.Unavailable("store", "nobody has answered the prompt", "");
        }, Source.Manner.HERE);
        assertEquals(List.of("p a"), shown(resolver.resolve(SecretPattern.parse("a"), List.of(elsewhere, prompting),
                RequestContext.of(Duration.ofSeconds(10)))));
    }

    @Test
    void answersWhenTheEngineIsEnding() {
        threads.shutdownNow();
        assertThrows(SecretsException.Unavailable.class, () -> resolver.resolve(SecretPattern.parse("a"),
                List.of(answering("p", "**", "a")), RequestContext.of(Duration.ofSeconds(5))));
    }

    @Test
    void passesOverOneThatCannotBeAsked() throws Exception {
        Source mute = new Source("p", "1.0", SecretPattern.parse("**"), (pattern, context) -> {
            throw new SecretsException.Unavailable("p", "the plugin p has gone", "");
        }, Source.Manner.ELSEWHERE);
        assertEquals(List.of("q a"), shown(resolver.resolve(SecretPattern.parse("a"),
                List.of(mute, answering("q", "**", "a")), RequestContext.of(Duration.ofSeconds(5)))));
    }

    /** Answers race the deadline here: each is handed out or wiped, whichever comes first. */
    @Test
    void losesNoAnswerAtTheDeadline() throws Exception {
        List<Envelope> made = Collections.synchronizedList(new ArrayList<>());
        List<Envelope> handedOut = new ArrayList<>();
        int tooLate = 0;
        for (int i = 0; i < 400; i++) {
            long deadline = System.nanoTime() + 2_000_000;
            Source racing = source("p", "**", (pattern, context) -> {
                while (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                }
                Envelope envelope = envelope("a");
                made.add(envelope);
                return List.of(envelope);
            });
            try {
                handedOut.addAll(resolver.resolve(SecretPattern.parse("a"), List.of(racing),
                        RequestContext.of(Duration.ofNanos(deadline - System.nanoTime()))));
            } catch (SecretsException.Unavailable e) {
                tooLate++;
            }
        }
        threads.shutdown();
        assertTrue(threads.awaitTermination(5, TimeUnit.SECONDS));
        long open = made.stream().filter(envelope -> !isWiped(envelope.value())).count();
        assertEquals(handedOut.size(), open);
        assertEquals(400, handedOut.size() + tooLate);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        while (latch.getCount() > 0) {
            try {
                latch.await();
            } catch (InterruptedException e) {
                // A plugin that does not listen.
                continue;
            }
        }
    }

    @Test
    void tellsAPluginThatGoesOnLongAfterItsTimeWasUp() throws Exception {
        CountDownLatch overdue = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        Source deaf = new Source("deaf", "1.0", SecretPattern.parse("**"), new Source.Lookup() {

            @Override
            public Source.Pending begin(SecretPattern pattern, RequestContext context) {
                return () -> {
                    awaitUninterruptibly(end);
                    return List.of();
                };
            }

            @Override
            public void overdue() {
                overdue.countDown();
            }
        }, Source.Manner.APART);
        assertThrows(SecretsException.Unavailable.class, () -> resolver.resolve(SecretPattern.parse("a"),
                List.of(deaf), RequestContext.of(Duration.ofMillis(50))));
        assertTrue(overdue.await(15, TimeUnit.SECONDS));
        end.countDown();
    }

    private static void hang(CountDownLatch interrupted) {
        try {
            Thread.sleep(Duration.ofMinutes(5));
        } catch (InterruptedException e) {
            interrupted.countDown();
        }
    }

    private static List<String> shown(List<Envelope> envelopes) {
        envelopes.forEach(Envelope::close);
        return envelopes.stream().map(envelope -> envelope.provider() + " " + envelope.id()).toList();
    }

    private static Source source(String name, String pattern, Source.Call lookup) {
        return Source.of(name, "1.0", SecretPattern.parse(pattern), lookup, Source.Manner.APART);
    }

    private static Source answering(String name, String pattern, String... ids) {
        return source(name, pattern,
                (asked, context) -> Arrays.stream(ids).map(Samples::envelope).toList());
    }
}
