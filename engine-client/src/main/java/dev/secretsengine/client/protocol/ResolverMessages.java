package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.Field;
import dev.secretsengine.client.protocol.codec.MessageType;
import dev.secretsengine.client.protocol.codec.SecretBytes;
import dev.secretsengine.client.protocol.codec.Timestamp;
import dev.secretsengine.client.protocol.codec.Wipeable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The messages of resolver.v1. */
public final class ResolverMessages {

    private ResolverMessages() {
    }

    /**
     * Asks for secrets.
     *
     * @param pattern which, in the syntax of patterns
     */
    public record GetSecretsRequest(@Nullable String pattern) {

        /** See {@link MessageType}. */
        public static final MessageType<GetSecretsRequest> TYPE = MessageType.of(GetSecretsRequest.class,
                v -> new GetSecretsRequest(v.at(0, String.class)),
                Field.string(1, "pattern", GetSecretsRequest::pattern));
    }

    /**
     * The secrets that were found. Closing it wipes their values.
     *
     * @param envelopes may be empty
     */
    public record GetSecretsResponse(List<Envelope> envelopes) implements Wipeable {

        /** See {@link MessageType}. */
        public static final MessageType<GetSecretsResponse> TYPE = MessageType.of(GetSecretsResponse.class,
                v -> new GetSecretsResponse(v.list(0, Envelope.class)),
                Field.messages(1, "envelopes", Envelope.TYPE, GetSecretsResponse::envelopes));

        /** Copies the list. */
        public GetSecretsResponse {
            envelopes = List.copyOf(envelopes);
        }

        @Override
        public void close() {
            envelopes.forEach(Envelope::close);
        }
    }

    /**
     * One secret. Closing it wipes its value.
     *
     * @param id which secret this is
     * @param value its bytes; the envelope owns them
     * @param provider the plugin that answered
     * @param version the backend's own version of this value
     * @param createdAt when the value was stored
     * @param resolvedAt when the backend was asked
     * @param expiresAt until when the value may be used
     * @param metadata what the backend says of the secret, never secret itself
     */
    public record Envelope(@Nullable String id, @Nullable SecretBytes value, @Nullable String provider,
            @Nullable String version, @Nullable Timestamp createdAt, @Nullable Timestamp resolvedAt,
            @Nullable Timestamp expiresAt, Map<String, String> metadata) implements Wipeable {

        /** See {@link MessageType}. */
        public static final MessageType<Envelope> TYPE = MessageType.of(Envelope.class,
                v -> new Envelope(v.at(0, String.class), v.at(1, SecretBytes.class), v.at(2, String.class),
                        v.at(3, String.class), v.at(4, Timestamp.class), v.at(5, Timestamp.class),
                        v.at(6, Timestamp.class), v.map(7)),
                Field.string(1, "id", Envelope::id),
                Field.secret(2, "value", Envelope::value),
                Field.string(3, "provider", Envelope::provider),
                Field.string(4, "version", Envelope::version),
                Field.timestamp(5, "created_at", Envelope::createdAt),
                Field.timestamp(6, "resolved_at", Envelope::resolvedAt),
                Field.timestamp(7, "expires_at", Envelope::expiresAt),
                Field.map(8, "metadata", Envelope::metadata));

        /** Copies the metadata. */
        public Envelope {
            metadata = Map.copyOf(metadata);
        }

        @Override
        public void close() {
            if (value != null) {
                value.close();
            }
        }
    }

    /**
     * Asks whether secrets may be read, without reading them.
     *
     * @param patterns which
     */
    public record AuthorizeRequest(List<String> patterns) {

        /** See {@link MessageType}. */
        public static final MessageType<AuthorizeRequest> TYPE = MessageType.of(AuthorizeRequest.class,
                v -> new AuthorizeRequest(v.list(0, String.class)),
                Field.strings(1, "patterns", AuthorizeRequest::patterns));

        /** Copies the list. */
        public AuthorizeRequest {
            patterns = List.copyOf(patterns);
        }
    }

    /**
     * Whether they may be read; also what a module of access control answers to the same question.
     *
     * @param decision anything but {@link Decision#ALLOW} is a denial
     * @param expiresAt until when this holds
     */
    public record AuthorizeResponse(@Nullable Decision decision, @Nullable Timestamp expiresAt) {

        /** See {@link MessageType}. */
        public static final MessageType<AuthorizeResponse> TYPE = MessageType.of(AuthorizeResponse.class,
                v -> new AuthorizeResponse(v.at(0, Decision.class), v.at(1, Timestamp.class)),
                Field.enumeration(1, "decision", Decision.TYPE, AuthorizeResponse::decision),
                Field.timestamp(2, "expires_at", AuthorizeResponse::expiresAt));
    }
}
