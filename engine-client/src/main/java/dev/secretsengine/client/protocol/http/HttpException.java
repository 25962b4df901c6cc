package dev.secretsengine.client.protocol.http;

/** A message that is no good. What comes behind it cannot be found: a server answers with the status and hangs up. */
public final class HttpException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int status;

    /** The status for the answer, and what is wrong in a few words, nothing of what the message holds. */
    HttpException(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }

    /** The status of the answer to such a request. */
    public int status() {
        return status;
    }
}
