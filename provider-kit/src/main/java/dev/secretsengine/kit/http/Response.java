package dev.secretsengine.kit.http;

import dev.secretsengine.kit.WipedBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/**
 * What a server answered. Closing it wipes the body.
 *
 * @param status of HTTP
 * @param retryAfter the header of that name, empty if there is none
 * @param body all of it, unless it is over its limit
 */
public record Response(int status, String retryAfter, WipedBuffer body) implements AutoCloseable {

    /** How long the server wants to be left alone: seconds or a date in Retry-After, else this long. */
    public Duration wait(Duration otherwise) {
        try {
            if (retryAfter.matches("[0-9]{1,9}")) {
                return Duration.ofSeconds(Long.parseLong(retryAfter));
            }
            return retryAfter.isEmpty()
                    ? otherwise
                    : Duration.between(Instant.now(),
                            ZonedDateTime.parse(retryAfter, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
        } catch (DateTimeParseException e) {
            return otherwise;
        }
    }

    @Override
    public void close() {
        body.close();
    }
}
