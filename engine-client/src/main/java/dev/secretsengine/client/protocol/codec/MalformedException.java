package dev.secretsengine.client.protocol.codec;

/** Bytes that are not the message they should be. Says what is wrong and where, and nothing of what the bytes hold. */
public final class MalformedException extends Exception {

    private static final long serialVersionUID = 1L;

    MalformedException(String message, int position) {
        super(message + " at byte " + position, null, false, false);
    }
}
