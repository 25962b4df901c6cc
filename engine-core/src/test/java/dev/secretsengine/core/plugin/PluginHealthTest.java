package dev.secretsengine.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PluginHealthTest {

    private final PluginHealth health = new PluginHealth("vault");
    private final AtomicInteger asked = new AtomicInteger();
    private final SecretsProvider good = (pattern, context) -> List.of();

    private final Cancellation cancellation = new Cancellation();
    private final RequestContext context = RequestContext.of(Duration.ofSeconds(5), cancellation, Map.of());

    private void ask(SecretsProvider provider) throws SecretsException {
        ask(provider, "vault/**");
    }

    private void ask(SecretsProvider provider, String pattern) throws SecretsException {
        SecretsProvider counting = (wanted, given) -> {
            asked.incrementAndGet();
            return provider.getSecrets(wanted, given);
        };
        assertEquals(List.of(), health.ask(counting, SecretPattern.parse(pattern), context));
    }

    private static SecretsProvider failing(SecretsException failure) {
        return (pattern, context) -> {
            throw failure;
        };
    }

    private static SecretsProvider throwing(Error thrown) {
        return (pattern, context) -> {
            throw thrown;
        };
    }

    @Test
    void countsWhatComesOfLookups() throws Exception {
        assertEquals(Optional.empty(), health.lastSuccess());
        ask(good);
        assertThrows(SecretsException.NotFound.class,
                () -> ask(failing(new SecretsException.NotFound("x", "no", ""))));
        assertEquals(List.of(2L, 0L), List.of(health.calls(), health.failures()));
        assertThrows(SecretsException.Denied.class,
                () -> ask(failing(new SecretsException.Denied("x", "no", "ask"))));
        assertThrows(StackOverflowError.class, () -> ask(throwing(new StackOverflowError("hunter2"))));
        assertEquals(List.of(4L, 2L), List.of(health.calls(), health.failures()));
        assertEquals("it threw java.lang.StackOverflowError", health.lastError().orElseThrow().text());
        assertTrue(health.lastSuccess().isPresent());
        assertEquals(Optional.empty(), health.trouble());
    }

    @Test
    void tellsTheLastFailureUntilThatIsAnswered() throws Exception {
        assertEquals("", health.unanswered());
        SecretsProvider failing = failing(new SecretsException.Unavailable("x", "the helper hangs", "end it"));
        assertThrows(SecretsException.Unavailable.class, () -> ask(failing, "vault/a"));
        ask(good, "vault/b");
        assertTrue(health.unanswered().matches("lookup of vault/a failed at [0-9TZ:-]+: the helper hangs: end it"),
                health.unanswered());
        assertThrows(SecretsException.NotFound.class,
                () -> ask(failing(new SecretsException.NotFound("x", "no", "")), "vault/a"));
        assertEquals("", health.unanswered());
        assertThrows(StackOverflowError.class, () -> ask(throwing(new StackOverflowError("hunter2")), "vault/c"));
        assertTrue(health.unanswered().endsWith(": it threw java.lang.StackOverflowError"), health.unanswered());
        health.forgive();
        assertEquals("", health.unanswered());
        cancellation.cancel();
        assertThrows(SecretsException.Unavailable.class, () -> ask(failing, "vault/a"));
        assertEquals("", health.unanswered(), "its caller did not wait for the answer");
    }

    @Test
    void asksNoMoreAfterAFatalFailureUntilItIsForgiven() throws Exception {
        assertThrows(SecretsException.Denied.class,
                () -> ask(failing(new SecretsException.Denied("x", "closed", "open it").fatal())));
        assertEquals(Optional.of("closed: open it"), health.trouble());
        SecretsException refused = assertThrows(SecretsException.Unavailable.class, () -> ask(good));
        assertEquals("the plugin vault has stopped (closed: open it): docker pass plugins enable vault tries it again",
                refused.advice());
        assertEquals(1, asked.get());
        health.forgive();
        ask(good);
        assertEquals(Optional.empty(), health.trouble());
    }

    @Test
    void leavesAProviderAloneThatNeverEndsInTime() throws Exception {
        health.overdue();
        health.overdue();
        ask(good);
        health.overdue();
        health.overdue();
        assertEquals(Optional.empty(), health.trouble(), "not three times in a row");
        health.overdue();
        assertTrue(health.trouble().orElse("")
                .startsWith("it did not answer in time 3 times in a row, and is asked again in "));
        assertThrows(SecretsException.Unavailable.class, () -> ask(good));
        assertEquals(1, asked.get());
        health.forgive();
        ask(good);
    }

    @Test
    void leavesAProviderAloneThatRunsOutOfMemory() {
        assertThrows(OutOfMemoryError.class, () -> ask(throwing(new OutOfMemoryError())));
        assertTrue(health.trouble().orElse("").startsWith("it ran out of memory, and is asked again in "));
    }

    @Test
    void givesTheThreadBackAsItWas() throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        ask(good);
        assertSame(before, Thread.currentThread().getContextClassLoader());
    }
}
