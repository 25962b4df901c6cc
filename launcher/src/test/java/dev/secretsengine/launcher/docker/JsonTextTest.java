package dev.secretsengine.launcher.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTextTest {

    private static String cut(String text, JsonText.Value value) {
        return text.substring(value.start(), value.end());
    }

    @Test
    void knowsWhereEachValueStands() {
        String text = " \n{ \"a\" : -1.5e3,\"ü\":\"x\\\"}\" ,\t\"c\":[ 1 ,{\"d\":null}], \"e\":true}\r\n";
        JsonText.Value root = JsonText.parse(text).root();
        assertEquals(text.strip(), cut(text, root));
        assertEquals("-1.5e3", cut(text, root.member("a").orElseThrow()));
        assertEquals("\"x\\\"}\"", cut(text, root.member("ü").orElseThrow()));
        assertEquals("x\"}", root.member("ü").orElseThrow().content());
        JsonText.Value array = root.member("c").orElseThrow();
        assertEquals("[ 1 ,{\"d\":null}]", cut(text, array));
        assertEquals("{\"d\":null}", cut(text, array.elements().get(1)));
        assertEquals("true", cut(text, root.member("e").orElseThrow()));
        assertEquals("\"e\"", text.substring(root.members().get(3).start(), root.members().get(3).start() + 3));
    }

    @Test
    void knowsPlacesInALongText() {
        String text = "{\"long\":\"" + "x".repeat(70_000) + "\",\"b\" : 12 }";
        JsonText.Value b = JsonText.parse(text).root().member("b").orElseThrow();
        assertEquals("12", cut(text, b));
        assertTrue(JsonText.parse(text).put(List.of(), "c", "d").text().endsWith("\"b\" : 12, \"c\": \"d\" }"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [1]               | is no JSON object
            ''                | is no JSON object
            {} {}             | goes on behind its JSON object
            {"a":1,"a":2}     | is no valid JSON
            {"a":{"b":1,"b":2}} | is no valid JSON
            {"a":1,}          | is no valid JSON
            {a:1}             | is no valid JSON
            {"a":             | is no valid JSON
            {} // x           | is no valid JSON
            """)
    void refusesWhatIsNoSingleObject(String text, String reason) {
        String message = assertThrows(IllegalArgumentException.class, () -> JsonText.parse(text)).getMessage();
        assertTrue(message.startsWith(reason), message);
    }

    @Test
    void tellsTheLineOfAMistake() {
        String message = assertThrows(IllegalArgumentException.class, () -> JsonText.parse("{\n\n\"a\" 1}"))
                .getMessage();
        assertTrue(message.endsWith(", line 3"), message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                         | {;    "n": "v";}
            {;};                       | {;    "n": "v";};
            {"a":1}                    | {"a":1, "n": "v"}
            { "a": 1 }                 | { "a": 1, "n": "v" }
            {;  "a": 1;}               | {;  "a": 1,;  "n": "v";}
            {;"a": 1;}                 | {;"a": 1,;"n": "v";}
            {;  "a": 1, "b": 2 ; ;}    | {;  "a": 1, "b": 2,;  "n": "v" ; ;}
            {; "n" : 7 , "b": 2}       | {; "n" : "v" , "b": 2}
            """)
    void putsAMemberInTheLayoutOfItsNeighbours(String before, String after) {
        assertEquals(after.replace(';', '\n'),
                JsonText.parse(before.replace(';', '\n')).put(List.of(), "n", "v").text());
    }

    @Test
    void indentsWhatItWritesAsTheTextDoes() {
        Map<String, Object> value = new LinkedHashMap<>();
        value.put("p", "a\"b\\");
        value.put("q", List.of("1", "2"));
        value.put("r", List.of());
        assertEquals(
                "{\n\t\"a\": {},\n\t\"n\": {\n\t\t\"p\": \"a\\\"b\\\\\",\n\t\t\"q\": [\n\t\t\t\"1\",\n\t\t\t\"2\"\n"
                        + "\t\t],\n\t\t\"r\": []\n\t}\n}",
                JsonText.parse("{\n\t\"a\": {}\n}").put(List.of(), "n", value).text());
        assertEquals("{\"a\": {\"n\": {\"p\": \"a\\\"b\\\\\", \"q\": [\"1\", \"2\"], \"r\": []}}}",
                JsonText.parse("{\"a\": {}}").put(List.of("a"), "n", value).text());
        assertEquals("{\n  \"a\": {\n    \"n\": \"v\"\n  }\n}",
                JsonText.parse("{\n  \"a\": {}\n}").put(List.of("a"), "n", "v").text());
    }

    @Test
    void endsLinesAsTheTextDoes() {
        assertEquals("{\r\n \"a\": 1,\r\n \"n\": \"v\"\r\n}\r\n",
                JsonText.parse("{\r\n \"a\": 1\r\n}\r\n").put(List.of(), "n", "v").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"n":1}               | {}
            { "n" : 1 }           | {}
            {"n":1, "b":2}        | {"b":2}
            {; "n":1,; "b":2;}    | {; "b":2;}
            {; "a":1 ,; "n":2;}   | {; "a":1;}
            {"a":1,"n":2,"c":3}   | {"a":1,"c":3}
            {"a":1}               | {"a":1}
            """)
    void removesAMemberWithItsComma(String before, String after) {
        assertEquals(after.replace(';', '\n'), JsonText.parse(before.replace(';', '\n')).remove(List.of(), "n").text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":1}", "{\n  \"a\": 1\n}\n", "{ \"a\": {\"n\": 2} , \"c\": [] }"})
    void removesExactlyWhatItPut(String before) {
        JsonText json = JsonText.parse(before);
        assertEquals(before, json.put(List.of(), "n", Map.of("x", "y")).remove(List.of(), "n").text());
    }
}
