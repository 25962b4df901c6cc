package dev.secretsengine.core.plugin;

import static dev.secretsengine.core.testing.Samples.within;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

class SecondTriesTest {

    @Test
    void triesAgainWhatThereWasNoThreadFor() {
        List<Throwable> failures = new ArrayList<>(
                List.of(new OutOfMemoryError("no thread for the test"), new RejectedExecutionException("of the test")));
        SecondTries tries = new SecondTries(new ProviderRegistry((plugin, provider) -> {
        }), work -> {
            Throwable failure = failures.isEmpty() ? null : failures.remove(0);
            switch (failure) {
                case null -> work.run();
                case Error error -> throw error;
                default -> throw (RuntimeException) failure;
            }
        });
        for (int i = 0; i < 3; i++) {
            tries.make(List.of("vault"), within(5));
            assertTrue(tries.isFree("vault"));
        }
        assertEquals(List.of(), failures);
    }
}
