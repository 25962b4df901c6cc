package dev.secretsengine.api;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a store tells of a secret without its value.
 *
 * @param id the secret
 * @param createdAt when it was first stored, null if the store does not know
 * @param modifiedAt when it was last replaced, null if the store does not know
 * @param metadata what the user attached to it, never secret
 */
public record SecretInfo(SecretId id, @Nullable Instant createdAt, @Nullable Instant modifiedAt,
        Map<String, String> metadata) {

    /** Copies the metadata. */
    public SecretInfo {
        metadata = Map.copyOf(metadata);
    }
}
