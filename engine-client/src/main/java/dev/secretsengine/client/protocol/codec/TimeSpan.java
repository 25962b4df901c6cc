package dev.secretsengine.client.protocol.codec;

import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A google.protobuf.Duration as it came, which may be no valid one.
 *
 * @param seconds valid up to 10,000 years
 * @param nanos valid up to 999,999,999, with the sign of the seconds
 */
public record TimeSpan(long seconds, int nanos) {

    static final long MAX = 315_576_000_000L;

    /** The same span. */
    public static TimeSpan of(Duration span) {
        long seconds = span.getSeconds();
        int nanos = span.getNano();
        // java.time has a negative span as seconds below, and nanos up.
        return seconds < 0 && nanos > 0
                ? new TimeSpan(seconds + 1, nanos - 1_000_000_000)
                : new TimeSpan(seconds, nanos);
    }

    /** The same span; nothing if this is no valid one. */
    public Optional<Duration> duration() {
        return isValid() ? Optional.of(Duration.ofSeconds(seconds, nanos)) : Optional.empty();
    }

    boolean isValid() {
        return Math.abs(seconds) <= MAX && seconds != Long.MIN_VALUE && nanos >= -999_999_999 && nanos <= 999_999_999
                && !(seconds < 0 && nanos > 0) && !(seconds > 0 && nanos < 0);
    }

    /** Seconds with 0, 3, 6 or 9 digits behind the point, and an s. */
    String toText() {
        if (!isValid()) {
            throw new IllegalArgumentException("a duration of more than 10,000 years, or of two signs");
        }
        StringBuilder text = new StringBuilder(24);
        if (seconds < 0 || nanos < 0) {
            text.append('-');
        }
        text.append(Math.abs(seconds));
        return Timestamp.fraction(text, Math.abs(nanos)).append('s').toString();
    }

    /** Reads seconds with up to 9 digits behind the point, and an s; null if it is something else. */
    static @Nullable TimeSpan parse(String text) {
        TextScanner in = new TextScanner(text);
        int sign = in.sign();
        long seconds = in.number();
        int nanos = in.fraction();
        if (!in.skip('s').isDone()) {
            return null;
        }
        TimeSpan span = new TimeSpan(sign * seconds, sign * nanos);
        return span.isValid() ? span : null;
    }
}
