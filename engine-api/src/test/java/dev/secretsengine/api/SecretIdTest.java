package dev.secretsengine.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecretIdTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {"/a|leading '/' at position 1",
            "a/|trailing '/' at position 2",
            "a//b|empty component at position 3", "a/b c|' ' is not one of A-Z a-z 0-9 . - _ : at position 4",
            "a*|'*' is allowed in patterns only at position 2"})
    void saysWhichRuleWasBrokenAndWhere(String text, String rule) {
        var error = assertThrows(IllegalArgumentException.class, () -> SecretId.parse(text));
        assertEquals("invalid identifier \"" + text + "\": " + rule, error.getMessage());
    }

    @Test
    void keepsControlCharactersOutOfItsMessage() {
        var error = assertThrows(IllegalArgumentException.class, () -> SecretId.parse("a\u001b[2J"));
        assertEquals("invalid identifier \"a?[2J\": U+001B is not one of A-Z a-z 0-9 . - _ : at position 2",
                error.getMessage());
    }

    @Test
    void saysThatAnEmptyTextIsEmpty() {
        var error = assertThrows(IllegalArgumentException.class, () -> SecretPattern.parse(""));
        assertEquals("invalid pattern: it is empty", error.getMessage());
    }

    @Test
    void rejectsWildcardInsideComponent() {
        var error = assertThrows(IllegalArgumentException.class, () -> SecretPattern.parse("auth/foo*"));
        assertEquals("invalid pattern \"auth/foo*\": a wildcard must be a whole component at position 9",
                error.getMessage());
    }

    @Test
    void aPatternWithoutWildcardsIsAnId() {
        assertEquals(Optional.of(SecretId.parse("a/b")), SecretPattern.parse("a/b").asId());
        assertEquals(Optional.empty(), SecretPattern.parse("a/*").asId());
    }
}
