package dev.secretsengine.launcher.host;

import dev.secretsengine.launcher.protocol.FrameChannel;
import java.io.Closeable;
import java.io.IOException;

/**
 * How much clients may send: each of them, and all whose commands have not ended, so that they do not use up the engine's
 * memory. Thread-safe.
 */
final class RequestMemory {

    private static final int EACH = 16 << 20;
    private static final int ALL = 64 << 20;

    private final int all;
    private int used;

    /** Memory for the engine's heap. */
    RequestMemory() {
        this(ALL);
    }

    RequestMemory(int all) {
        this.all = all;
    }

    /** A client has sent more than there is room for; the message is for its user. */
    static final class ExhaustedException extends IOException {

        private static final long serialVersionUID = 1L;

        ExhaustedException(String message) {
            super(message);
        }
    }

    /** What one client has sent, until its command has ended. */
    final class Share implements FrameChannel.Meter, Closeable {

        private int taken;

        @Override
        public void take(int bytes) throws ExhaustedException {
            if (taken > EACH - bytes) {
                throw new ExhaustedException("the request is larger than " + (EACH >> 20) + " MiB: send less");
            }
            synchronized (RequestMemory.this) {
                if (used > all - bytes) {
                    throw new ExhaustedException(
                            "the engine holds too many large requests: run the command again later");
                }
                used += bytes;
            }
            taken += bytes;
        }

        @Override
        public void close() {
            synchronized (RequestMemory.this) {
                used -= taken;
            }
            taken = 0;
        }
    }
}
