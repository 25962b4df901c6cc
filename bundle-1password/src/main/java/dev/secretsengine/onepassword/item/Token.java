package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The token of a service account or of a Connect server. Closing it wipes it. */
public final class Token implements AutoCloseable {

    private static final int MAX_LENGTH = 16 << 10;

    private final SecretValue value;

    private Token(SecretValue value) {
        this.value = value;
    }

    /**
     * A token, white space around it aside.
     *
     * @param value stays the caller's
     * @throws SecretsException.Invalid if no token looks like that: an environment or an HTTP header that refused it
     *     would show it in an exception
     */
    public static Token of(String plugin, SecretValue value) throws SecretsException {
        byte[] bytes = value.copyBytes();
        try {
            int start = 0;
            int end = bytes.length;
            while (start < end && bytes[start] >= 0 && bytes[start] <= ' ') {
                start++;
            }
            while (end > start && bytes[end - 1] >= 0 && bytes[end - 1] <= ' ') {
                end--;
            }
            boolean isVisible = end > start && end - start <= MAX_LENGTH;
            for (int i = start; i < end; i++) {
                isVisible &= bytes[i] > ' ' && bytes[i] < 0x7f;
            }
            if (!isVisible) {
                throw new SecretsException.Invalid(plugin, "what was given as token of " + plugin + " is no token",
                        "give a service account's token, one word that begins with ops_, or a Connect server's");
            }
            return new Token(SecretValue.wrap(Arrays.copyOfRange(bytes, start, end)));
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * The token as text, for one call: Java takes environments and HTTP headers as {@code String} only, so that this copy
     * cannot be wiped.
     */
    public String text() {
        byte[] bytes = value.copyBytes();
        try {
            return new String(bytes, StandardCharsets.US_ASCII);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    @Override
    public void close() {
        value.close();
    }
}
