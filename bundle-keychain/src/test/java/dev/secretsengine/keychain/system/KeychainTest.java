package dev.secretsengine.keychain.system;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class KeychainTest {

    private static final Layout LAYOUT = new Layout("g", "n");
    private static final SecretId ID = SecretId.parse("a/b");

    @Test
    void marksMetadataAndNothingElse() {
        Map<String, String> attributes = LAYOUT.attributes(ID, Map.of("id", "x", "owner", "alice"));
        assertEquals(Map.of("id", "a/b", "service:group", "g", "service:name", "n", "x_id", "x", "x_owner", "alice"),
                attributes);
        assertEquals(Map.of("id", "x", "owner", "alice"), Layout.metadataOf(attributes));
        assertEquals("g:n:a/b", LAYOUT.label(ID));
    }

    @Test
    void knowsItsItemsByAllThreeAttributes() {
        assertEquals(Optional.of(ID), LAYOUT.idOf(LAYOUT.attributes(ID, Map.of())));
        assertEquals(Optional.empty(), new Layout("g", "other").idOf(LAYOUT.identity(ID)));
        assertEquals(Optional.empty(), new Layout("other", "n").idOf(LAYOUT.identity(ID)));
        assertEquals(Optional.empty(), LAYOUT.idOf(Map.of("id", "a//b", "service:group", "g", "service:name", "n")));
    }

    @Test
    void seesThatAnIdentityIsHashed() {
        assertFalse(Layout.isReadable(Map.of("gkr:compat:hashed:id", "0cc175b9c0f1b6a8")));
        assertTrue(Layout.isReadable(LAYOUT.identity(ID)));
    }
}
