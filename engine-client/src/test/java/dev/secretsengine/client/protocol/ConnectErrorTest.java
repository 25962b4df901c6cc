package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConnectErrorTest {

    private static ConnectError read(int status, String body) {
        return ConnectError.read(status, body.getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"404|404 page not found|UNIMPLEMENTED", "503||UNAVAILABLE", "500|{|UNKNOWN",
            "401|{}|UNAUTHENTICATED", "400|[]|INTERNAL", "403|{\"code\":7}|PERMISSION_DENIED", "302|x|UNKNOWN",
            "404|{\"code\":\"new_code\"}|UNKNOWN"})
    void withoutACodeTheStatusDecides(int status, String body, ConnectCode code) {
        assertEquals(code, read(status, body == null ? "" : body).code());
    }

    @ParameterizedTest
    @EnumSource
    void everyCodeGoesThroughJson(ConnectCode code) {
        ConnectError error = new ConnectError(code, "a \"b\"");
        assertEquals(error, ConnectError.read(code.status(), error.toJson()));
        assertEquals("{\"code\":\"" + code.wireName() + "\",\"message\":\"a \\\"b\\\"\"}",
                new String(error.toJson(), StandardCharsets.UTF_8));
    }

    @Test
    void detailsAreSkipped() {
        assertEquals(new ConnectError(ConnectCode.NOT_FOUND, "gone"),
                read(404,
                        "{\"code\":\"not_found\",\"details\":[{\"type\":\"a\",\"value\":\"b\"}],\"message\":\"gone\"}"));
        assertEquals(new ConnectError(ConnectCode.CANCELED, ""), read(499, "{\"code\":\"canceled\"}"));
    }
}
