package dev.secretsengine.onepassword.item;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FieldChoiceTest {

    private static final Field USER = field("username", "username", "STRING", "USERNAME", "");
    private static final Field PASSWORD = field("password", "password", "CONCEALED", "PASSWORD", "");
    private static final Field PIN = field("x1", "PIN (card)", "CONCEALED", "", "s1");
    private static final Field OTHER_PIN = field("x2", "PIN (card)", "CONCEALED", "", "s2");
    private static final Field OUTER_PIN = field("x3", "pin-card", "CONCEALED", "", "");

    private static Field field(String id, String label, String type, String purpose, String section) {
        return new Field(id, label, type, purpose, section, section.isEmpty() ? "" : "Section " + section,
                SecretValue.wrap("value-canary".getBytes(StandardCharsets.UTF_8)));
    }

    private static FieldChoice among(Field... fields) {
        return new FieldChoice("v/i", new Item("", "", "1", false, List.of(fields)));
    }

    private static String refusal(SecretsException failure) {
        assertFalse(failure.advice().contains("value-canary"));
        return failure.advice();
    }

    @Test
    void withoutANameItIsThePassword() throws Exception {
        assertEquals(PASSWORD, among(USER, PIN, PASSWORD, OTHER_PIN).main());
    }

    @Test
    void withoutAPasswordItIsTheOnlyConcealedField() throws Exception {
        assertEquals(PIN, among(USER, PIN).main());
        assertEquals(
                "the item v/i has no password of its own and several concealed fields: name a field: v/i/username, "
                        + "v/i/section-s1/pin-card, v/i/section-s2/pin-card",
                refusal(assertThrows(SecretsException.Invalid.class, () -> among(USER, PIN, OTHER_PIN).main())));
        assertEquals("the item v/i has no password: name a field: v/i/username",
                refusal(assertThrows(SecretsException.Invalid.class, () -> among(USER).main())));
        assertEquals("the item v/i has no password: name a field: it has none with a value",
                refusal(assertThrows(SecretsException.Invalid.class, () -> among().main())));
    }

    @Test
    void aFieldIsNamedByLabelOrId() throws Exception {
        assertEquals(PIN, among(USER, PIN).named(List.of("Pin-Card")));
        assertEquals(PIN, among(USER, PIN).named(List.of("X1")));
        assertEquals(PIN, among(USER, PIN).named(List.of("section-s1", "pin-card")));
        assertEquals(PIN, among(USER, PIN).named(List.of("S1", "x1")));
        assertEquals(
                "the item v/i has no field s2/x1 with a value: name one of these: v/i/username, v/i/section-s1/pin-card",
                refusal(assertThrows(SecretsException.NotFound.class,
                        () -> among(USER, PIN).named(List.of("s2", "x1")))));
    }

    @Test
    void theFieldOutsideAllSectionsWinsAndElseTheSectionDecides() throws Exception {
        assertEquals(OUTER_PIN, among(PIN, OTHER_PIN, OUTER_PIN).named(List.of("pin-card")));
        assertEquals(OTHER_PIN, among(PIN, OTHER_PIN).named(List.of("section-s2", "pin-card")));
        assertEquals(
                "the item v/i has several fields pin-card: name one with its section, or by its ID: "
                        + "v/i/section-s1/pin-card, v/i/section-s2/pin-card",
                refusal(assertThrows(SecretsException.Invalid.class,
                        () -> among(USER, PIN, OTHER_PIN).named(List.of("pin-card")))));
    }

    @Test
    void aLongListIsCutShort() {
        Field[] many = IntStream.range(0, 30).mapToObj(i -> field("f" + i, "", "STRING", "", ""))
                .toArray(Field[]::new);
        String refusal = refusal(assertThrows(SecretsException.Invalid.class, () -> among(many).main()));
        assertTrue(refusal.startsWith("the item v/i has no password: name a field: v/i/f0, v/i/f1, "), refusal);
        assertTrue(refusal.endsWith(", v/i/f19, ..."), refusal);
    }
}
