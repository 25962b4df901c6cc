package dev.secretsengine.launcher.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.SecretValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

class JsonTest {

    private static String json(Object value) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Json.write(value, out);
        return out.toString(UTF_8);
    }

    private static String ofValue(byte... bytes) throws IOException {
        try (SecretValue value = SecretValue.copyOf(bytes)) {
            return json(Map.of("Value", value));
        }
    }

    @Test
    void writesUtf8ValuesAsText() throws IOException {
        assertEquals("{\"value\":\"grüße 😀\"}", ofValue("grüße 😀".getBytes(UTF_8)));
        assertEquals("{\"value\":\"\"}", ofValue());
    }

    @Test
    void escapesWhatJsonCannotHold() throws IOException {
        assertEquals("{\"value\":\"a\\\"b\\\\c\\n\\u0000\\u001B\"}",
                ofValue("a\"b\\c\n\0\33".getBytes(UTF_8)));
    }

    @Test
    void writesOtherValuesUnderAKeyOfTheirOwn() throws IOException {
        assertEquals("{\"valueBase64\":\"/wA=\"}", ofValue((byte) 0xFF, (byte) 0));
        assertEquals("{\"valueBase64\":\"YcM=\"}", ofValue((byte) 'a', (byte) 0xC3));
    }

    @Test
    void namesTheFieldsOfARowInLowerCaseAndLeavesOtherKeysAlone() throws IOException {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", "a/b");
        row.put("CreatedAt", "now");
        row.put("Metadata", Map.of("Owner", "alice", "ID", "7"));
        assertEquals("{\"id\":\"a/b\",\"createdAt\":\"now\",\"metadata\":{\"ID\":\"7\",\"Owner\":\"alice\"}}",
                json(row));
    }

    @Test
    void writesFlagsAndNumbersAsSuch() throws IOException {
        assertEquals("{\"flag\":true}", json(Map.of("Flag", true)));
        assertEquals("{\"pid\":12}", json(Map.of("Pid", 12L)));
        assertEquals("\"text\"", json("text"));
    }

    @Test
    void leavesTheStreamOpen() throws IOException {
        AtomicBoolean closed = new AtomicBoolean();
        Json.write("x", new OutputStream() {

            @Override
            public void write(int b) {
            }

            @Override
            public void close() {
                closed.set(true);
            }
        });
        assertEquals(false, closed.get());
    }
}
