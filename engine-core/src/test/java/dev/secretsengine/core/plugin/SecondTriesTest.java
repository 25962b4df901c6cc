package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SecondTriesTest {

    private static final class Plugin implements SecretsProvider, Configurable {

        @Override
        public List<Setting> settings() {
            return List.of();
        }

        @Override
        public void configure(Values values) {
            throw new AssertionError("the registry's configurator does it");
        }

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }
    }

    @Test
    void triesAgainWhatThereWasNoThreadFor() {
        AtomicInteger times = new AtomicInteger();
        ProviderRegistry registry = new ProviderRegistry((plugin, provider) -> times.incrementAndGet());
        registry.put(Map.of(PluginProperties.NAME, "vault", PluginProperties.VERSION, "1", PluginProperties.PATTERN,
                "vault/**")::get, new Plugin(), true);
        List<Throwable> failures = new ArrayList<>(
                List.of(new OutOfMemoryError("no thread for the test"), new RejectedExecutionException("of the test")));
        SecondTries tries = new SecondTries(registry, work -> {
            Throwable failure = failures.isEmpty() ? null : failures.remove(0);
            switch (failure) {
                case null -> work.run();
                case Error error -> throw error;
                default -> throw (RuntimeException) failure;
            }
        });
        for (int expected : List.of(1, 1, 2)) {
            tries.make(List.of("vault"), within(5));
            assertEquals(expected, times.get());
        }
        assertEquals(List.of(), failures);
    }
}
