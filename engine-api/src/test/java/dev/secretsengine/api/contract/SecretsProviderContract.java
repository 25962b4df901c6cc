package dev.secretsengine.api.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * What every provider must do. A situation that a provider cannot get into is answered with
 * {@link Situation#impossible}: nothing is left out silently.
 */
public abstract class SecretsProviderContract {

    /** The provider under test, which holds exactly {@link #holds}. */
    protected abstract SecretsProvider provider() throws Exception;

    /** At least two secrets, their values by ID. */
    protected abstract Map<String, byte[]> holds();

    /** The pattern the plugin declares; every ID of {@link #holds} matches it. */
    protected abstract String pattern();

    /** The provider as the next engine makes it, of the same backend, after the one of {@link #provider} was stopped. */
    protected abstract SecretsProvider restarted() throws Exception;

    /** The backend holds this value, which may be any bytes and up to 1 MiB of them. */
    protected abstract Situation holding(byte[] value) throws Exception;

    /** The backend cannot be reached. */
    protected abstract Situation unavailable() throws Exception;

    /** The backend takes the question and never answers. */
    protected abstract Situation hanging() throws Exception;

    /** The backend refuses the credentials. A provider with a secret setting has some. */
    protected abstract Situation wrongCredentials() throws Exception;

    /** The backend says that it was asked too often. */
    protected abstract Situation rateLimited() throws Exception;

    /** Those of {@link #holds} that a pattern with wildcards answers, too: all of them, where the backend can list. */
    protected Set<String> listed() {
        return holds().keySet();
    }

    /** A context with time enough for one backend call. */
    protected static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(20));
    }

    @Test
    void answersAnIdWithItsValue() throws Exception {
        assertTrue(holds().size() >= 2, "at least two secrets");
        assertAnswersAll(provider());
    }

    private void assertAnswersAll(SecretsProvider provider) throws Exception {
        for (Map.Entry<String, byte[]> secret : holds().entrySet()) {
            assertAnswers(provider, secret.getKey(), secret.getValue());
        }
    }

    private static void assertAnswers(SecretsProvider provider, String id, byte[] value) throws Exception {
        List<Envelope> answer = provider.getSecrets(SecretPattern.parse(id), context());
        assertEquals(1, answer.size(), id);
        try (Envelope envelope = answer.get(0)) {
            assertEquals(id, envelope.id().toString());
            byte[] got = envelope.value().copyBytes();
            // Not assertArrayEquals: it would print pieces of the value.
            assertTrue(Arrays.equals(value, got), "the value of " + id + " comes back as it is");
        }
    }

    @Test
    void answersAPatternWithEverySecretOfIt() throws Exception {
        assertEquals(new TreeSet<>(listed()), ids(pattern()));
        for (String id : listed()) {
            String oneLevel = id.contains("/") ? id.substring(0, id.lastIndexOf('/')) + "/*" : "*";
            Set<String> expected = new TreeSet<>(listed());
            expected.removeIf(held -> !SecretPattern.parse(oneLevel).matches(SecretId.parse(held)));
            assertEquals(expected, ids(oneLevel), oneLevel);
        }
    }

    @Test
    void answersNothingForAnUnknownId() throws Exception {
        String unknown = holds().keySet().iterator().next() + "-unknown";
        assertEquals(Set.of(), ids(unknown));
        assertEquals(Set.of(), ids("no-realm-of-yours/at-all/**"));
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
        List<Map.Entry<String, byte[]>> secrets = List.copyOf(holds().entrySet());
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Future<Boolean>> answers = new ArrayList<>();
            for (int i = 0; i < 64; i++) {
                Map.Entry<String, byte[]> secret = secrets.get(i % secrets.size());
                answers.add(pool.submit(() -> {
                    assertAnswers(provider, secret.getKey(), secret.getValue());
                    return true;
                }));
            }
            for (Future<Boolean> answer : answers) {
                assertTrue(answer.get());
            }
        }
    }

    @Test
    void answersEveryKindOfValueItsBackendCanHold() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] largest = new byte[LocalStore.MAX_VALUE_LENGTH];
        Arrays.fill(largest, (byte) 'x');
        largest[largest.length - 1] = 'y';
        for (byte[] value : List.of(all, largest)) {
            Situation situation = holding(value.clone());
            if (situation.isPossible()) {
                assertAnswers(situation.provider(), situation.asked(), value);
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
        assertTrue(ids(pattern()).containsAll(listed()), "the provider works on afterwards");
    }

    @Test
    void waitsForABackendThatHangsNoLongerThanItsCaller() throws Exception {
        hanging().fails(SecretsException.Unavailable.class, RequestContext.of(Duration.ofMillis(500)));
        Situation situation = hanging();
        Cancellation gone = new Cancellation();
        try (ExecutorService pool = Executors.newSingleThreadExecutor()) {
            Future<?> caller = pool.submit(() -> situation.fails(SecretsException.Unavailable.class,
                    RequestContext.of(Duration.ofSeconds(60), gone, Map.of())));
            // The question may be on its way by now, or not yet: both have to end.
            Thread.sleep(300);
            gone.cancel();
            caller.get(Situation.SOON.toSeconds(), TimeUnit.SECONDS);
        }
        situation.end();
    }

    @Test
    void saysSoWhenItsBackendCannotBeReachedAndAnswersOnceItCan() throws Exception {
        Situation situation = unavailable();
        Optional<SecretsException> failure = situation.fails(SecretsException.Unavailable.class, context());
        assertFalse(failure.isPresent() && failure.get().isFatal() && situation.canEnd(), "this passes by itself");
        situation.end();
    }

    @Test
    void saysSoWhenItsCredentialsAreRefused() throws Exception {
        Situation situation = wrongCredentials();
        assertTrue(situation.isPossible() || settings().stream().noneMatch(Setting::secret),
                "a provider with a secret setting has credentials that can be wrong");
        situation.fails(SecretsException.Denied.class, context());
        situation.end();
    }

    @Test
    void leavesABackendAloneThatWasAskedTooOften() throws Exception {
        Situation situation = rateLimited();
        Optional<SecretsException> failure = situation.fails(SecretsException.Unavailable.class, context());
        assertFalse(failure.isPresent() && failure.get().isFatal(), "this passes by itself");
        long calls = situation.calls();
        for (int i = 0; i < 5; i++) {
            situation.fails(SecretsException.Unavailable.class, context());
        }
        assertEquals(calls, situation.calls(), "whoever is told to wait does not ask again at once");
        situation.end();
    }

    @Test
    void answersTheSameAfterARestartAndAfterForgetting() throws Exception {
        SecretsProvider first = provider();
        assertAnswersAll(first);
        if (first instanceof Caching cache) {
            cache.forget();
            assertAnswersAll(first);
            assertTrue(cache.hits() + cache.misses() >= 2L * holds().size(), "every lookup is counted");
        }
        assertAnswersAll(restarted());
    }

    @Test
    void declaresSettingsThatCanBeTypedAndShown() throws Exception {
        Set<String> names = new HashSet<>();
        for (Setting setting : settings()) {
            assertTrue(setting.name().matches("[a-z0-9][a-z0-9-]*"), setting.name());
            assertTrue(names.add(setting.name()), setting.name() + " is declared twice");
            assertTrue(!setting.help().isBlank() && setting.help().lines().count() == 1, setting.name() + " has help");
            assertTrue(!setting.secret() || setting.defaultValue().isEmpty(), "a secret has no default");
        }
    }

    private List<Setting> settings() throws Exception {
        return provider() instanceof Configurable configurable ? configurable.settings() : List.of();
    }

    private Set<String> ids(String asked) throws Exception {
        Set<String> ids = new TreeSet<>();
        try {
            for (Envelope envelope : provider().getSecrets(SecretPattern.parse(asked), context())) {
                try (envelope) {
                    assertTrue(SecretPattern.parse(asked).matches(envelope.id()), "not asked for: " + envelope.id());
                    assertTrue(ids.add(envelope.id().toString()), "answered twice: " + envelope.id());
                }
            }
        } catch (SecretsException.NotFound e) {
            assertEquals(Set.of(), ids);
        }
        return ids;
    }
}
