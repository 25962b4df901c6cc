package dev.secretsengine.core.yamux;

import java.io.IOException;

/** The peer broke the rules of yamux; the session is over. */
public final class YamuxException extends IOException {

    private static final long serialVersionUID = 1L;

    /** Says which rule. */
    YamuxException(String message) {
        super(message);
    }
}
