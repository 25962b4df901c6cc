package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.Field;
import dev.secretsengine.client.protocol.codec.MessageType;
import org.jspecify.annotations.Nullable;

/** The messages of health.v1. */
public final class HealthMessages {

    private HealthMessages() {
    }

    /**
     * Which engine this is.
     *
     * @param version semantic, with a leading v
     * @param date of its build
     * @param commitHash of its sources
     */
    public record GetVersionResponse(@Nullable String version, @Nullable String date, @Nullable String commitHash) {

        /** See {@link MessageType}. */
        public static final MessageType<GetVersionResponse> TYPE = MessageType.of(GetVersionResponse.class,
                v -> new GetVersionResponse(v.at(0, String.class), v.at(1, String.class), v.at(2, String.class)),
                Field.string(1, "version", GetVersionResponse::version),
                Field.string(2, "date", GetVersionResponse::date),
                Field.string(3, "commit_hash", GetVersionResponse::commitHash));
    }
}
