package dev.secretsengine.launcher.format;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TemplateTest {

    private static final List<String> FIELDS = List.of("ID", "CreatedAt", "Metadata");

    private static Map<String, Object> row() {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", "a/\"b\"");
        row.put("Metadata", Map.of("Owner", "alice", "B", "2"));
        return row;
    }

    private static String render(String template) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        new Template(template, FIELDS).render(row(), out);
        return out.toString(UTF_8);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', ignoreLeadingAndTrailingWhitespace = false, textBlock = """
            {{.ID}}|a/"b"
            {{ .ID }}|a/"b"
            x{{.ID}}y{{.ID}}z|xa/"b"ya/"b"z
            text only|text only
            }} is text}|}} is text}
            {{.Metadata}}|B=2,Owner=alice
            {{json .ID}}|"a/\\"b\\""
            {{json .}}|{"id":"a/\\"b\\"","metadata":{"B":"2","Owner":"alice"}}
            """)
    void rendersFieldsAndText(String template, String expected) throws IOException {
        assertEquals(expected, render(template));
    }

    @Test
    void rendersNothingForAFieldThatARowLacks() throws IOException {
        assertEquals("<>", render("<{{.CreatedAt}}>"));
    }

    @Test
    void keepsTheKeysOfMetadataAsTheyAre() throws IOException {
        assertEquals("{\"B\":\"2\",\"Owner\":\"alice\"}", render("{{json .Metadata}}"));
    }

    @Test
    void turnsEscapesIntoTabAndNewline() throws IOException {
        assertEquals("a/\"b\"\tx\ny", render("{{.ID}}\\tx\\ny"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{.Nope}}", "{{ID}}", "{{.id}}", "{{}}", "{{.}}", "{{json .Nope}}", "{{json}}",
            "{{upper .ID}}", "{{range .}}"})
    void listsTheFieldsWhereOneIsUnknown(String template) {
        var error = assertThrows(IllegalArgumentException.class, () -> new Template(template, FIELDS));
        assertEquals("the template does not know " + template + ": the fields are .ID, .CreatedAt, .Metadata",
                error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{", "{{.ID", "{{.ID}} {{.ID}", "x{{json ."})
    void refusesAnUnclosedAction(String template) {
        var error = assertThrows(IllegalArgumentException.class, () -> new Template(template, FIELDS));
        assertEquals("the template has a {{ without a }}", error.getMessage());
    }
}
