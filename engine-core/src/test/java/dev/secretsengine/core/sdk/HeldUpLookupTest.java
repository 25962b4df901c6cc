package dev.secretsengine.core.sdk;

import static dev.secretsengine.core.testing.RawClient.JSON;
import static dev.secretsengine.core.testing.RawClient.post;
import static dev.secretsengine.core.testing.Samples.envelope;
import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.RawClient.Reply;
import dev.secretsengine.core.testing.Samples;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lookups that hold the thread of their connection up in the code of a bundle that was quick before. */
@Timeout(60)
class HeldUpLookupTest {

    @TempDir
    Path folder;

    private final CountDownLatch end = new CountDownLatch(1);
    private final CountDownLatch interrupted = new CountDownLatch(1);
    private final BlockingQueue<Thread> askers = new LinkedBlockingQueue<>();
    private final BlockingQueue<Envelope> answers = new LinkedBlockingQueue<>();
    private SdkEngine engine;
    private RawClient client;

    /** Answers by what the last component says. */
    private final class Moody implements SecretsProvider {

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            askers.add(Thread.currentThread());
            String mood = pattern.asId().orElseThrow().components().getLast();
            if (mood.equals("deaf")) {
                hangDeaf();
            } else if (mood.equals("hang")) {
                hang();
            } else if (mood.startsWith("ms-")) {
                LockSupport.parkNanos(Long.parseLong(mood.substring(3)) * 1_000_000);
            }
            Envelope answer = envelope(pattern.toString());
            answers.add(answer);
            return List.of(answer);
        }

        private void hangDeaf() {
            while (end.getCount() > 0) {
                hang();
            }
        }

        private void hang() {
            try {
                end.await();
            } catch (InterruptedException e) {
                interrupted.countDown();
            }
        }
    }

    @BeforeEach
    void start() throws IOException {
        engine = new SdkEngine(folder, new Moody());
        client = engine.connect();
    }

    @AfterEach
    void stop() throws IOException {
        end.countDown();
        client.close();
        engine.close();
    }

    private static byte[] asking(String id, String... headers) {
        return post("/resolver.v1.ResolverService/GetSecrets", JSON, ("{\"pattern\":\"" + id + "\"}").getBytes(UTF_8),
                headers);
    }

    private static void answersBy(String provider, String id, Reply reply) {
        String value = Base64.getEncoder().encodeToString(id.getBytes(UTF_8));
        assertTrue(reply.line().startsWith("200 {\"envelopes\":[{\"id\":\"" + id + "\",\"value\":\"" + value
                + "\",\"provider\":\"" + provider + "\""), reply.line());
        assertEquals(1, reply.text().split("\"id\"").length - 1);
    }

    private void keep(String id) throws Exception {
        try (SecretValue value = SecretValue.wrap(id.getBytes(UTF_8))) {
            engine.store.set(SecretId.parse(id), value, Map.of(), within(5));
        }
    }

    private Thread askQuickly() throws Exception {
        answersBy("vault", "vault/a", client.call(asking("vault/a")));
        return askers.take();
    }

    /** The first answers of a plugin are waited for on threads of their own. */
    private Thread warmUp() throws Exception {
        Thread last = askQuickly();
        Thread next = askQuickly();
        while (!next.equals(last)) {
            last = next;
            next = askQuickly();
        }
        return next;
    }

    @Test
    void isAskedOnTheThreadOfTheConnectionOnceItIsKnownToBeQuick() throws Exception {
        Thread asker = warmUp();
        for (int i = 0; i < 20; i++) {
            assertEquals(asker, askQuickly());
        }
    }

    @Test
    void leavesAPluginBehindThatNeverAnswersAndGoesOn() throws Exception {
        keep("vault/deaf");
        Thread lost = warmUp();
        client.send(asking("vault/deaf", "Connect-Timeout-Ms: 1500"));
        client.send(asking("vault/a"));
        answersBy("docker-pass", "vault/deaf", client.read());
        answersBy("vault", "vault/a", client.read());
        assertEquals(lost, askers.take());
        for (int i = 0; i < 5; i++) {
            askQuickly();
        }
        answers.clear();
        end.countDown();
        Envelope late = answers.poll(5, TimeUnit.SECONDS);
        assertNotNull(late);
        while (!Samples.isWiped(late.value())) {
            Thread.sleep(5);
        }
        askQuickly();
    }

    @Test
    void failsInTimeWhereNobodyElseAnswers() throws Exception {
        warmUp();
        Reply reply = client.call(asking("vault/deaf", "Connect-Timeout-Ms: 500"));
        assertTrue(reply.line().startsWith("504 {\"code\":\"deadline_exceeded\""), reply.line());
        askQuickly();
    }

    @Test
    void isToldWhenItsCallerHasGone() throws Exception {
        warmUp();
        client.send(asking("vault/hang"));
        assertNotNull(askers.poll(5, TimeUnit.SECONDS));
        client.close();
        assertTrue(interrupted.await(5, TimeUnit.SECONDS));
    }

    @Test
    void closesAConnectionThatWasTakenOver() throws Exception {
        warmUp();
        answersBy("vault", "vault/ms-80", client.call(asking("vault/ms-80", "Connection: close")));
        assertTrue(client.isHungUpOn());
    }

    /** Around the moment in which another thread takes over: each request gets its own answer, once. */
    @Test
    void answersEveryRequestOnceWhoeverIsFirst() throws Exception {
        List<Future<?>> callers = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (int caller = 0; caller < 4; caller++) {
                Random random = new Random(caller);
                callers.add(threads.submit(() -> {
                    try (RawClient own = engine.connect()) {
                        for (int i = 0; i < 60; i++) {
                            String id = "vault/" + i + "/" + (i % 2 == 0 ? "a" : "ms-" + (15 + random.nextInt(30)));
                            answersBy("vault", id, own.call(asking(id)));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> caller : callers) {
                caller.get();
            }
        }
        while (!answers.stream().allMatch(answer -> Samples.isWiped(answer.value()))) {
            Thread.sleep(5);
        }
    }
}
