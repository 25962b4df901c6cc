package dev.secretsengine.api;

import java.util.Arrays;

/**
 * The bytes of a secret: its own copy, never a {@code String}, never shown, wiped on close. Any bytes, NUL included, up
 * to {@link #MAX_LENGTH}. Whoever holds it last closes it. Thread-safe.
 */
public final class SecretValue implements AutoCloseable {

    /** The greatest length of a value in bytes, inclusive: 4 MiB. A {@link LocalStore} keeps less. */
    public static final int MAX_LENGTH = 4 << 20;

    private final byte[] bytes;
    private boolean closed;

    private SecretValue(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Copies the bytes; the caller still owns, and wipes, its own array.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_LENGTH}
     */
    public static SecretValue copyOf(byte[] bytes) {
        requireFits(bytes.length);
        return new SecretValue(bytes.clone());
    }

    /**
     * Takes the array over: the caller must not touch it again, close wipes it.
     *
     * @throws IllegalArgumentException if there are more than {@link #MAX_LENGTH}; the array is wiped even then
     */
    public static SecretValue wrap(byte[] bytes) {
        try {
            requireFits(bytes.length);
        } catch (IllegalArgumentException e) {
            Arrays.fill(bytes, (byte) 0);
            throw e;
        }
        return new SecretValue(bytes);
    }

    private static void requireFits(int length) {
        if (length > MAX_LENGTH) {
            throw new IllegalArgumentException("the value is larger than 4 MiB (" + MAX_LENGTH + " bytes)");
        }
    }

    /**
     * A copy of the bytes, which the caller wipes.
     *
     * @throws IllegalStateException if this value was closed
     */
    public synchronized byte[] copyBytes() {
        requireOpen();
        return bytes.clone();
    }

    /**
     * An independent copy, closed on its own.
     *
     * @throws IllegalStateException if this value was closed
     */
    public synchronized SecretValue copy() {
        requireOpen();
        return new SecretValue(bytes.clone());
    }

    /** The number of bytes, which is as confidential as the value itself. */
    public int length() {
        return bytes.length;
    }

    /** Whether a NUL byte is in it: such a value cannot go into an environment. */
    public synchronized boolean hasNul() {
        requireOpen();
        for (byte b : bytes) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("this secret value was wiped");
        }
    }

    /** Wipes the bytes. May be called more than once. */
    @Override
    public synchronized void close() {
        closed = true;
        Arrays.fill(bytes, (byte) 0);
    }

    /** Never the value, nor its length. */
    @Override
    public String toString() {
        return "SecretValue[redacted]";
    }
}
