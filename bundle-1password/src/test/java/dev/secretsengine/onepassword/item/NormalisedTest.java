package dev.secretsengine.onepassword.item;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NormalisedTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, value = {"GitHub|github",
            "My Vault|my-vault",
            "Prod (EU)|prod-eu", "a/b & c|a_b-_-c", "x.y_z-1|x.y_z-1", "caf\u00e9: 50%|caf-50", "K\u212a|k",
            " a |-a-", "a:b*c|abc", "I\u0130|i"})
    void namesBecomeComponents(String name, String component) {
        assertEquals(component, Normalised.of(name));
    }
}
