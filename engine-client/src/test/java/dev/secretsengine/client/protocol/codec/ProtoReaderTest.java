package dev.secretsengine.client.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.client.protocol.AccessMessages.Requester;
import dev.secretsengine.client.protocol.PluginMessages.AccessControlModule;
import dev.secretsengine.client.protocol.PluginMessages.Plugin;
import dev.secretsengine.client.protocol.PluginMessages.RunStatus;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProtoReaderTest {

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    private static <T> T read(MessageType<T> type, String hex) throws MalformedException {
        return type.fromProto(hex(hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {
            "0a", "0a 02 61", "0a ff ff", "0a 80", "08", "15 000000", "11 00000000000000",
            // A length that is negative as 32 or 64 bits, or more than 32.
            "0a ffffffff0f", "0a ffffffffffffffffff01", "0a 8180808010 61",
            // Not UTF-8: a lone byte, an encoding that is too long, half of a surrogate pair.
            "0a 01 ff", "0a 02 c080", "0a 03 eda080",
            // Field number 0, a tag of more than 32 bits, wire types 3, 4, 6, 7.
            "02 00", "8a80808010 01 61", "0b 0c", "0c", "0e", "0f", "1b 1c",
            // Another wire type than the field's.
            "08 01", "0d 00000000", "09 0000000000000000",
            // Varints of more than 64 bits.
            "10 ffffffffffffffffff02", "10 80808080808080808080 01", "10 ffffffffffffffffffff"})
    void rejectsWhatIsNoMessage(String hex) {
        assertThrows(MalformedException.class, () -> read(GetSecretsRequest.TYPE, hex));
    }

    @ParameterizedTest
    @ValueSource(strings = {"18 01", "08 80", "2a 01 08", "2a 02 0d00", "2a 03 08ff", "42 02 0a", "42 02 0801",
            "42 04 0a02 61", "2a 06 08 8080808080"})
    void rejectsWhatIsNoMessageInside(String hex) {
        assertThrows(MalformedException.class, () -> read(Envelope.TYPE, hex));
    }

    @Test
    void tellsEmptyFromNotSet() throws MalformedException {
        assertNull(read(GetSecretsRequest.TYPE, "").pattern());
        assertEquals("", read(GetSecretsRequest.TYPE, "0a 00").pattern());
    }

    @Test
    void skipsUnknownFieldsOfAllWireTypes() throws MalformedException {
        String unknown = "10 ffffffffffffffffff01 19 0102030405060708 22 03 616263 2d 01020304 fa ff ff ff 0f 00";
        assertEquals("x", read(GetSecretsRequest.TYPE, unknown + "0a 01 78" + unknown).pattern());
    }

    @Test
    void takesVarintsThatAreLongerThanTheyHaveToBe() throws MalformedException {
        assertEquals("x", read(GetSecretsRequest.TYPE, "8a00 8100 78").pattern());
        assertEquals(true, read(Plugin.TYPE, "18 80808080808080808001").disabled());
        assertEquals(-1, read(Requester.TYPE, "08 ffffffffffffffffff01").pid());
    }

    @Test
    void theLastOneCountsAndMessagesAreMerged() throws MalformedException {
        assertEquals("b", read(GetSecretsRequest.TYPE, "0a 01 61 0a 01 62").pattern());
        Envelope envelope = read(Envelope.TYPE, "2a 02 0805 2a 02 1007 42 06 0a0161 120162 42 06 0a0161 120163 42 00");
        assertEquals(new Timestamp(5, 7), envelope.createdAt());
        assertEquals(Map.of("a", "c", "", ""), envelope.metadata());
    }

    @Test
    void theLastMemberOfAOneofCounts() throws MalformedException {
        assertEquals(new AccessControlModule(), read(Plugin.TYPE, "42 03 0a0161 4a 00").role());
        assertEquals(new SecretsProvider(null), read(Plugin.TYPE, "42 03 0a0161 4a 00 42 00").role());
        assertEquals(new SecretsProvider("a"), read(Plugin.TYPE, "42 03 0a0161 42 00").role());
    }

    @Test
    void keepsNumbersOfEnumsThatHaveNoName() throws MalformedException {
        assertEquals(new RunStatus(99), read(Plugin.TYPE, "30 63").runStatus());
        assertEquals(RunStatus.CRASHED, read(Plugin.TYPE, "30 03").runStatus());
    }

    @Test
    void saysNothingOfTheContent() {
        MalformedException e = assertThrows(MalformedException.class,
                () -> read(Envelope.TYPE, "12 06 63616e617279 0a 06 63616e6172ff"));
        assertEquals("not a protobuf message: text that is not UTF-8 at byte 10", e.getMessage());
    }

    @Test
    void aValueIsACopy() throws MalformedException {
        byte[] bytes = hex("12 02 0102");
        try (Envelope envelope = Envelope.TYPE.fromProto(bytes)) {
            bytes[2] = 9;
            assertEquals(SecretBytes.wrap(new byte[]{1, 2}), envelope.value());
            assertFalse(envelope.toString().contains("1, 2"));
        }
    }

    @Test
    void rejectsWhatIsTooLong() {
        assertThrows(MalformedException.class,
                () -> GetSecretsRequest.TYPE.fromProto(new byte[MessageType.MAX_LENGTH + 1]));
    }
}
