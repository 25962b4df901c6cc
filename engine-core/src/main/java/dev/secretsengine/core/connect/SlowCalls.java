package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.core.watch.Patrol;
import dev.secretsengine.core.wire.Connection;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cancels calls whose caller has gone, and hangs up on callers that do not take what is sent to them: one thread looks
 * after what takes long, so that the quick ones cost nothing but an entry.
 */
public final class SlowCalls implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SlowCalls.class);

    private static final long PERIOD_MILLIS = 200;

    /** How often the end of the last call is looked for. */
    private static final long LOOK_MILLIS = 20;

    private volatile boolean ending;

    private final Patrol<Watch> watches = new Patrol<>("sdk-callers", Duration.ofMillis(PERIOD_MILLIS), Watch::look);

    /** What goes on on one connection; it is looked after from a call to the end of its answer, and while it writes. */
    final class Watch {

        private final Connection connection;
        private final long takenWithinNanos;
        private volatile @Nullable Cancellation cancellation;
        private volatile long callBegin;

        /** Zero between writes. */
        private volatile long writeBegin;

        private Watch(Connection connection, Duration takenWithin) {
            this.connection = connection;
            this.takenWithinNanos = takenWithin.toNanos();
        }

        /** A call has begun. */
        void asked(Cancellation ofTheCall) {
            callBegin = System.nanoTime();
            cancellation = ofTheCall;
            watches.add(this);
        }

        /** Its answer was sent. */
        void answered() {
            cancellation = null;
            watches.remove(this);
        }

        /** What the peer gets, each write within the time. */
        OutputStream output() {
            return new TimedOutput(connection.output());
        }

        private void look() {
            long now = System.nanoTime();
            long writing = writeBegin;
            Cancellation call = cancellation;
            if (writing != 0 && now - writing > takenWithinNanos) {
                apart(() -> writeBegin == writing, this::hangUp);
            } else if (call != null
                    && (ending || (now - callBegin > PERIOD_MILLIS * 1_000_000 && !connection.isAlive()))) {
                apart(() -> cancellation == call, call::cancel);
            }
        }

        /**
         * What is done there may write, and so wait. This is looked at until it is done: there may be no thread to be had
         * just now.
         *
         * @param isStill whether it is to be done, now that there is a thread
         */
        private void apart(BooleanSupplier isStill, Runnable action) {
            Thread.ofPlatform().daemon().name("sdk-cancel").start(() -> {
                if (isStill.getAsBoolean() && watches.remove(this)) {
                    action.run();
                }
            });
        }

        /** Ends the write, too. */
        private void hangUp() {
            LOG.warn("hung up on process {}, which does not read its answer", connection.peer().pid());
            try {
                connection.close();
            } catch (IOException e) {
                LOG.debug("a connection ended: {}", e.getMessage());
            }
        }

        private final class TimedOutput extends OutputStream {

            private final OutputStream out;

            TimedOutput(OutputStream out) {
                this.out = out;
            }

            @Override
            public void write(int oneByte) throws IOException {
                write(new byte[]{(byte) oneByte}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                // No call: a refusal. A call has its entry already.
                boolean alone = cancellation == null;
                // Zero means none.
                writeBegin = System.nanoTime() | 1;
                if (alone) {
                    watches.add(Watch.this);
                }
                try {
                    out.write(bytes, offset, length);
                } finally {
                    writeBegin = 0;
                    if (alone) {
                        watches.remove(Watch.this);
                    }
                }
            }

            @Override
            public void flush() throws IOException {
                out.flush();
            }
        }
    }

    /** None at first. */
    public SlowCalls() {
    }

    /**
     * A watch for a connection.
     *
     * @param takenWithin how long the peer may take over one write
     */
    Watch watch(Connection connection, Duration takenWithin) {
        return new Watch(connection, takenWithin);
    }

    /** Cancels every call, soon. */
    public void cancel() {
        ending = true;
        watches.hurry();
    }

    /** Waits at most so long until no call is going on, and every answer is sent. */
    public void awaitNone(Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        while (!watches.isEmpty() && System.nanoTime() < end) {
            Thread.sleep(LOOK_MILLIS);
        }
    }

    @Override
    public void close() {
        watches.close();
    }
}
