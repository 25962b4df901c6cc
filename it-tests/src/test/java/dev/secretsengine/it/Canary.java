package dev.secretsengine.it;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * A value that is planted as a secret, to be looked for where it must not be.
 *
 * @param text which occurs nowhere else
 */
record Canary(String text) {

    Canary() {
        this("canary-" + HexFormat.of().formatHex(new SecureRandom().generateSeed(16)));
    }

    byte[] bytes() {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** What it looks like: raw, in hexadecimal, and in base64 at each of its offsets without what neighbours share. */
    List<String> forms() {
        byte[] value = bytes();
        List<String> forms = new ArrayList<>(List.of(text, HexFormat.of().formatHex(value),
                HexFormat.of().formatHex(value).toUpperCase(Locale.ROOT)));
        for (int offset = 0; offset < 3; offset++) {
            byte[] shifted = new byte[offset + value.length];
            System.arraycopy(value, 0, shifted, offset, value.length);
            String encoded = Base64.getEncoder().withoutPadding().encodeToString(shifted);
            forms.add(encoded.substring(offset == 0 ? 0 : offset + 1, encoded.length() - 2));
        }
        return forms;
    }
}
