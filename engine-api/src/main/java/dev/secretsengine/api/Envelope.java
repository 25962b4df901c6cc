package dev.secretsengine.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One secret as a provider answers it. Closing the envelope wipes its value.
 *
 * @param id which secret this is
 * @param value its bytes; the envelope owns them
 * @param provider the plugin that answered; the engine fills it in
 * @param version the backend's own version of this value, empty if it has none
 * @param createdAt when the value was stored, if the backend knows
 * @param resolvedAt when the backend was asked
 * @param expiresAt until when the value may be used, null for no limit
 * @param metadata what the backend says of the secret, never secret itself
 */
public record Envelope(SecretId id, SecretValue value, String provider, String version, @Nullable Instant createdAt,
        Instant resolvedAt, @Nullable Instant expiresAt, Map<String, String> metadata) implements AutoCloseable {

    /** Copies the metadata. */
    public Envelope {
        metadata = Map.copyOf(metadata);
    }

    /** An envelope of a value without version, expiry or metadata, resolved now. */
    public static Envelope of(SecretId id, SecretValue value) {
        return new Envelope(id, value, "", "", null, Instant.now(), null, Map.of());
    }

    /** The same envelope, and the same value, under a provider's name. */
    public Envelope from(String provider, String version) {
        return new Envelope(id, value, provider, this.version.isEmpty() ? version : this.version, createdAt, resolvedAt,
                expiresAt, metadata);
    }

    @Override
    public void close() {
        value.close();
    }
}
