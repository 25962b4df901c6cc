package dev.secretsengine.client.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.client.protocol.AccessMessages.Requester;
import dev.secretsengine.client.protocol.PluginMessages.Plugin;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginResponse;
import dev.secretsengine.client.protocol.PluginMessages.RunStatus;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JsonReaderTest {

    private static <T> T read(MessageType<T> type, String json) throws MalformedException {
        return type.fromJson(json.getBytes(StandardCharsets.UTF_8));
    }

    private static <T> void rejects(MessageType<T> type, String json) {
        assertThrows(MalformedException.class, () -> read(type, json), json);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "null", "[]", "\"x\"", "{", "}", "{}{}", "{},", "{\"pattern\"}", "{\"pattern\":}",
            "{\"pattern\":\"x\",}", "{,}", "{pattern:\"x\"}", "{'pattern':'x'}", "{\"pattern\":\"x}", "{\"pattern\":1}",
            "{\"pattern\":true}", "{\"pattern\":[]}", "{\"pattern\":\"\n\"}", "{\"pattern\":\"\\x\"}",
            "{\"pattern\":\"\\u12\"}", "{\"pattern\":\"\\u12g4\"}", "{\"pattern\":\"\\", "{\"pattern\":\"\\\"}",
            "{\"pattern\":\"\\ud800\"}", "{\"pattern\":\"\\ud800\\u0041\"}", "{\"pattern\":\"\\udc00\"}",
            "{\"pattern\":\"a\",\"pattern\":\"b\"}", "{\"x\":01}", "{\"x\":1.}", "{\"x\":.5}", "{\"x\":+1}",
            "{\"x\":1e}", "{\"x\":-}", "{\"x\":nul}", "{\"x\":[1,]}", "{\"x\":[1 2]}", "{\"x\":{\"y\"}}", "{\"x\":NaN}",
            "{/**/}", "\ufeff{}", "{\"x\":[}", "{\u00a0}", "{\u0000}", "{}\u0000", "{\"pattern\":\u0000}"})
    void rejectsWhatIsNotJson(String json) {
        rejects(GetSecretsRequest.TYPE, json);
    }

    @Test
    void rejectsWhatIsNotUtf8() {
        byte[] json = "{\"pattern\":\"x\"}".getBytes(StandardCharsets.US_ASCII);
        json[12] = (byte) 0xff;
        assertThrows(MalformedException.class, () -> GetSecretsRequest.TYPE.fromJson(json));
    }

    @Test
    void readsTextsOfAllKinds() throws MalformedException {
        assertEquals("a/\"\\\b\f\n\r\t\u00e4\ud83d\udd11\u0000",
                read(GetSecretsRequest.TYPE, " { \"pattern\" : "
                        + "\"a\\/\\\"\\\\\\b\\f\\n\\r\\t\\u00E4\\uD83d\\uDD11\\u0000\" } \r\n\t").pattern());
        assertEquals("\u00e4\ud83d\udd11",
                read(GetSecretsRequest.TYPE, "{\"p\\u0061ttern\":\"\u00e4\ud83d\udd11\"}").pattern());
    }

    @Test
    void nullIsNotSet() throws MalformedException {
        assertNull(read(GetSecretsRequest.TYPE, "{\"pattern\":null}").pattern());
        assertNull(read(Plugin.TYPE, "{\"secretsProvider\":null,\"runStatus\":null}").role());
        assertEquals(0, read(Envelope.TYPE, "{\"metadata\":null}").metadata().size());
        rejects(Envelope.TYPE, "{\"metadata\":{\"a\":null}}");
    }

    @Test
    void takesBothNamesOfAFieldButNotTwice() throws MalformedException {
        assertEquals(new Timestamp(1, 0), read(Envelope.TYPE, "{\"createdAt\":\"1970-01-01T00:00:01Z\"}").createdAt());
        assertEquals(new Timestamp(1, 0), read(Envelope.TYPE, "{\"created_at\":\"1970-01-01T00:00:01Z\"}").createdAt());
        rejects(Envelope.TYPE, "{\"created_at\":null,\"createdAt\":null}");
        rejects(Plugin.TYPE, "{\"secretsProvider\":{},\"accessControlModule\":{}}");
    }

    @Test
    void skipsUnknownFields() throws MalformedException {
        assertEquals("x", read(GetSecretsRequest.TYPE, "{\"a\":[1,-0.5e+3,{\"b\":[]},null,true,false,\"\\n\",[{}]],"
                + "\"pattern\":\"x\",\"@type\":{\"c\":1,\"c\":2}}").pattern());
    }

    @ParameterizedTest
    @CsvSource({"7,7", "-1,-1", "1.0,1", "1e2,100", "\"12\",12", "\"-3.0\",-3", "2147483647,2147483647"})
    void readsNumbers(String json, int number) throws MalformedException {
        assertEquals(number, read(Requester.TYPE, "{\"pid\":" + json + "}").pid());
    }

    @ParameterizedTest
    @ValueSource(strings = {"2147483648", "1.5", "\"\"", "\" 1\"", "\"1 \"", "\"0x1\"", "\"01\"", "1e99", "true",
            "1e999999999", "1e9999999999", "\"1e-999999999\"", "{}"})
    void rejectsNumbersThatDoNotFit(String json) {
        rejects(Requester.TYPE, "{\"pid\":" + json + "}");
    }

    @Test
    void readsEnumsByNameAndNumber() throws MalformedException {
        assertEquals(RunStatus.STOPPED, read(Plugin.TYPE, "{\"runStatus\":\"RUN_STATUS_STOPPED\"}").runStatus());
        assertEquals(RunStatus.STOPPED, read(Plugin.TYPE, "{\"run_status\":2}").runStatus());
        assertEquals(new RunStatus(77), read(Plugin.TYPE, "{\"run_status\":77}").runStatus());
        assertNull(read(Plugin.TYPE, "{\"runStatus\":\"RUN_STATUS_OF_TOMORROW\"}").runStatus());
        rejects(Plugin.TYPE, "{\"runStatus\":true}");
    }

    @ParameterizedTest
    @CsvSource({"'',''", "AA==,00", "AA,00", "+/8=,fbff", "+/8,fbff", "-_8=,fbff", "-_8,fbff", "czNjcjN0,733363723374",
            "c\\u007aNj,733363", "\\u003d,!", "A,!", "AAAAA,!", "AA=,!", "A A=,!", "+_8=,!", "AA==A,!", "AAAA====,!"})
    void readsBase64OfBothAlphabets(String json, String hex) throws MalformedException {
        if (hex.equals("!")) {
            rejects(Envelope.TYPE, "{\"value\":\"" + json + "\"}");
        } else {
            assertEquals(SecretBytes.wrap(HexFormat.of().parseHex(hex)),
                    read(Envelope.TYPE, "{\"value\":\"" + json + "\"}").value());
        }
    }

    @Test
    void readsBooleansAsWordsOnly() throws MalformedException {
        assertEquals(true, read(Plugin.TYPE, "{\"disabled\":true}").disabled());
        assertEquals(false, read(Plugin.TYPE, "{\"disabled\":false}").disabled());
        rejects(Plugin.TYPE, "{\"disabled\":\"true\"}");
        rejects(Plugin.TYPE, "{\"disabled\":1}");
        rejects(Plugin.TYPE, "{\"disabled\":trueish}");
    }

    @Test
    void readsDurations() throws MalformedException {
        assertEquals(new TimeSpan(5, 0), read(RegisterPluginResponse.TYPE, "{\"requestTimeout\":\"5s\"}")
                .requestTimeout());
        rejects(RegisterPluginResponse.TYPE, "{\"requestTimeout\":5}");
        rejects(RegisterPluginResponse.TYPE, "{\"requestTimeout\":\"5\"}");
    }

    @Test
    void limitsDepth() throws MalformedException {
        String open = "[".repeat(63);
        assertNull(read(GetSecretsRequest.TYPE, "{\"x\":" + open + "]".repeat(63) + "}").pattern());
        rejects(GetSecretsRequest.TYPE, "{\"x\":" + open + "[]" + "]".repeat(63) + "}");
        rejects(GetSecretsRequest.TYPE, "{\"x\":" + "[".repeat(1_000_000));
        rejects(GetSecretsRequest.TYPE, "{\"x\":" + "{\"x\":".repeat(100_000));
    }

    @Test
    void saysNothingOfTheContent() {
        MalformedException e = assertThrows(MalformedException.class,
                () -> read(Envelope.TYPE, "{\"value\":\"canary!\"}"));
        assertEquals("not the JSON of the message: no base64 at byte 18", e.getMessage());
    }
}
