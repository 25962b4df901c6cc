package dev.secretsengine.keychain.windows;

import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A generic credential that lasts on this machine.
 *
 * @param target its name, which the Credential Manager compares without regard to case
 * @param userName whose it is
 * @param blob its value, at most {@link #MAX_BLOB} bytes; the owner of the record wipes it
 * @param attributes at most {@link #MAX_ATTRIBUTES}, each of at most {@link #MAX_ATTRIBUTE} bytes
 * @param lastWritten null for one that was not read
 */
// An array, because it is wiped; credentials are never compared.
@SuppressWarnings("ArrayRecordComponent")
record Credential(String target, String userName, byte[] blob, Map<String, byte[]> attributes,
        @Nullable Instant lastWritten) implements AutoCloseable {

    static final int MAX_BLOB = 2560;
    static final int MAX_ATTRIBUTES = 64;
    static final int MAX_ATTRIBUTE = 256;

    /** The length of an attribute's name, in characters. */
    static final int MAX_KEYWORD = 256;

    /** The length of a user name, in characters. */
    static final int MAX_USER_NAME = 513;

    Credential {
        attributes = Map.copyOf(attributes);
    }

    /** Wipes the value. */
    @Override
    public void close() {
        Arrays.fill(blob, (byte) 0);
    }

    /** Never the value. */
    @Override
    public String toString() {
        return "Credential[" + target + "]";
    }
}
