package dev.secretsengine.kit.remote;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RateLimitTest {

    private long now = Long.MAX_VALUE - 1_000_000_000L;
    private final RateLimit limit = new RateLimit("p", "The service", () -> now);

    private String refusal() {
        return assertThrows(SecretsException.Unavailable.class, limit::require).advice();
    }

    @Test
    void isKeptUntilItsTime() {
        assertDoesNotThrow(limit::require);
        assertEquals("The service was asked too often and wants to be left alone: try again in 58 minutes",
                limit.reached(Duration.ofMinutes(58)).advice());
        now += Duration.ofMinutes(57).toNanos();
        assertEquals("The service was asked too often and wants to be left alone: try again in 60 s", refusal());
        now += Duration.ofMinutes(1).toNanos();
        assertDoesNotThrow(limit::require);
        now += Duration.ofDays(200).toNanos();
        assertDoesNotThrow(limit::require);
    }

    @Test
    void isBoundedAtBothEnds() {
        assertEquals("try again in 24 hours", limit.reached(Duration.ofDays(900)).hint());
        assertEquals("try again in 1 s", limit.reached(Duration.ofSeconds(-5)).hint());
        assertEquals("try again in 3 hours", limit.reached(Duration.ofHours(3)).hint());
    }
}
