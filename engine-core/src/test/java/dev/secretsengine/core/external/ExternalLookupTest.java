package dev.secretsengine.core.external;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.core.testing.FakePlugin;
import dev.secretsengine.core.testing.FakePlugin.Result;
import dev.secretsengine.core.testing.RawClient;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What becomes of a plugin's answers. */
@Timeout(30)
class ExternalLookupTest {

    private static final String CANARY = "canary-value";

    @TempDir
    Path folder;

    private SdkEngine engine;
    private FakePlugin plugin;

    @BeforeEach
    void start() throws Exception {
        engine = new SdkEngine(folder);
        plugin = engine.plugin(ExternalLookupTest::answer);
        assertTrue(plugin.register("ext", "v1.0.0", "ext/**").startsWith("200"));
        while (engine.row("ext").isEmpty()) {
            Thread.sleep(5);
        }
    }

    @AfterEach
    void stop() throws IOException {
        plugin.close();
        engine.close();
    }

    private static Result answer(String pattern) throws InterruptedException {
        String kind = pattern.substring("ext/".length());
        return switch (kind) {
            case "hang" -> {
                Thread.sleep(60_000);
                yield FakePlugin.found(pattern, CANARY);
            }
            case "foreign" -> FakePlugin.found("other/a", CANARY);
            case "unasked" -> FakePlugin.found("ext/other", CANARY);
            case "odd-id" -> FakePlugin.found("ext//a", CANARY);
            case "big" -> FakePlugin.found(pattern, "x".repeat(SecretValue.MAX_LENGTH));
            case "too-big" -> FakePlugin.found(pattern, "x".repeat(SecretValue.MAX_LENGTH + 1));
            case "none" -> new Result(200, RawClient.PROTO, new byte[0]);
            case "garbage" -> new Result(200, RawClient.PROTO, ("\n\377\377" + CANARY).getBytes(UTF_8));
            case "html" -> new Result(200, "text/html", CANARY.getBytes(UTF_8));
            case "teapot" -> new Result(418, "text/html", CANARY.getBytes(UTF_8));
            case "redirect" -> new Result(302, "text/html", CANARY.getBytes(UTF_8));
            default -> kind.startsWith("code-")
                    ? FakePlugin.error(ConnectCode.of(kind.substring(5).replace('-', '_')), CANARY)
                    : FakePlugin.found(pattern, CANARY);
        };
    }

    @Test
    void handsOnWhatItAnsweredUnderItsOwnName() throws Exception {
        List<Envelope> found = engine.engine().resolve(SecretPattern.parse("ext/a"),
                RequestContext.of(Duration.ofSeconds(5)));
        Envelope envelope = found.get(0);
        assertEquals(1, found.size());
        assertEquals("ext", envelope.provider());
        assertEquals("7", envelope.version());
        assertEquals(Map.of("k", "v"), envelope.metadata());
        assertEquals(CANARY, new String(envelope.value().copyBytes(), UTF_8));
        assertNotNull(envelope.resolvedAt());
        envelope.close();
    }

    @ParameterizedTest
    @CsvSource({"none", "foreign", "unasked", "code-not-found"})
    void findsNothing(String kind) {
        assertThrows(SecretsException.NotFound.class, () -> engine.resolve("ext/" + kind));
    }

    @ParameterizedTest
    @CsvSource({"code-permission-denied, Denied", "code-unauthenticated, Denied", "code-unavailable, Unavailable",
            "code-deadline-exceeded, Unavailable", "code-internal, Failed", "code-unknown, Failed",
            "code-unimplemented, Failed", "code-invalid-argument, Failed", "odd-id, Failed", "too-big, Failed",
            "garbage, Unavailable", "html, Unavailable", "teapot, Failed", "redirect, Failed"})
    void failsWithoutThePluginsOwnWords(String kind, String expected) {
        SecretsException error = assertThrows(SecretsException.class, () -> engine.resolve("ext/" + kind));
        assertEquals(expected, error.getClass().getSimpleName());
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            assertFalse(String.valueOf(cause.getMessage()).contains(CANARY), cause::toString);
        }
        assertTrue(error.advice().contains("ext"), error.advice());
    }

    @Test
    void takesAValueOfAMebibyte() throws Exception {
        assertEquals(List.of("ext ext/big"), engine.resolve("ext/big"));
    }

    @Test
    void doesNotWaitLongerThanItsCaller() throws Exception {
        long begin = System.nanoTime();
        assertThrows(SecretsException.Unavailable.class, () -> engine.engine().resolve(SecretPattern.parse("ext/hang"),
                RequestContext.of(Duration.ofMillis(300))));
        assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(10), "it took too long");
        assertTrue(plugin.gaveUp.await(10, TimeUnit.SECONDS), "the plugin goes on for nobody");
        assertEquals(List.of("ext ext/a"), engine.resolve("ext/a"), "it is none the worse for it");
    }

    @Test
    void givesUpWhenItsCallerHasGone() throws Exception {
        Cancellation cancellation = new Cancellation();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> lookup = threads.submit(() -> engine.engine().resolve(SecretPattern.parse("ext/hang"),
                    RequestContext.of(Duration.ofSeconds(20), cancellation, Map.of())));
            assertTrue(plugin.asked.await(30, TimeUnit.SECONDS));
            cancellation.cancel();
            var failure = assertThrows(java.util.concurrent.ExecutionException.class,
                    () -> lookup.get(10, TimeUnit.SECONDS));
            assertInstanceOf(SecretsException.Unavailable.class, failure.getCause());
        }
        assertTrue(plugin.gaveUp.await(10, TimeUnit.SECONDS));
    }

    @Test
    void failsAtOnceWhenThePluginEndsInALookup() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            Future<?> lookup = threads.submit(() -> engine.resolve("ext/hang"));
            assertTrue(plugin.asked.await(30, TimeUnit.SECONDS));
            plugin.close();
            var failure = assertThrows(java.util.concurrent.ExecutionException.class,
                    () -> lookup.get(10, TimeUnit.SECONDS));
            assertInstanceOf(SecretsException.Unavailable.class, failure.getCause());
        }
    }

    @Test
    void sendsNothingToAPluginThatIsLeftAlone() {
        assertThrows(SecretsException.Denied.class, () -> engine.engine().registry().health("ext").ask((_, _) -> {
            throw new SecretsException.Denied("ext", "closed", "").fatal();
        }, SecretPattern.parse("ext/a"), RequestContext.of(Duration.ofSeconds(5))));
        assertThrows(SecretsException.Unavailable.class, () -> engine.resolve("ext/a"));
        assertEquals(1, plugin.asked.getCount());
    }

    @Test
    void asksAboutManyAtOnce() throws Exception {
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<List<String>>> lookups = new ArrayList<>();
            for (int i = 0; i < 300; i++) {
                String id = "ext/" + i;
                lookups.add(threads.submit(() -> engine.resolve(id)));
            }
            for (int i = 0; i < lookups.size(); i++) {
                assertEquals(List.of("ext ext/" + i), lookups.get(i).get());
            }
        }
    }
}
