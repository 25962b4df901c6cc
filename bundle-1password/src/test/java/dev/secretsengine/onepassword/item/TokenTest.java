package dev.secretsengine.onepassword.item;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenTest {

    private static Token token(String text) throws SecretsException {
        try (SecretValue value = SecretValue.wrap(text.getBytes(StandardCharsets.UTF_8))) {
            return Token.of("p", value);
        }
    }

    @Test
    void whiteSpaceAroundItIsDropped() throws Exception {
        try (Token token = token(" ops_abc.def-1=\r\n")) {
            assertEquals("ops_abc.def-1=", token.text());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "ops_a b", "ops_a\nb", "ops_a\u0000b", "ops_\u00e9"})
    void whatNoHeaderAndNoVariableMayHoldIsRefusedUnseen(String text) {
        SecretsException failure = assertThrows(SecretsException.Invalid.class, () -> token(text));
        assertEquals("what was given as token of p is no token", failure.getMessage());
        assertFalse(failure.advice().contains("ops_a"));
    }

    @Test
    void aClosedTokenIsWiped() throws Exception {
        Token token = token("ops_x");
        token.close();
        assertThrows(IllegalStateException.class, token::text);
    }
}
