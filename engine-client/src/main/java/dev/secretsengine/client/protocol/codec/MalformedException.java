package dev.secretsengine.client.protocol.codec;

/** Bytes that are not the message they should be. Says what is wrong and where, and nothing of what the bytes hold. */
public final class MalformedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isText;

    MalformedException(String message, int position) {
        this(message, position, false);
    }

    MalformedException(String message, int position, boolean isText) {
        super(message + " at byte " + position, null, false, false);
        this.isText = isText;
    }

    /** Whether a text is at fault, which is not UTF-8 or has half of a surrogate pair, and not the syntax. */
    public boolean isText() {
        return isText;
    }
}
