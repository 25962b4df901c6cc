package dev.secretsengine.core.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretPattern;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginDeclarationTest {

    private final Map<String, Object> attributes = new HashMap<>(
            Map.of("name", "vault", "version", "1.2.0", "pattern", "vault/**"));

    @Test
    void isOnAndConfigurableUnlessItSaysOtherwise() {
        assertEquals(new PluginDeclaration("vault", "1.2.0", SecretPattern.parse("vault/**"), true, Optional.empty(),
                true, "", ""), PluginDeclaration.of(attributes));
    }

    @Test
    void readsEveryAttribute() {
        attributes.putAll(Map.of("configurable", "false", "store", "age", "enabled", "false", "hint", "set it up",
                "group", "vaults"));
        assertEquals(new PluginDeclaration("vault", "1.2.0", SecretPattern.parse("vault/**"), false,
                Optional.of("age"), false, "set it up", "vaults"), PluginDeclaration.of(attributes));
    }

    @Test
    void takesAttributesThatAreNoText() {
        attributes.put("configurable", Boolean.FALSE);
        attributes.put("version", 2L);
        assertFalse(PluginDeclaration.of(attributes).configurable());
        assertEquals("2", PluginDeclaration.of(attributes).version());
    }

    @ParameterizedTest
    @ValueSource(strings = {"v", "1password", "docker-auth", "a-", "lsx", "enable-all"})
    void allowsNames(String name) {
        attributes.put("name", name);
        assertEquals(name, PluginDeclaration.of(attributes).name());
    }

    @ParameterizedTest
    @ValueSource(strings = {"ls", "enable", "disable", "inspect", "setup", "purge", "new", "Vault", "-v", "a_b", "a.b",
            "a b", "a/b", "ä", "a\n"})
    void refusesNames(String name) {
        attributes.put("name", name);
        assertEquals("the plugin name \"" + name + "\" is not allowed", message());
    }

    @ParameterizedTest
    @CsvSource({"name, true", "name, false", "version, true", "version, false", "pattern, true", "pattern, false"})
    void refusesAMissingAttribute(String attribute, boolean empty) {
        if (empty) {
            attributes.put(attribute, "");
        } else {
            attributes.remove(attribute);
        }
        assertEquals("its capability dev.secretsengine.plugin has no attribute \"" + attribute + "\"", message());
    }

    @Test
    void refusesAPatternThatDoesNotParse() {
        attributes.put("pattern", "vault/");
        assertTrue(message().startsWith("invalid pattern \"vault/\""), this::message);
    }

    private String message() {
        return assertThrows(IllegalArgumentException.class, () -> PluginDeclaration.of(attributes)).getMessage();
    }
}
