package dev.secretsengine.launcher.client;

/** The client cannot go on: one line for the user, and the exit code. */
final class ClientException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    ClientException(int code, String message) {
        super(message);
        this.code = code;
    }

    int code() {
        return code;
    }
}
