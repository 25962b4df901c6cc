package dev.secretsengine.kit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private static JsonReader reader(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new JsonReader(bytes, bytes.length);
    }

    private static String text(String json) throws JsonReader.Malformed {
        return new String(reader(json).text(), StandardCharsets.UTF_8);
    }

    @Test
    void readsTheFieldsInOrder() throws Exception {
        List<String> fields = new ArrayList<>();
        JsonReader json = reader(
                " {\"a\" : \"1\",\r\n\t\"b\":{\"x\":[1,{\"y\":[]}]} , \"\\u0063\":null, \"a\":\"2\"} ");
        json.object(name -> {
            if (name.equals("b")) {
                json.skip();
                fields.add("b skipped");
            } else {
                fields.add(name + "=" + new String(json.text(), StandardCharsets.UTF_8));
            }
        });
        assertEquals(List.of("a=1", "b skipped", "c=", "a=2"), fields);
    }

    @Test
    void readsTheElementsInOrder() throws Exception {
        List<String> elements = new ArrayList<>();
        JsonReader json = reader(" [ \"a\", 12,null , true,-1.5e3 ,{\"x\":[]}]");
        json.array(() -> {
            if (elements.size() == 5) {
                json.skip();
            } else {
                elements.add(json.plain());
            }
        });
        assertEquals(List.of("a", "12", "", "true", "-1.5e3"), elements);
        reader("[]").array(() -> elements.add("never"));
        reader("null").array(() -> elements.add("never"));
        assertEquals(5, elements.size());
        assertThrows(JsonReader.Malformed.class, () -> reader("{}").array(() -> elements.add("never")));
        assertThrows(JsonReader.Malformed.class, () -> reader("[}").plain());
    }

    @Test
    void decodesEveryEscape() throws Exception {
        assertEquals("\"\\/\b\f\n\r\t", text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""));
        assertEquals("<>&\0\u007f\u0080\u07ff\u0800\uffff", text("\"\\u003c\\u003E&\\u0000\\u007f\\u0080\\u07FF"
                + "\\u0800\\uffff\""));
        assertEquals("\ud83d\ude00\ud800\udc00\udbff\udfff", text("\"\\ud83d\\ude00\\ud800\\udc00\\udbff\\udfff\""));
    }

    @Test
    void decodesEveryCodePointAsJavaDoes() throws Exception {
        for (int c = 0; c <= Character.MAX_CODE_POINT; c += c < 0x3000 ? 1 : 97) {
            if (c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE) {
                StringBuilder escaped = new StringBuilder();
                String expected = Character.toString(c);
                expected.chars().forEach(unit -> escaped.append("\\u%04x".formatted(unit)));
                assertEquals(expected, text('"' + escaped.toString() + '"'), escaped.toString());
            }
        }
    }

    @Test
    void keepsBytesBeyondAsciiAsTheyAre() throws Exception {
        byte[] json = {'"', (byte) 0xc3, (byte) 0xa9, (byte) 0xff, '"'};
        assertArrayEquals(new byte[]{(byte) 0xc3, (byte) 0xa9, (byte) 0xff}, new JsonReader(json, 5).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1.5e+9", "true", "false", "null", "\"\"", "[]", "[ ]", "{}", "[[1,2],[\"]\"]]",
            "{\"a\":{\"b\":[{}]}}"})
    void skipsAnyValue(String value) throws Exception {
        JsonReader json = reader("{\"x\":" + value + ",\"y\":\"last\"}");
        List<String> last = new ArrayList<>();
        json.object(name -> {
            if (name.equals("x")) {
                json.skip();
            } else {
                last.add(new String(json.text(), StandardCharsets.UTF_8));
            }
        });
        assertEquals(List.of("last"), last);
        assertTrue(json.isBlank());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nul", "nullx", "tru", "01", "1.", "-", ".5", "1e", "+1", "NaN", "'a'", "{", "[", "[1,",
            "[1 2]", "[1,]", "{,}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "\"", "\"\\", "\"\\\"",
            "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\udc00\"",
            "\"tab\there\"", "}", "]", "hello"})
    void refusesWhatIsNotJson(String json) {
        assertThrows(JsonReader.Malformed.class, () -> reader(json).skip(), json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"1", "true", "[]", "{}", "[\"a\"]"})
    void refusesAnotherValueForAText(String json) {
        assertThrows(JsonReader.Malformed.class, () -> reader(json).text());
        assertThrows(JsonReader.Malformed.class, () -> reader(json.replace('{', '[')).object(name -> {
        }));
    }

    @Test
    void refusesEveryBeginningOfAnObject() throws Exception {
        String whole = "{\"auths\":{\"h\\u00e9\":{\"auth\":\"eA==\"}},\"n\":[-1.5,true,null]}";
        reader(whole).skip();
        for (int length = 0; length < whole.length(); length++) {
            byte[] bytes = whole.getBytes(StandardCharsets.UTF_8);
            JsonReader json = new JsonReader(bytes, length);
            assertThrows(JsonReader.Malformed.class, json::skip, "cut at " + length);
        }
    }

    @Test
    void refusesDeepNestingInsteadOfOverflowing() throws Exception {
        reader("[".repeat(64) + "]".repeat(64)).skip();
        assertThrows(JsonReader.Malformed.class, () -> reader("[".repeat(65) + "]".repeat(65)).skip());
        assertThrows(JsonReader.Malformed.class, () -> reader("{\"a\":".repeat(100_000)).skip());
    }

    @Test
    void failsInNoOtherWayOnDamagedInput() {
        byte[] whole = "{\"a\":{\"b\":\"x\\u00e9\\ud83d\\ude00\\n\"},\"c\":[1,-2.5e3,true,null,{\"d\":\"\"}]}"
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(7);
        TreeMap<Boolean, Integer> outcomes = new TreeMap<>();
        for (int i = 0; i < 200_000; i++) {
            byte[] damaged = whole.clone();
            for (int k = random.nextInt(3); k >= 0; k--) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            outcomes.merge(isJson(damaged, random.nextBoolean() ? damaged.length : random.nextInt(damaged.length)), 1,
                    Integer::sum);
        }
        assertTrue(outcomes.get(false) > 1000 && outcomes.get(true) > 1000, outcomes.toString());
    }

    private static boolean isJson(byte[] bytes, int length) {
        try {
            new JsonReader(bytes, length).skip();
            return true;
        } catch (JsonReader.Malformed e) {
            return false;
        }
    }

    @Test
    void tellsThePositionAndNoContent() {
        JsonReader.Malformed failure = assertThrows(JsonReader.Malformed.class,
                () -> reader("{\"Secret\": hunter2}").skip());
        assertEquals("malformed at byte 11", failure.getMessage());
        assertFalse(failure.toString().contains("hunter2"));
    }

    @Test
    void refusesNamesAndPlainTextsThatAreNotUtf8() {
        for (String json : List.of("{\"\u00ff\":1}", "{\"a\":\"\u00ff\"}")) {
            byte[] bytes = json.getBytes(StandardCharsets.ISO_8859_1);
            JsonReader reader = new JsonReader(bytes, bytes.length);
            assertThrows(JsonReader.Malformed.class, () -> reader.object(name -> assertEquals("a", reader.plain())));
        }
    }
}
