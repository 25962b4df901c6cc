package dev.secretsengine.core.resolve;

import static dev.secretsengine.core.testing.Samples.await;
import static dev.secretsengine.core.testing.Samples.isWiped;
import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class ReferencesTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Map<String, String> stored = new TreeMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<Envelope> answered = new ArrayList<>();
    private final References references = new References(this::lookup, threads);

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    private synchronized List<Envelope> lookup(SecretPattern pattern, RequestContext context) throws SecretsException {
        asked.add(pattern.toString());
        List<Envelope> found = new ArrayList<>();
        stored.forEach((id, value) -> {
            if (pattern.matches(SecretId.parse(id))) {
                found.add(
                        Envelope.of(SecretId.parse(id), SecretValue.wrap(value.getBytes(UTF_8))).from("p-" + id, "1"));
            }
        });
        answered.addAll(found);
        if (found.isEmpty()) {
            throw new SecretsException.NotFound(pattern.toString(), "there is no secret " + pattern, "set it");
        }
        return found;
    }

    @Test
    void resolvesEveryReferenceInOrder() throws Exception {
        stored.putAll(Map.of("a", "one", "b/c", "two"));
        Map<String, SecretValue> values = references.resolve(variables("Z", "se://a", "A", "se://b/*", "M", "se://a"),
                within(5));
        assertEquals(List.of("Z", "A", "M"), List.copyOf(values.keySet()));
        assertArrayEquals("one".getBytes(UTF_8), values.get("Z").copyBytes());
        assertArrayEquals("two".getBytes(UTF_8), values.get("A").copyBytes());
        assertArrayEquals("one".getBytes(UTF_8), values.get("M").copyBytes());
        values.values().forEach(SecretValue::close);
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())), "the lookup's own are wiped");
    }

    @Test
    void resolvesNothingForNothing() throws Exception {
        assertEquals(Map.of(), references.resolve(Map.of(), within(5)));
    }

    @Test
    void handsOutNothingIfOneFails() {
        stored.putAll(Map.of("a", "one", "b", "two"));
        assertEquals(List.of("B=se://missing: there is no secret missing: set it"),
                lines(variables("A", "se://a", "B", "se://missing", "C", "se://b")));
        assertEquals(2, answered.size());
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())));
    }

    @Test
    void looksEqualReferencesUpOnce() throws Exception {
        stored.putAll(Map.of("a", "one", "b", "two"));
        Map<String, String> variables = variables("B", "se://b");
        for (int i = 0; i < 50; i++) {
            variables.put("A" + i, "se://a");
        }
        Map<String, SecretValue> values = references.resolve(variables, within(5));
        assertEquals(List.copyOf(variables.keySet()), List.copyOf(values.keySet()));
        assertEquals(List.of("a", "b"), asked.stream().sorted().toList());
        values.remove("A0").close();
        for (int i = 1; i < 50; i++) {
            assertArrayEquals("one".getBytes(UTF_8), values.get("A" + i).copyBytes(), "each has a copy of its own");
        }
        values.values().forEach(SecretValue::close);
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())), "the lookup's own are wiped");
    }

    @Test
    void tellsEveryVariableOfAReferenceThatFails() {
        stored.put("a", "one");
        assertEquals(List.of("A=se://x: there is no secret x: set it", "C=se://x: there is no secret x: set it"),
                lines(variables("A", "se://x", "B", "se://a", "C", "se://x")));
        assertEquals(List.of("a", "x"), asked.stream().sorted().toList());
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())));
    }

    @Test
    void wipesAnAnswerThatComesAfterAnInterruption() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch late = new CountDownLatch(1);
        Envelope answer = Envelope.of(SecretId.parse("slow"), SecretValue.wrap(new byte[]{1}));
        References interrupted = new References((pattern, context) -> {
            if (pattern.toString().equals("slow")) {
                begun.countDown();
                while (late.getCount() > 0) {
                    // As a provider that takes no notice of an interruption.
                    Thread.onSpinWait();
                }
                return List.of(answer);
            }
            await(begun);
            Thread.currentThread().interrupt();
            throw new SecretsException.NotFound("a", "none", "");
        }, threads);
        var failure = assertThrows(References.UnresolvedException.class,
                () -> interrupted.resolve(variables("A", "se://slow", "B", "se://a"), within(5)));
        assertTrue(Thread.interrupted());
        assertEquals(2, failure.lines().size());
        late.countDown();
        while (!isWiped(answer.value())) {
            Thread.sleep(5);
        }
    }

    @Test
    void namesEveryVariableThatFails() {
        stored.put("a", "one");
        assertEquals(
                List.of("A=se://x: there is no secret x: set it", "C=se://y: there is no secret y: set it",
                        "D=se://: invalid pattern: it is empty",
                        "E=se://a//b: invalid pattern \"a//b\": empty component at position 3"),
                lines(variables("A", "se://x", "B", "se://a", "C", "se://y", "D", "se://", "E", "se://a//b")));
    }

    @Test
    void listsTheSecretsThatOneReferenceMatches() {
        stored.putAll(Map.of("a/1", "x", "a/2", "y"));
        assertEquals(
                List.of("A=se://a/*: matches 2 secrets (a/1 from p-a/1, a/2 from p-a/2): name exactly one"),
                lines(variables("A", "se://a/*")));
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())));
        stored.putAll(Map.of("a/3", "", "a/4", "", "a/5", "", "a/6", ""));
        assertEquals(
                List.of("A=se://a/*: matches 6 secrets (a/1 from p-a/1, a/2 from p-a/2, a/3 from p-a/3,"
                        + " a/4 from p-a/4, a/5 from p-a/5, ...): name exactly one"),
                lines(variables("A", "se://a/*")));
    }

    @Test
    void refusesAValueWithNul() {
        stored.putAll(Map.of("nul", "a\0canary", "good", "b"));
        List<String> lines = lines(variables("A", "se://nul", "B", "se://good"));
        assertEquals(List.of("A=se://nul: has a NUL byte in its value and cannot go into an environment:"
                + " store it without"), lines);
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())));
    }

    @Test
    void saysOneLineAVariableWhateverItHolds() {
        List<String> lines = lines(variables("A", "se://a\nb\u001b[2J", "B\nC", "se://" + "x ".repeat(1000)));
        for (String line : lines) {
            assertEquals(-1, line.chars().filter(Character::isISOControl).findFirst().orElse(-1), line);
            assertTrue(line.length() < 600, () -> "length " + line.length());
        }
        assertTrue(lines.get(0).startsWith("A=se://a?b?[2J: invalid pattern"), lines.get(0));
    }

    @Test
    void tellsNothingOfWhatTheLookupThrew() {
        References broken = new References((pattern, context) -> {
            throw new IllegalStateException("canary");
        }, threads);
        var error = assertThrows(References.UnresolvedException.class,
                () -> broken.resolve(Map.of("A", "se://a"), within(5)));
        assertEquals(List.of("A=se://a: the lookup failed: docker pass engine logs says more"), error.lines());
    }

    @Test
    void resolvesAllAtOnce() throws Exception {
        CyclicBarrier everybody = new CyclicBarrier(8);
        References meeting = new References((pattern, context) -> {
            try {
                everybody.await(30, TimeUnit.SECONDS);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
            return List.of(Envelope.of(SecretId.parse("a"), SecretValue.wrap(new byte[]{1})));
        }, threads);
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < 8; i++) {
            variables.put("V" + i, "se://v" + i);
        }
        Map<String, SecretValue> values = meeting.resolve(variables, within(5));
        assertEquals(8, values.size());
        values.values().forEach(SecretValue::close);
    }

    @Test
    void answersOneSecretAsItIs() throws Exception {
        stored.putAll(Map.of("a", "x\0y", "b", "z"));
        try (Envelope envelope = references.single("se://a", within(5))) {
            assertEquals("p-a a", envelope.provider() + " " + envelope.id());
            assertArrayEquals("x\0y".getBytes(UTF_8), envelope.value().copyBytes());
        }
        assertThrows(SecretsException.Invalid.class, () -> references.single("se://*", within(5)));
        assertThrows(SecretsException.NotFound.class, () -> references.single("se://c", within(5)));
        assertTrue(answered.stream().allMatch(envelope -> isWiped(envelope.value())));
    }

    @Test
    void parsesWhatFollowsTheScheme() throws Exception {
        assertEquals(SecretPattern.parse("a/**"), References.parse("se://a/**"));
        var error = assertThrows(SecretsException.Invalid.class, () -> References.parse("se:///a"));
        assertEquals("invalid pattern \"/a\": leading '/' at position 1", error.advice());
    }

    private List<String> lines(Map<String, String> variables) {
        return assertThrows(References.UnresolvedException.class, () -> references.resolve(variables, within(5)))
                .lines();
    }

    private static Map<String, String> variables(String... pairs) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            variables.put(pairs[i], pairs[i + 1]);
        }
        return variables;
    }
}
