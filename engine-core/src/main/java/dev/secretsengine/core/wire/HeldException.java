package dev.secretsengine.core.wire;

import java.io.IOException;

/** A socket's name is taken by a process that lives. The message says by which. */
public final class HeldException extends IOException {

    private static final long serialVersionUID = 1L;

    HeldException(String message) {
        super(message);
    }
}
