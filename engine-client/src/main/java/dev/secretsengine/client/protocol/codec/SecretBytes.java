package dev.secretsengine.client.protocol.codec;

import java.security.MessageDigest;
import java.util.Arrays;

/**
 * The bytes of a field that holds a secret: never a {@code String}, never shown, wiped on close. Whoever holds it last
 * closes it. Not thread-safe.
 */
public final class SecretBytes implements AutoCloseable {

    private static final byte[] NONE = {};

    private byte[] bytes;

    private SecretBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    /** Takes the array over: close wipes it. */
    public static SecretBytes wrap(byte[] bytes) {
        return new SecretBytes(bytes);
    }

    /** The array itself, not a copy: close wipes it. */
    public byte[] bytes() {
        return bytes;
    }

    /** The array itself, which is the caller's from now on: close does nothing any more. */
    public byte[] take() {
        byte[] taken = bytes;
        bytes = NONE;
        return taken;
    }

    /** Wipes the bytes. May be called more than once. */
    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretBytes secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    /** The same for all: a hash would tell of the bytes. */
    @Override
    public int hashCode() {
        return 1;
    }

    /** Never the bytes, nor how many. */
    @Override
    public String toString() {
        return "SecretBytes[redacted]";
    }
}
