package dev.secretsengine.core.yamux;

import java.time.Duration;

/**
 * How long a session waits, and how much it takes.
 *
 * @param keepAlive how often the peer is asked whether it is still there
 * @param answerWithin how long it may take to say so; longer ends the session
 * @param writeWithin how long the connection may take for one write; longer ends the session
 * @param lingering how long a stream that is closed here may go without the peer's end of it; then it is reset
 * @param inboundStreams how many of the peer's streams may be open at once, those that wait to be accepted included; more
 *        are reset. Each can hold 256 KiB that nobody reads.
 */
public record YamuxSettings(Duration keepAlive, Duration answerWithin, Duration writeWithin, Duration lingering,
        int inboundStreams) {

    /** What the Go implementation does by default, with its accept backlog as the limit of inbound streams. */
    public static final YamuxSettings DEFAULT = new YamuxSettings(Duration.ofSeconds(30), Duration.ofSeconds(10),
            Duration.ofSeconds(10), Duration.ofMinutes(5), 256);

    /** The same with another number of inbound streams. */
    public YamuxSettings withInboundStreams(int limit) {
        return new YamuxSettings(keepAlive, answerWithin, writeWithin, lingering, limit);
    }
}
