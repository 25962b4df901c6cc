package dev.secretsengine.api.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every provider must do. */
public abstract class SecretsProviderContract {

    /** The provider under test, which holds exactly {@link #holds}. */
    protected abstract SecretsProvider provider() throws Exception;

    /** At least two secrets, their values by ID. */
    protected abstract Map<String, byte[]> holds();

    /** The pattern the plugin declares; every ID of {@link #holds} matches it. */
    protected abstract String pattern();

    /** A context with time enough for one backend call. */
    protected static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(20));
    }

    @Test
    void answersAnIdWithItsValue() throws Exception {
        for (Map.Entry<String, byte[]> secret : holds().entrySet()) {
            List<Envelope> answer = provider().getSecrets(SecretPattern.parse(secret.getKey()), context());
            assertEquals(1, answer.size(), secret.getKey());
            try (Envelope envelope = answer.get(0)) {
                assertEquals(secret.getKey(), envelope.id().toString());
                assertArrayEquals(secret.getValue(), envelope.value().copyBytes());
            }
        }
    }

    @Test
    void answersAPatternWithEverySecretOfIt() throws Exception {
        assertEquals(new TreeSet<>(holds().keySet()), ids(pattern()));
        for (String id : holds().keySet()) {
            String oneLevel = id.contains("/") ? id.substring(0, id.lastIndexOf('/')) + "/*" : "*";
            Set<String> expected = new TreeSet<>(holds().keySet());
            expected.removeIf(held -> !SecretPattern.parse(oneLevel).matches(SecretId.parse(held)));
            assertEquals(expected, ids(oneLevel), oneLevel);
        }
    }

    @Test
    void answersNothingForAnUnknownId() throws Exception {
        String unknown = holds().keySet().iterator().next() + "-unknown";
        assertEquals(Set.of(), ids(unknown));
    }

    @Test
    void answersStayWholeWhenAnotherAnswerIsWiped() throws Exception {
        Map.Entry<String, byte[]> secret = new TreeMap<>(holds()).firstEntry();
        SecretPattern asked = SecretPattern.parse(secret.getKey());
        List<Envelope> first = provider().getSecrets(asked, context());
        List<Envelope> second = provider().getSecrets(asked, context());
        first.forEach(Envelope::close);
        try (Envelope envelope = second.get(0)) {
            assertArrayEquals(secret.getValue(), envelope.value().copyBytes());
        }
    }

    @Test
    void answersManyCallersAtOnce() throws Exception {
        SecretsProvider provider = provider();
        List<String> ids = List.copyOf(holds().keySet());
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Future<Integer>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                SecretPattern asked = SecretPattern.parse(ids.get(i % ids.size()));
                answers.add(pool.submit(() -> {
                    List<Envelope> answer = provider.getSecrets(asked, context());
                    answer.forEach(Envelope::close);
                    return answer.size();
                }));
            }
            for (Future<Integer> answer : answers) {
                assertEquals(1, answer.get());
            }
        }
    }

    @Test
    void comesBackSoonOnceTheDeadlineHasPassedOrTheCallerHasGone() throws Exception {
        SecretsProvider provider = provider();
        Cancellation gone = new Cancellation();
        gone.cancel();
        List<RequestContext> over = List.of(RequestContext.of(Duration.ZERO),
                RequestContext.of(Duration.ofSeconds(20), gone, Map.of()));
        for (RequestContext context : over) {
            assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
                try {
                    provider.getSecrets(SecretPattern.parse(pattern()), context).forEach(Envelope::close);
                } catch (SecretsException.Unavailable e) {
                    assertFalse(e.advice().isBlank());
                }
            });
        }
        assertTrue(ids(pattern()).containsAll(holds().keySet()), "the provider works on afterwards");
    }

    private Set<String> ids(String asked) throws Exception {
        Set<String> ids = new TreeSet<>();
        try {
            for (Envelope envelope : provider().getSecrets(SecretPattern.parse(asked), context())) {
                try (envelope) {
                    assertTrue(ids.add(envelope.id().toString()), "answered twice: " + envelope.id());
                }
            }
        } catch (SecretsException.NotFound e) {
            assertEquals(Set.of(), ids);
        }
        return ids;
    }
}
