package dev.secretsengine.launcher.command;

/** What the user typed makes no sense: one line, exit code 2. */
final class UsageException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UsageException(String message) {
        super(message);
    }
}
