package dev.secretsengine.api;

/**
 * The failures that cross the SPI. Switch over the permitted classes without a default. The message is one line for the
 * user, without a value and without a backend's raw output; the hint says what to do next.
 */
public abstract sealed class SecretsException extends Exception {

    private static final long serialVersionUID = 1L;

    /** The secret ID, pattern or plugin it is about. */
    private final String subject;

    private final String text;
    private final String hint;

    /** See {@link #fatal}. */
    private boolean fatal;

    private SecretsException(String subject, String message, String hint) {
        super(message);
        this.subject = subject;
        this.text = message;
        this.hint = hint;
    }

    /** The secret ID, pattern or plugin it is about. */
    public String subject() {
        return subject;
    }

    /** What the user can do about it, in one clause; empty if there is nothing. */
    public String hint() {
        return hint;
    }

    /** The message with its hint: one line. */
    public String advice() {
        return hint.isEmpty() ? text : text + ": " + hint;
    }

    /**
     * Says that the plugin cannot go on before its user has done something: it is not asked any more, and is listed as
     * crashed with this reason, until it is enabled again or its bundle is replaced.
     */
    public SecretsException fatal() {
        fatal = true;
        return this;
    }

    /** Whether the plugin cannot go on. */
    public boolean isFatal() {
        return fatal;
    }

    /** Adds what lies behind it, for a debug log only. */
    public SecretsException causedBy(Throwable cause) {
        initCause(cause);
        return this;
    }

    /** The secret, or what was asked about, is not there. */
    public static final class NotFound extends SecretsException {

        private static final long serialVersionUID = 1L;

        /** See {@link SecretsException}. */
        public NotFound(String subject, String message, String hint) {
            super(subject, message, hint);
        }
    }

    /** The backend, or its user, said no: wrong credentials, a dismissed prompt, no permission. */
    public static final class Denied extends SecretsException {

        private static final long serialVersionUID = 1L;

        /** See {@link SecretsException}. */
        public Denied(String subject, String message, String hint) {
            super(subject, message, hint);
        }
    }

    /** The backend cannot answer now: unreachable, locked, too slow, over its rate limit. Later it may. */
    public static final class Unavailable extends SecretsException {

        private static final long serialVersionUID = 1L;

        /** See {@link SecretsException}. */
        public Unavailable(String subject, String message, String hint) {
            super(subject, message, hint);
        }
    }

    /** The request, a setting or a stored item is malformed. Trying again does not help. */
    public static final class Invalid extends SecretsException {

        private static final long serialVersionUID = 1L;

        /** See {@link SecretsException}. */
        public Invalid(String subject, String message, String hint) {
            super(subject, message, hint);
        }
    }

    /** Anything else: an I/O error, a bug in a bundle. */
    public static final class Failed extends SecretsException {

        private static final long serialVersionUID = 1L;

        /** See {@link SecretsException}. */
        public Failed(String subject, String message, String hint) {
            super(subject, message, hint);
        }
    }
}
