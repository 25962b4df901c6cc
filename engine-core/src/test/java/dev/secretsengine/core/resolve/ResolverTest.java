package dev.secretsengine.core.resolve;

import static dev.secretsengine.core.testing.Samples.envelope;
import static dev.secretsengine.core.testing.Samples.isWiped;
import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.testing.Samples;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(20)
class ResolverTest {

    private static final Source.Call NOTHING = (pattern, context) -> List.of();

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Resolver resolver = new Resolver(threads);

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void asksAllAtOnce() throws Exception {
        CyclicBarrier everybody = new CyclicBarrier(5);
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String id = "a/" + i;
            sources.add(source("p" + i, "**", (pattern, context) -> {
                meet(everybody);
                return List.of(envelope(id));
            }));
        }
        assertEquals(List.of("p0 a/0", "p1 a/1", "p2 a/2", "p3 a/3", "p4 a/4"), resolve("a/*", sources));
    }

    @Test
    void asksOnlyWhereThePatternsMeet() throws Exception {
        List<String> asked = new ArrayList<>();
        Source other = source("other", "other/**", (pattern, context) -> {
            asked.add("other");
            return List.of();
        });
        assertEquals(List.of("p a/x"), resolve("a/*", List.of(other, answering("p", "a/**", "a/x"))));
        assertEquals(List.of(), asked);
        var error = assertThrows(SecretsException.NotFound.class, () -> resolve("a/*", List.of(other)));
        assertEquals("no plugin serves a/*: docker pass plugins ls shows the patterns that are served",
                error.advice());
    }

    @Test
    void ordersByPluginThenId() throws Exception {
        assertEquals(List.of("first b", "first c", "second a", "second b"),
                resolve("*", List.of(answering("second", "**", "b", "a"), answering("first", "**", "c", "b"))));
    }

    @Test
    void fillsInWhoAnswered() throws Exception {
        Envelope versioned = new Envelope(SecretId.parse("b"), envelope("b").value(), "forged", "backend-7", null,
                Instant.now(), null, Map.of());
        List<Envelope> found = resolver.resolve(SecretPattern.parse("*"),
                List.of(source("p", "**", (pattern, context) -> List.of(envelope("a"), versioned))), within(5));
        assertEquals(List.of("p", "p"), found.stream().map(Envelope::provider).toList());
        assertEquals(List.of("1.0", "backend-7"), found.stream().map(Envelope::version).toList());
        found.forEach(Envelope::close);
    }

    @Test
    void dropsAndWipesWhatIsOutsideOfEitherPattern() throws Exception {
        Envelope good = envelope("a/x");
        List<Envelope> bad = List.of(envelope("b/x"), envelope("a/y"), envelope("a/x/z"));
        List<Envelope> all = new ArrayList<>(bad);
        all.add(good);
        assertEquals(List.of("p a/x"), resolve("*/x", List.of(source("p", "a/*", (pattern, context) -> all))));
        bad.forEach(envelope -> assertTrue(isWiped(envelope.value()), envelope.id().toString()));
    }

    @Test
    void dropsAndWipesInternalSecrets() {
        Envelope internal = envelope("docker/secrets-engine/plugins/vault/token");
        Source source = source("p", "**", (pattern, context) -> List.of(internal));
        assertThrows(SecretsException.NotFound.class, () -> resolve("**", List.of(source)));
        assertTrue(isWiped(internal.value()));
    }

    @Test
    void handsOutValuesThatAreOpen() throws Exception {
        List<Envelope> found = resolver.resolve(SecretPattern.parse("a"), List.of(answering("p", "**", "a")),
                within(5));
        assertFalse(isWiped(found.get(0).value()));
        found.forEach(Envelope::close);
    }

    @Test
    void doesNotLetAFailureHideAnAnswer() throws Exception {
        assertEquals(List.of("p a"), resolve("a", List.of(failing("broken", new IllegalStateException("x")),
                denying("denying"), answering("p", "**", "a"))));
    }

    @Test
    void answersWithTheFirstFailureWhenNobodyElseDid() {
        var error = assertThrows(SecretsException.Denied.class,
                () -> resolve("a", List.of(source("empty", "**", NOTHING),
                        failing("z-broken", new IllegalStateException("x")), denying("denying"))));
        assertEquals("denying says no", error.getMessage());
    }

    @Test
    void findsNothingWhereEverybodyHasNothing() {
        Source throwing = source("q", "**", (pattern, context) -> {
            throw new SecretsException.NotFound("a", "not here", "");
        });
        var error = assertThrows(SecretsException.NotFound.class,
                () -> resolve("a/b", List.of(source("p", "**", NOTHING), throwing)));
        assertEquals("there is no secret a/b: docker pass set a/b stores one", error.advice());
        error = assertThrows(SecretsException.NotFound.class, () -> resolve("a/*", List.of(throwing)));
        assertEquals("there is no secret a/*: docker pass set ID stores one", error.advice());
    }

    @Test
    void tellsNothingOfWhatAPluginThrew() {
        for (Throwable thrown : List.of(new IllegalStateException("canary"), new StackOverflowError("canary"),
                new NoClassDefFoundError("canary"), new CancellationException("canary"))) {
            var error = assertThrows(SecretsException.Failed.class,
                    () -> resolve("a", List.of(failing("p", thrown))));
            assertEquals("the plugin p failed: docker pass engine logs says more", error.advice());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no list", "no envelope", "no id"})
    void takesAnAnswerThatMakesNoSenseForAFailure(String what) throws Exception {
        List<Envelope> answer = switch (what) {
            case "no list" -> null;
            case "no envelope" -> Arrays.asList((Envelope) null);
            default -> List.of(Envelope.of(null, envelope("a").value()));
        };
        Source senseless = source("p", "**", (pattern, context) -> answer);
        assertThrows(SecretsException.Failed.class, () -> resolve("a", List.of(senseless)));
        assertEquals(List.of("q a"), resolve("a", List.of(senseless, answering("q", "**", "a"))));
    }

    @Test
    void refusesMetadataWithHalfOfASurrogatePair() {
        Envelope odd = new Envelope(SecretId.parse("a"), envelope("a").value(), "", "", null, Instant.now(), null,
                Map.of("note", "\ud83d\ude00\ud800x"));
        var error = assertThrows(SecretsException.Failed.class,
                () -> resolve("a", List.of(source("p", "**", (pattern, context) -> List.of(odd)))));
        assertEquals("the plugin p answered metadata with half of a surrogate pair: report this to the plugin's author",
                error.advice());
        assertTrue(isWiped(odd.value()));
    }

    @Test
    void takesNoAnswerThatIsLargerThanAnybodyCanWant() throws Exception {
        Source many = source("many", "**",
                (pattern, context) -> Collections.nCopies(20_001, envelope("a")));
        byte[] large = new byte[4 << 20];
        Source heavy = source("heavy", "**", (pattern, context) -> Collections.nCopies(17,
                Envelope.of(SecretId.parse("a"), SecretValue.copyOf(large))));
        for (Source source : List.of(many, heavy)) {
            var error = assertThrows(SecretsException.Failed.class, () -> resolve("a", List.of(source)));
            assertTrue(error.getMessage().contains("answered more than is taken at once"), error.getMessage());
            assertEquals(List.of("q a"), resolve("a", List.of(source, answering("q", "**", "a"))));
        }
    }

    private List<String> resolve(String pattern, List<Source> sources) throws SecretsException {
        return shown(resolver.resolve(SecretPattern.parse(pattern), sources, within(5)));
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

    private static Source denying(String name) {
        return source(name, "**", (pattern, context) -> {
            throw new SecretsException.Denied(name, name + " says no", "");
        });
    }

    private static Source failing(String name, Throwable thrown) {
        return source(name, "**", (pattern, context) -> {
            switch (thrown) {
                case RuntimeException e -> throw e;
                case Error e -> throw e;
                default -> throw new AssertionError(thrown);
            }
        });
    }

    private static void meet(CyclicBarrier barrier) {
        try {
            barrier.await(30, TimeUnit.SECONDS);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
