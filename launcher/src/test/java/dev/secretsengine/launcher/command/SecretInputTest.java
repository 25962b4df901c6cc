package dev.secretsengine.launcher.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.launcher.testing.FakeSession;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretInputTest {

    private static final SecretId ID = SecretId.parse("a/b");

    private static byte[] read(FakeSession session, boolean raw) throws Exception {
        try (SecretInput input = SecretInput.read(session, ID, raw); SecretValue value = input.take()) {
            return value.copyBytes();
        }
    }

    private static byte[] piped(byte[] bytes, boolean raw) throws Exception {
        return read(FakeSession.of().input(bytes.clone()), raw);
    }

    private static byte[] filled(int length, String end) {
        byte[] bytes = new byte[length + end.length()];
        Arrays.fill(bytes, (byte) 'x');
        System.arraycopy(end.getBytes(UTF_8), 0, bytes, length, end.length());
        return bytes;
    }

    @ParameterizedTest
    @CsvSource({"61,61", "610A,61", "610D0A,61", "610A0A,610A", "610D,610D", "610A0D0A,610A", "0A61,0A61",
            "610D0D0A,610D", "FF000A,FF00", "20,20"})
    void removesOneFinalLineEnd(String given, String kept) throws Exception {
        byte[] bytes = HexFormat.of().parseHex(given);
        assertEquals(kept, HexFormat.of().withUpperCase().formatHex(piped(bytes, false)));
        assertArrayEquals(bytes, piped(bytes, true), "and none when asked for every byte");
    }

    @Test
    void joinsThePiecesOfStdin() throws Exception {
        FakeSession session = FakeSession.of().input("ab".getBytes(UTF_8), "c\r".getBytes(UTF_8),
                "\n".getBytes(UTF_8));
        assertArrayEquals("abc".getBytes(UTF_8), read(session, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void refusesEmptyStdin(String text) {
        var error = assertThrows(SecretsException.Invalid.class, () -> piped(text.getBytes(UTF_8), false));
        assertEquals("standard input was empty and nothing was stored: docker pass set a/b= stores an empty value",
                error.advice());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\r\n"})
    void takesOneMebibyteAndItsLineEnd(String end) throws Exception {
        assertEquals(LocalStore.MAX_VALUE_LENGTH, piped(filled(LocalStore.MAX_VALUE_LENGTH, end), false).length);
        assertThrows(UsageException.class, () -> piped(filled(LocalStore.MAX_VALUE_LENGTH + 1, end), false));
    }

    @Test
    void saysThatNothingWasStoredWhenTheValueIsTooLarge() throws Exception {
        assertEquals(LocalStore.MAX_VALUE_LENGTH, piped(filled(LocalStore.MAX_VALUE_LENGTH, ""), true).length);
        for (byte[] larger : List.of(filled(LocalStore.MAX_VALUE_LENGTH, "\n"),
                filled(LocalStore.MAX_VALUE_LENGTH + 5000, ""))) {
            var error = assertThrows(UsageException.class, () -> piped(larger, true));
            assertEquals("the value is larger than 1 MiB (1048576 bytes): nothing was stored", error.getMessage());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"secret":"s"}                                       | s
             { "secret" : "s" , "metadata" : { } }               | s
            {"metadata":{"k":"v"},"secret":"s"}                  | s
            {"secret":""}                                        | ''
            {"secret":"a\\"\\u00e4\\ud83d\\ude00\\n"}            | a"ä😀<LF>
            """)
    void takesTheSecretOutOfJson(String json, String value) throws Exception {
        assertEquals(value.replace("<LF>", "\n"), new String(piped((json + "\n").getBytes(UTF_8), false), UTF_8));
    }

    @Test
    void takesMetadataOutOfJson() throws Exception {
        String json = "{\"secret\":\"s\",\"metadata\":{\"owner\":\"alice\",\"n\":7,\"on\":true,\"none\":null}}";
        try (SecretInput input = SecretInput.read(FakeSession.of().input(json), ID, false)) {
            assertEquals(Map.of("owner", "alice", "n", "7", "on", "true", "none", ""), input.metadata());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"secret\":7}", "{\"secret\":null}", "{\"metadata\":{}}", "{\"secret\":\"s\"",
            "{\"secret\":\"s\"} x", "{\"secret\":\"s\"}{}", "{\"secret\":\"s\",\"other\":1}", "{secret:\"s\"}",
            "[\"secret\"]", "\"s\"", "7", "{\"secret\":\"s\",\"metadata\":[]}",
            "{\"secret\":\"s\",\"metadata\":{\"k\":",
            "{\"secret\":\"a\nb\"}", "{"})
    void takesAnythingElseForAValue(String text) throws Exception {
        assertEquals(text, new String(piped(text.getBytes(UTF_8), false), UTF_8));
    }

    @ParameterizedTest
    @ValueSource(strings = {"00000100", "00610000", "0000007B7FFFFFFF", "FFFE0000", "0000FFFE", "FEFF0000", "EFBBBF7B",
            "7BFF", "7B0022007300", "7B22FF227D"})
    void takesBinaryInputForAValue(String hex) throws Exception {
        byte[] bytes = HexFormat.of().parseHex(hex);
        assertArrayEquals(bytes, piped(bytes, false));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[\"v\"]", "{\"x\":\"v\"}"})
    void refusesMetadataThatIsNoText(String metadata) {
        String json = "{\"secret\":\"s\",\"metadata\":{\"k\":" + metadata + "}}";
        var error = assertThrows(UsageException.class, () -> piped(json.getBytes(UTF_8), false));
        assertEquals("the metadata \"k\" is not a text: nothing was stored", error.getMessage());
    }

    @Test
    void keepsJsonAsItIsWhenAskedForEveryByte() throws Exception {
        byte[] json = "{\"secret\":\"s\"}\n".getBytes(UTF_8);
        assertArrayEquals(json, piped(json, true));
    }

    @Test
    void asksTwiceWithoutEchoOnATerminal() throws Exception {
        FakeSession session = FakeSession.of().terminal(0).answers("{\"secret\":\"s\"}", "{\"secret\":\"s\"}");
        assertArrayEquals("{\"secret\":\"s\"}".getBytes(UTF_8), read(session, false));
        assertEquals(List.of("hidden Value for a/b: ", "hidden Once more: "), session.questions());
        assertEquals("\n\n", session.errors(), "the terminal echoed no line end");
    }

    @Test
    void storesNothingWhenTheTwoEntriesDiffer() {
        FakeSession session = FakeSession.of().terminal(0).answers("one", "two");
        var error = assertThrows(SecretsException.Invalid.class, () -> read(session, false));
        assertTrue(error.advice().contains("differ"), error.advice());
    }

    @Test
    void storesNothingWhenNothingIsTyped() {
        for (FakeSession session : List.of(FakeSession.of().terminal(0), FakeSession.of().terminal(0).answers(""),
                FakeSession.of().terminal(0).answers("one"))) {
            assertThrows(SecretsException.Invalid.class, () -> read(session, false));
        }
    }

    @Test
    void wipesStdinAndItsOwnCopy() throws Exception {
        byte[] piece = "value".getBytes(UTF_8);
        byte[] own = "other".getBytes(UTF_8);
        SecretInput.read(FakeSession.of().input(piece), ID, false).close();
        SecretInput.of(own).close();
        assertArrayEquals(new byte[5], piece);
        assertArrayEquals(new byte[5], own);
    }
}
