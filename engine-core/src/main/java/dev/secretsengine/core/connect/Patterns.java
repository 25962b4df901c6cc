package dev.secretsengine.core.connect;

import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.client.protocol.ConnectCode;
import org.jspecify.annotations.Nullable;

/** Patterns in the messages of callers. */
public final class Patterns {

    private Patterns() {
    }

    /**
     * Parses one; a missing one is empty.
     *
     * @throws CallException if it is none, in the words of the Go SDK
     */
    public static SecretPattern parse(@Nullable String pattern) throws CallException {
        String text = pattern == null ? "" : pattern;
        try {
            return SecretPattern.parse(text);
        } catch (IllegalArgumentException e) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT,
                    "invalid pattern \"" + text + "\": invalid pattern");
        }
    }
}
