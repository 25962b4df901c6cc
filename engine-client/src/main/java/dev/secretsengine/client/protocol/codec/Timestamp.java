package dev.secretsengine.client.protocol.codec;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A google.protobuf.Timestamp as it came, which may be no valid one.
 *
 * @param seconds since 1970 in UTC; valid from year 1 to 9999
 * @param nanos of the second; valid from 0 to 999,999,999
 */
public record Timestamp(long seconds, int nanos) {

    static final long MIN = -62_135_596_800L;
    static final long MAX = 253_402_300_799L;

    /** The same time. */
    public static Timestamp of(Instant time) {
        return new Timestamp(time.getEpochSecond(), time.getNano());
    }

    /** The same, null for null and for a time that no timestamp can say. */
    public static @Nullable Timestamp ofNullable(@Nullable Instant time) {
        return time == null || !of(time).isValid() ? null : of(time);
    }

    /** The same time; nothing if this is no valid one. */
    public Optional<Instant> instant() {
        return isValid() ? Optional.of(Instant.ofEpochSecond(seconds, nanos)) : Optional.empty();
    }

    boolean isValid() {
        return seconds >= MIN && seconds <= MAX && nanos >= 0 && nanos <= 999_999_999;
    }

    /** As RFC 3339 has it, in UTC, with 0, 3, 6 or 9 digits of a second. */
    String toText() {
        if (!isValid()) {
            throw new IllegalArgumentException("a timestamp outside of the years 1 to 9999");
        }
        LocalDateTime time = LocalDateTime.ofEpochSecond(seconds, 0, ZoneOffset.UTC);
        StringBuilder text = new StringBuilder(30);
        pad(text, time.getYear(), 4).append('-');
        pad(text, time.getMonthValue(), 2).append('-');
        pad(text, time.getDayOfMonth(), 2).append('T');
        pad(text, time.getHour(), 2).append(':');
        pad(text, time.getMinute(), 2).append(':');
        pad(text, time.getSecond(), 2);
        return fraction(text, nanos).append('Z').toString();
    }

    /** Appends 3, 6 or 9 digits, none for zero. */
    static StringBuilder fraction(StringBuilder text, int nanos) {
        if (nanos == 0) {
            return text;
        }
        text.append('.');
        if (nanos % 1_000_000 == 0) {
            return pad(text, nanos / 1_000_000, 3);
        }
        return nanos % 1_000 == 0 ? pad(text, nanos / 1_000, 6) : pad(text, nanos, 9);
    }

    private static StringBuilder pad(StringBuilder text, int number, int digits) {
        String plain = Integer.toString(number);
        return text.repeat('0', digits - plain.length()).append(plain);
    }

    /** Reads RFC 3339, with any offset and up to 9 digits of a second; null if it is something else. */
    static @Nullable Timestamp parse(String text) {
        TextScanner in = new TextScanner(text);
        int year = in.digits(4);
        int month = in.skip('-').digits(2);
        int day = in.skip('-').digits(2);
        int hour = in.skip('T').digits(2);
        int minute = in.skip(':').digits(2);
        int second = in.skip(':').digits(2);
        int nanos = in.fraction();
        int offset = in.offset();
        if (!in.isDone()) {
            return null;
        }
        try {
            long seconds = LocalDateTime.of(year, month, day, hour, minute, second).toEpochSecond(ZoneOffset.UTC);
            Timestamp time = new Timestamp(seconds - offset, nanos);
            return time.isValid() ? time : null;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
