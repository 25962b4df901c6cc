package dev.secretsengine.client.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimesTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "2026-05-01", "2026-05-01T12:00:00", "2026-05-01 12:00:00Z", "2026-05-01t12:00:00z",
            "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-05-01T24:00:00Z", "2026-05-01T23:59:60Z",
            "2026-05-01T12:00:00.Z", "2026-05-01T12:00:00.1234567890Z", "2026-05-01T12:00:00+1:00",
            "2026-05-01T12:00:00+24:00", "2026-05-01T12:00:00+00:60", "2026-05-01T12:00:00Zx", "026-05-01T12:00:00Z",
            "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "+2026-05-01T12:00:00Z",
            "2026-05-01T12:00:00\u0660Z", "2026-05-01T12:00"})
    void rejectsTextThatIsNoTimestamp(String text) {
        assertNull(Timestamp.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"1970-01-01T00:00:00Z,1970-01-01T00:00:00Z", "2026-05-01T12:00:00.1Z,2026-05-01T12:00:00.100Z",
            "2026-05-01T12:00:00.000100Z,2026-05-01T12:00:00.000100Z",
            "2026-05-01T12:00:00.123456789+02:30,2026-05-01T09:30:00.123456789Z",
            "2026-05-01T12:00:00-00:00,2026-05-01T12:00:00Z", "1969-12-31T23:59:59.5Z,1969-12-31T23:59:59.500Z",
            "0001-01-01T00:00:00Z,0001-01-01T00:00:00Z",
            "9999-12-31T23:59:59.999999999Z,9999-12-31T23:59:59.999999999Z"})
    void timestampsGoThroughText(String text, String canonical) {
        Timestamp time = Timestamp.parse(text);
        assertNotNull(time);
        assertEquals(canonical, time.toText());
        assertEquals(Optional.of(Instant.parse(canonical)), time.instant());
        assertEquals(time, Timestamp.of(Instant.parse(canonical)));
    }

    @Test
    void aTimestampOutsideOfTheYearsIsNone() {
        assertEquals(Optional.empty(), new Timestamp(Timestamp.MAX + 1, 0).instant());
        assertEquals(Optional.empty(), new Timestamp(Timestamp.MIN - 1, 0).instant());
        assertEquals(Optional.empty(), new Timestamp(0, -1).instant());
        assertEquals(Optional.empty(), new Timestamp(0, 1_000_000_000).instant());
        assertThrows(IllegalArgumentException.class, () -> new Timestamp(Timestamp.MAX + 1, 0).toText());
        assertNull(Timestamp.ofNullable(null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "5", "5 s", "+5s", "--5s", "5.s", ".5s", "5.1234567890s", "5S", "5ss", "1e3s",
            "315576000001s", "-315576000001s", "9999999999999999999s", "99999999999999999999999999s"})
    void rejectsTextThatIsNoDuration(String text) {
        assertNull(TimeSpan.parse(text));
    }

    @ParameterizedTest
    @CsvSource({"5s,5s,PT5S", "0s,0s,PT0S", "-0.5s,-0.500s,PT-0.5S", "1.000001s,1.000001s,PT1.000001S",
            "-7.000000001s,-7.000000001s,PT-7.000000001S", "315576000000s,315576000000s,PT87660000H", "-0s,0s,PT0S"})
    void durationsGoThroughText(String text, String canonical, Duration duration) {
        TimeSpan span = TimeSpan.parse(text);
        assertNotNull(span);
        assertEquals(canonical, span.toText());
        assertEquals(Optional.of(duration), span.duration());
        assertEquals(span, TimeSpan.of(duration));
    }

    @Test
    void aDurationOfTwoSignsIsNone() {
        assertEquals(Optional.empty(), new TimeSpan(1, -1).duration());
        assertEquals(Optional.empty(), new TimeSpan(-1, 1).duration());
        assertEquals(Optional.empty(), new TimeSpan(0, 1_000_000_000).duration());
        assertEquals(Optional.empty(), new TimeSpan(Long.MIN_VALUE, 0).duration());
        assertThrows(IllegalArgumentException.class, () -> new TimeSpan(1, -1).toText());
    }
}
