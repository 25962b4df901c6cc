package dev.secretsengine.client;

import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.codec.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A secret with what the engine knows of it. Closing it wipes its value. Not thread-safe. */
public final class Secret implements AutoCloseable {

    private final Envelope envelope;
    private final byte[] bytes;

    private Secret(Envelope envelope) {
        this.envelope = envelope;
        this.bytes = envelope.value() == null ? new byte[0] : envelope.value().take();
    }

    /** Takes the value over. */
    static Secret of(Envelope envelope) {
        return new Secret(envelope);
    }

    /** Which secret this is: components with slashes between them. */
    public String id() {
        return text(envelope.id());
    }

    /** The value: the array itself, not a copy, which close wipes. */
    public byte[] bytes() {
        return bytes;
    }

    /** The plugin that it comes from. */
    public String provider() {
        return text(envelope.provider());
    }

    /** The backend's own version of this value, empty if it has none. */
    public String version() {
        return text(envelope.version());
    }

    /** When the value was stored, if the backend knows. */
    public Optional<Instant> createdAt() {
        return time(envelope.createdAt());
    }

    /** When the backend was asked. */
    public Optional<Instant> resolvedAt() {
        return time(envelope.resolvedAt());
    }

    /** Until when the value may be used; without it there is no limit. */
    public Optional<Instant> expiresAt() {
        return time(envelope.expiresAt());
    }

    /** What the backend says of the secret, never secret itself. */
    public Map<String, String> metadata() {
        return envelope.metadata();
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static Optional<Instant> time(@Nullable Timestamp time) {
        return time == null ? Optional.empty() : time.instant();
    }

    /** Wipes the value. May be called more than once. */
    @Override
    public void close() {
        Arrays.fill(bytes, (byte) 0);
    }

    /** The ID, never the value. */
    @Override
    public String toString() {
        return "Secret[" + id() + "]";
    }
}
