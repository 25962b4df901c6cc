package dev.secretsengine.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SettingTextTest {

    /** One value for every setting. */
    private record Same(String value) implements Configurable.Values {

        @Override
        public String text(String setting) {
            return value;
        }

        @Override
        public Optional<SecretValue> secret(String setting) {
            return Optional.empty();
        }
    }

    private static SettingText text(String value) {
        return new SettingText("p", new Same(value));
    }

    @Test
    void readsDurations() throws Exception {
        assertEquals(Duration.ZERO, text("0").duration("x"));
        assertEquals(Duration.ofSeconds(30), text("30s").duration("x"));
        assertEquals(Duration.ofMinutes(5), text(" 5m ").duration("x"));
        assertEquals(Duration.ofHours(8), text("8h").duration("x"));
        assertEquals(Duration.ofDays(7), text("7d").duration("x"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "5", "m", "-1s", "5 m", "1.5h", "8d", "9999999s"})
    void refusesAnyOtherDuration(String value) {
        SecretsException failure = assertThrows(SecretsException.Invalid.class, () -> text(value).duration("cache"));
        assertEquals(1, failure.advice().lines().count());
    }

    @Test
    void readsAbsolutePathsOnly() throws Exception {
        assertEquals(Optional.empty(), text("").path("op"));
        assertEquals(Optional.of(Path.of("/usr/bin/op")), text("/usr/bin/op").path("op"));
        assertEquals("the setting op of p is not an absolute path: give the full path",
                assertThrows(SecretsException.Invalid.class, () -> text("bin/op").path("op")).advice());
    }

    @Test
    void readsPatterns() throws Exception {
        assertEquals("work/**", text("work/**").pattern("pattern").toString());
        assertEquals("the setting pattern of p is no pattern of IDs: write one such as 'work/**'",
                assertThrows(SecretsException.Invalid.class, () -> text("work/x*").pattern("pattern")).advice());
    }
}
