package dev.secretsengine.core.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Small things that many tests need. */
public final class Samples {

    private Samples() {
    }

    /** A request without a caller. */
    public static RequestContext within(int seconds) {
        return RequestContext.of(Duration.ofSeconds(seconds));
    }

    /** A secret whose value is its ID. */
    public static Envelope envelope(String id) {
        return Envelope.of(SecretId.parse(id), SecretValue.wrap(id.getBytes(UTF_8)));
    }

    public static boolean isWiped(SecretValue value) {
        try (SecretValue copy = value.copy()) {
            return copy.length() < 0;
        } catch (IllegalStateException e) {
            return true;
        }
    }

    /** A provider without secrets. Each is another object: the registry tells services apart by identity. */
    public static SecretsProvider nothing() {
        return new SecretsProvider() {

            @Override
            public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
                return List.of();
            }
        };
    }

    /** Waits for the latch where no checked exception may be thrown. */
    public static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
