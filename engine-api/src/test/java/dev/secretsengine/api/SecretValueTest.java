package dev.secretsengine.api;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SecretValueTest {

    @Test
    void wipesTheArrayItTookOver() {
        byte[] bytes = {1, 2, 3};
        SecretValue value = SecretValue.wrap(bytes);
        value.close();
        value.close();
        assertArrayEquals(new byte[3], bytes);
        assertThrows(IllegalStateException.class, value::copyBytes);
    }

    @Test
    void keepsItsOwnCopy() {
        byte[] bytes = {1, 2, 3};
        SecretValue value = SecretValue.copyOf(bytes);
        bytes[0] = 9;
        try (SecretValue copy = value.copy()) {
            value.close();
            assertArrayEquals(new byte[]{1, 2, 3}, copy.copyBytes());
        }
    }

    @Test
    void showsNothingOfItself() {
        try (SecretValue value = SecretValue.wrap(new byte[]{'h', 'i'})) {
            assertEquals("SecretValue[redacted]", value.toString());
            assertFalse(Envelope.of(SecretId.parse("a"), value).toString().contains("hi"));
        }
    }

    @Test
    void holdsOneMebibyteAndNoMore() {
        SecretValue.wrap(new byte[SecretValue.MAX_LENGTH]).close();
        byte[] tooLong = new byte[SecretValue.MAX_LENGTH + 1];
        tooLong[0] = 1;
        var error = assertThrows(IllegalArgumentException.class, () -> SecretValue.wrap(tooLong));
        assertEquals("the value is larger than 4 MiB (4194304 bytes)", error.getMessage());
        assertEquals(0, tooLong[0], "wiped");
    }

    @Test
    void findsNul() {
        try (SecretValue with = SecretValue.wrap(new byte[]{'a', 0});
                SecretValue without = SecretValue.wrap(new byte[]{'a'})) {
            assertTrue(with.hasNul());
            assertFalse(without.hasNul());
        }
    }
}
