package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks the peer again and again whether it is there, and ends the session when it does not say so in time. */
final class KeepAlive {

    private static final long NONE = -1;

    private final FrameWriter writer;
    private final Duration patience;
    private final Consumer<IOException> failure;
    private final AtomicLong awaited = new AtomicLong(NONE);
    private long next;
    private @Nullable Future<?> questions;

    KeepAlive(FrameWriter writer, Duration patience, Consumer<IOException> failure) {
        this.writer = writer;
        this.patience = patience;
        this.failure = failure;
    }

    /** Begins. */
    synchronized void start(Duration interval) {
        questions = Timers.every(interval, this::ask);
    }

    /** On the clock's thread, which must not write. */
    private void ask() {
        long question = next++ & 0xffff_ffffL;
        if (!awaited.compareAndSet(NONE, question)) {
            return;
        }
        try {
            writer.post(new Frame(Frame.PING, Frame.SYN, 0, question));
            Timers.after(patience, () -> check(question));
        } catch (IOException e) {
            stop();
        }
    }

    private void check(long question) {
        if (awaited.get() == question) {
            failure.accept(new SocketTimeoutException("the peer does not answer"));
        }
    }

    /** An answer; one that nobody waits for any more means nothing. */
    void answered(long question) {
        awaited.compareAndSet(question, NONE);
    }

    /** Ends. */
    synchronized void stop() {
        awaited.set(NONE);
        if (questions != null) {
            questions.cancel(false);
        }
    }
}
