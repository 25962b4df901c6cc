package dev.secretsengine.launcher.setup;

/** A setup cannot go on: one line for the user, and the exit code. */
final class SetupException extends Exception {

    static final int FAILED = 1;
    static final int USAGE = 2;

    private static final long serialVersionUID = 1L;

    private final int code;

    SetupException(String message) {
        this(FAILED, message);
    }

    SetupException(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
