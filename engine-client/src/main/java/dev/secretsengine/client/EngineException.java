package dev.secretsengine.client;

import dev.secretsengine.client.protocol.ConnectError;

/**
 * What can go wrong when the engine is asked. Switch over the permitted classes without a default. The message is one
 * line for the user, without a value.
 */
public abstract sealed class EngineException extends Exception {

    private static final long serialVersionUID = 1L;

    private EngineException(String message) {
        super(message);
    }

    /** What the engine says. */
    static EngineException of(ConnectError error) {
        String message = error.message().replaceAll("\\p{Cntrl}+", " ");
        return switch (error.code()) {
            case NOT_FOUND -> new NotFound(message);
            case PERMISSION_DENIED, UNAUTHENTICATED -> new Denied(message);
            case INVALID_ARGUMENT, FAILED_PRECONDITION, OUT_OF_RANGE, ALREADY_EXISTS -> new Invalid(message);
            case UNAVAILABLE, DEADLINE_EXCEEDED, CANCELED, ABORTED, RESOURCE_EXHAUSTED -> new Unavailable(message);
            case UNKNOWN, UNIMPLEMENTED, INTERNAL, DATA_LOSS -> new Failed(message);
        };
    }

    /** Adds what lies behind it, for a debug log only. */
    EngineException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    /** The secret, or plugin, is not there. */
    public static final class NotFound extends EngineException {

        private static final long serialVersionUID = 1L;

        NotFound(String message) {
            super(message);
        }
    }

    /** Access control, or the engine, said no. */
    public static final class Denied extends EngineException {

        private static final long serialVersionUID = 1L;

        Denied(String message) {
            super(message);
        }
    }

    /** The request is no good, or not for this plugin: trying again does not help. */
    public static final class Invalid extends EngineException {

        private static final long serialVersionUID = 1L;

        Invalid(String message) {
            super(message);
        }
    }

    /** No engine listens, it went away, or it did not answer in time. Later it may. */
    public static final class Unavailable extends EngineException {

        private static final long serialVersionUID = 1L;

        Unavailable(String message) {
            super(message);
        }
    }

    /** Anything else: the engine or a plugin has failed, or what answers is no engine. */
    public static final class Failed extends EngineException {

        private static final long serialVersionUID = 1L;

        Failed(String message) {
            super(message);
        }
    }
}
