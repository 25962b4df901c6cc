package dev.secretsengine.core.connect;

import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.ConnectError;

/** A call that ends in an error of Connect. */
public final class CallException extends Exception {

    private static final long serialVersionUID = 1L;

    private final ConnectCode code;

    /** An error with one line that the caller gets to see. */
    public CallException(ConnectCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    ConnectError error() {
        return new ConnectError(code, String.valueOf(getMessage()));
    }
}
