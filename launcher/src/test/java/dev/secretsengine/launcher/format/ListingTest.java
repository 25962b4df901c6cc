package dev.secretsengine.launcher.format;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretValue;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ListingTest {

    private static final List<String> FIELDS = List.of("ID", "CreatedAt", "Flag", "Value");
    private static final List<String> COLUMNS = List.of("ID", "CreatedAt", "Flag");

    private static Map<String, Object> row(String id, Object created, Object flag) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", id);
        row.put("CreatedAt", created);
        row.put("Flag", flag);
        return row;
    }

    private static String print(String format, List<Map<String, Object>> rows) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Listing(format, FIELDS, COLUMNS).print(rows, out);
        return out.toString(UTF_8);
    }

    @Test
    void alignsColumnsByCharactersAndNotByBytesOrChars() throws IOException {
        assertEquals("""
                ID      CREATED AT   FLAG
                ä/ö/ü   now          true
                😀/x     later        false
                a
                """, print("table",
                List.of(row("ä/ö/ü", "now", true), row("😀/x", "later", false), row("a", "", ""))));
    }

    @Test
    void printsTheHeadingOfAnEmptyTable() throws IOException {
        assertEquals("ID   CREATED AT   FLAG\n", print("table", List.of()));
    }

    @Test
    void leavesAColumnEmptyWhereARowHasNoSuchField() throws IOException {
        assertEquals("ID   CREATED AT   FLAG\na                 true\n",
                print("table", List.of(Map.of("ID", "a", "Flag", true))));
    }

    @Test
    void printsOneJsonObjectALine() throws IOException {
        assertEquals(
                "{\"id\":\"a\",\"createdAt\":\"now\",\"flag\":true}\n{\"id\":\"b\",\"createdAt\":\"\",\"flag\":7}\n",
                print("json", List.of(row("a", "now", true), row("b", "", 7))));
        assertEquals("", print("json", List.of()));
    }

    @Test
    void rendersATemplateForEachRow() throws IOException {
        assertEquals("a\tnow\nb\t\n",
                print("{{.ID}}\\t{{.CreatedAt}}", List.of(row("a", "now", true), row("b", "", ""))));
    }

    @Test
    void alignsATableTemplateUnderItsHeading() throws IOException {
        assertEquals("""
                CREATED AT   ID (its name)
                now          a (its name)
                long ago     b (its name)
                """, print("table {{.CreatedAt}}\\t{{.ID}} (its name)",
                List.of(row("a", "now", true), row("b", "long ago", true))));
    }

    @ParameterizedTest
    @CsvSource({"ID,ID", "CreatedAt,CREATED AT", "PID,PID", "Name,NAME"})
    void makesHeadingsOfFields(String field, String heading) {
        assertEquals(heading, Listing.heading(field));
    }

    @Test
    void printsAValueByteForByte() throws IOException {
        byte[] bytes = {'a', 0, (byte) 0xFF, '\n'};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SecretValue value = SecretValue.copyOf(bytes)) {
            new Listing("{{.Value}}", FIELDS, COLUMNS).print(List.of(Map.of("Value", value)), out);
        }
        assertArrayEquals(new byte[]{'a', 0, (byte) 0xFF, '\n', '\n'}, out.toByteArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "table {{.ID}}\\t{{.Value}}"})
    void printsAValueByteForByteInATable(String format) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (SecretValue value = SecretValue.copyOf(new byte[]{'v', (byte) 0xFF, ' '})) {
            new Listing(format, FIELDS, List.of("ID", "Value")).print(List.of(Map.of("ID", "abc", "Value", value)),
                    out);
        }
        assertEquals("ID    VALUE\nabc   v\u00ff \n", out.toString(ISO_8859_1));
    }

    @Test
    void refusesATemplateBeforeAnythingIsPrinted() {
        assertThrows(IllegalArgumentException.class, () -> new Listing("{{.Nope}}", FIELDS, COLUMNS));
        assertThrows(IllegalArgumentException.class, () -> new Listing("table {{.ID", FIELDS, COLUMNS));
    }
}
