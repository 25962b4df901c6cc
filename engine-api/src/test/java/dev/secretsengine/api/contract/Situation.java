package dev.secretsengine.api.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** Something that can happen to a provider, staged for a test; or why it cannot happen to this one. */
public final class Situation {

    static final Duration SOON = Duration.ofSeconds(10);

    /** What ends a situation. */
    @FunctionalInterface
    public interface Ending {

        /** Lets the backend be well again. */
        void happen() throws Exception;
    }

    private final @Nullable SecretsProvider provider;
    private final String asked;
    private final @Nullable Ending ending;
    private final @Nullable LongSupplier calls;

    private Situation(@Nullable SecretsProvider provider, String asked, @Nullable Ending ending,
            @Nullable LongSupplier calls) {
        this.provider = provider;
        this.asked = asked;
        this.ending = ending;
        this.calls = calls;
    }

    /**
     * A provider that is in the situation now.
     *
     * @param asked the ID of a secret that the provider would answer if all were well
     */
    public static Situation of(SecretsProvider provider, String asked) {
        return new Situation(provider, asked, null, null);
    }

    /**
     * This cannot happen to the provider.
     *
     * @param reason why, in a sentence
     */
    public static Situation impossible(String reason) {
        if (!reason.contains(" ")) {
            throw new IllegalArgumentException("say in a sentence why this cannot happen");
        }
        return new Situation(null, "", null, null);
    }

    /** The same, with a way out: the very same provider has to answer again soon after. */
    public Situation endedBy(Ending way) {
        return new Situation(provider, asked, way, calls);
    }

    /**
     * The same, with a count of how often the backend was asked: a provider that is told to wait must not ask again at
     * once.
     */
    public Situation counting(LongSupplier counter) {
        return new Situation(provider, asked, ending, counter);
    }

    boolean isPossible() {
        return provider != null;
    }

    boolean canEnd() {
        return ending != null;
    }

    SecretsProvider provider() {
        return Objects.requireNonNull(provider);
    }

    String asked() {
        return asked;
    }

    long calls() {
        return calls == null ? 0 : calls.getAsLong();
    }

    /** Asks, which has to fail in this way, soon after the deadline at the latest and in words for a user. */
    Optional<SecretsException> fails(Class<? extends SecretsException> kind, RequestContext context) {
        if (!isPossible()) {
            return Optional.empty();
        }
        SecretsException failure = assertTimeoutPreemptively(SOON.plus(context.remaining()),
                () -> assertThrows(kind, () -> ask(context)));
        assertEquals(1, failure.advice().lines().count(), "one line");
        assertFalse(failure.hint().isBlank(), "it says what to do: " + failure.advice());
        return Optional.of(failure);
    }

    private boolean ask(RequestContext context) throws SecretsException {
        List<Envelope> answer = provider().getSecrets(SecretPattern.parse(asked), context);
        answer.forEach(Envelope::close);
        return !answer.isEmpty();
    }

    /** Ends it, if there is a way: the provider answers again, soon. */
    void end() throws Exception {
        if (ending == null) {
            return;
        }
        ending.happen();
        long patience = System.nanoTime() + SOON.toNanos();
        while (!answers() && System.nanoTime() < patience) {
            Thread.sleep(100);
        }
        assertTrue(answers(), "it answers " + asked + " again");
    }

    private boolean answers() {
        try {
            return ask(RequestContext.of(SOON));
        } catch (SecretsException e) {
            return false;
        }
    }
}
