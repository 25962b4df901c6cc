package dev.secretsengine.core.watch;

/** Somebody else goes on with what this thread was doing: it leaves everything as it is. */
public final class PassedOn extends RuntimeException {

    private static final long serialVersionUID = 1L;

    PassedOn() {
        super("another thread goes on", null, false, false);
    }
}
