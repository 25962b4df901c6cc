package dev.secretsengine.client.protocol;

import java.util.Locale;

/** The codes of Connect's errors. */
public enum ConnectCode {

    /** The caller gave up. */
    CANCELED(499),
    /** Nothing is known of it. */
    UNKNOWN(500),
    /** The request is no good. */
    INVALID_ARGUMENT(400),
    /** It took longer than the caller allowed. */
    DEADLINE_EXCEEDED(504),
    /** It is not there. */
    NOT_FOUND(404),
    /** It is there already. */
    ALREADY_EXISTS(409),
    /** The caller may not. */
    PERMISSION_DENIED(403),
    /** Too much, or too many. */
    RESOURCE_EXHAUSTED(429),
    /** Not in this state. */
    FAILED_PRECONDITION(400),
    /** Somebody else was first. */
    ABORTED(409),
    /** Beyond the end. */
    OUT_OF_RANGE(400),
    /** There is no such procedure. */
    UNIMPLEMENTED(501),
    /** The server has failed. */
    INTERNAL(500),
    /** Later it may work. */
    UNAVAILABLE(503),
    /** Something was lost. */
    DATA_LOSS(500),
    /** The server does not know who calls. */
    UNAUTHENTICATED(401);

    private final int status;
    private final String wireName = name().toLowerCase(Locale.ROOT);

    ConnectCode(int status) {
        this.status = status;
    }

    /** The HTTP status of an answer with this code. */
    public int status() {
        return status;
    }

    /** Its name on the wire. */
    public String wireName() {
        return wireName;
    }

    /** The code with this name on the wire; unknown for any other. */
    public static ConnectCode of(String wireName) {
        for (ConnectCode code : values()) {
            if (code.wireName.equals(wireName)) {
                return code;
            }
        }
        return UNKNOWN;
    }

    /** The code that Connect sees in an answer of this status whose body is no error of Connect. */
    public static ConnectCode ofStatus(int status) {
        return switch (status) {
            case 400 -> INTERNAL;
            case 401 -> UNAUTHENTICATED;
            case 403 -> PERMISSION_DENIED;
            case 404 -> UNIMPLEMENTED;
            case 429, 502, 503, 504 -> UNAVAILABLE;
            default -> UNKNOWN;
        };
    }
}
