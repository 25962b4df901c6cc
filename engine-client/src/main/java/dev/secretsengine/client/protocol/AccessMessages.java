package dev.secretsengine.client.protocol;

import dev.secretsengine.client.protocol.codec.Field;
import dev.secretsengine.client.protocol.codec.MessageType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The messages of accesscontrol.v1. */
public final class AccessMessages {

    private AccessMessages() {
    }

    /** The system that a requester runs on. What it may say of signers is not read. */
    public sealed interface Platform {
    }

    /** macOS. */
    public record Darwin() implements Platform {

        /** See {@link MessageType}. */
        public static final MessageType<Darwin> TYPE = MessageType.of(Darwin.class, _ -> new Darwin());
    }

    /** Windows. */
    public record Windows() implements Platform {

        /** See {@link MessageType}. */
        public static final MessageType<Windows> TYPE = MessageType.of(Windows.class, _ -> new Windows());
    }

    /** Linux. */
    public record Linux() implements Platform {

        /** See {@link MessageType}. */
        public static final MessageType<Linux> TYPE = MessageType.of(Linux.class, _ -> new Linux());
    }

    /**
     * The process that asks.
     *
     * @param pid of the process
     * @param name of its executable, without the folder
     * @param absoluteBinaryPath of its executable
     * @param signedByDocker whether the executable is
     * @param platform that it runs on
     */
    public record Requester(@Nullable Integer pid, @Nullable String name, @Nullable String absoluteBinaryPath,
            @Nullable Boolean signedByDocker, @Nullable Platform platform) {

        /** See {@link MessageType}. */
        public static final MessageType<Requester> TYPE = MessageType.of(Requester.class,
                v -> new Requester(v.at(0, Integer.class), v.at(1, String.class), v.at(2, String.class),
                        v.at(3, Boolean.class), v.at(4, Platform.class)),
                Field.int32(1, "pid", Requester::pid),
                Field.string(2, "name", Requester::name),
                Field.string(3, "absolute_binary_path", Requester::absoluteBinaryPath),
                Field.bool(4, "signed_by_docker", Requester::signedByDocker),
                Field.alternative(5, "darwin", Darwin.TYPE, Requester::platform),
                Field.alternative(6, "windows", Windows.TYPE, Requester::platform),
                Field.alternative(7, "linux", Linux.TYPE, Requester::platform));
    }

    /**
     * Asks whether a lookup may go ahead.
     *
     * @param pattern of the lookup
     * @param requester who looks up
     */
    public record CheckAccessRequest(@Nullable String pattern, @Nullable Requester requester) {

        /** See {@link MessageType}. */
        public static final MessageType<CheckAccessRequest> TYPE = MessageType.of(CheckAccessRequest.class,
                v -> new CheckAccessRequest(v.at(0, String.class), v.at(1, Requester.class)),
                Field.string(1, "pattern", CheckAccessRequest::pattern),
                Field.message(2, "requester", Requester.TYPE, CheckAccessRequest::requester));
    }

    /**
     * Whether it may.
     *
     * @param decision anything but {@link Decision#ALLOW} is a denial
     */
    public record CheckAccessResponse(@Nullable Decision decision) {

        /** See {@link MessageType}. */
        public static final MessageType<CheckAccessResponse> TYPE = MessageType.of(CheckAccessResponse.class,
                v -> new CheckAccessResponse(v.at(0, Decision.class)),
                Field.enumeration(1, "decision", Decision.TYPE, CheckAccessResponse::decision));
    }

    /**
     * Asks the same ahead of lookups. The answer is a {@link ResolverMessages.AuthorizeResponse}.
     *
     * @param patterns of the lookups
     * @param requester who is going to look up
     */
    public record AuthorizeAccessRequest(List<String> patterns, @Nullable Requester requester) {

        /** See {@link MessageType}. */
        public static final MessageType<AuthorizeAccessRequest> TYPE = MessageType.of(AuthorizeAccessRequest.class,
                v -> new AuthorizeAccessRequest(v.list(0, String.class), v.at(1, Requester.class)),
                Field.strings(1, "patterns", AuthorizeAccessRequest::patterns),
                Field.message(2, "requester", Requester.TYPE, AuthorizeAccessRequest::requester));

        /** Copies the list. */
        public AuthorizeAccessRequest {
            patterns = List.copyOf(patterns);
        }
    }
}
