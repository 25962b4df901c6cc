package dev.secretsengine.client.protocol.codec;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Messages of this test's own, which remember the secrets that they were made of. */
class MessageTypeTest {

    private static final List<SecretBytes> SEEN = new ArrayList<>();

    private record Inner(@Nullable SecretBytes secret) implements Wipeable {

        static final MessageType<Inner> TYPE = MessageType.of(Inner.class, v -> new Inner(v.at(0, SecretBytes.class)),
                Field.secret(1, "secret", Inner::secret));

        Inner {
            if (secret != null) {
                SEEN.add(secret);
            }
        }

        @Override
        public void close() {
            if (secret != null) {
                secret.close();
            }
        }
    }

    private record Outer(List<Inner> all, @Nullable Inner one, @Nullable String text) {

        static final MessageType<Outer> TYPE = MessageType.of(Outer.class,
                v -> new Outer(v.list(0, Inner.class), v.at(1, Inner.class), v.at(2, String.class)),
                Field.messages(1, "all", Inner.TYPE, Outer::all), Field.message(2, "one", Inner.TYPE, Outer::one),
                Field.string(3, "a_long_name", Outer::text));
    }

    @BeforeEach
    void forget() {
        SEEN.clear();
    }

    private static Inner inner(String text) {
        return new Inner(SecretBytes.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void assertAllWiped(int count) {
        assertEquals(count, SEEN.size());
        for (SecretBytes secret : SEEN) {
            assertTrue(secret.bytes().length > 0);
            assertArrayEquals(new byte[secret.bytes().length], secret.bytes());
        }
    }

    @Test
    void aMalformedMessageIsWiped() {
        byte[] proto = Outer.TYPE.toProto(new Outer(List.of(inner("canary"), inner("other")), inner("third"), "text"));
        SEEN.clear();
        proto[proto.length - 1] = (byte) 0xff;
        assertThrows(MalformedException.class, () -> Outer.TYPE.fromProto(proto));
        assertAllWiped(3);
    }

    @Test
    void malformedJsonIsWiped() {
        byte[] json = "{\"all\":[{\"secret\":\"YWJj\"},{\"secret\":\"YWJj\"},7]}".getBytes(StandardCharsets.US_ASCII);
        assertThrows(MalformedException.class, () -> Outer.TYPE.fromJson(json));
        assertAllWiped(2);
        SEEN.clear();
        byte[] behind = "{\"secret\":\"YWJj\"} x".getBytes(StandardCharsets.US_ASCII);
        assertThrows(MalformedException.class, () -> Inner.TYPE.fromJson(behind));
        assertAllWiped(1);
    }

    @Test
    void aSecretThatIsThereTwiceIsWipedOnce() throws MalformedException {
        // Two messages are merged: the first one's secret gives way.
        Outer outer = Outer.TYPE.fromProto(new byte[]{0x12, 3, 0x0a, 1, 'x', 0x12, 3, 0x0a, 1, 'y'});
        assertEquals(inner("y"), outer.one());
        assertArrayEquals(new byte[1], SEEN.getFirst().bytes());
    }

    @Test
    void writesNamesInCamelCase() {
        assertEquals("{\"aLongName\":\"x\"}",
                new String(Outer.TYPE.toJson(new Outer(List.of(), null, "x")), StandardCharsets.UTF_8));
        assertEquals("Outer", Outer.TYPE.toString());
    }

    @Test
    void halfOfASurrogatePairIsWrittenAsAQuestionMark() throws MalformedException {
        Outer outer = new Outer(List.of(), null, "a\ud800b\udc00\ud83d\udd11\ud83d");
        assertEquals("a?b?\ud83d\udd11?", Outer.TYPE.fromProto(Outer.TYPE.toProto(outer)).text());
        assertEquals("a?b?\ud83d\udd11?", Outer.TYPE.fromJson(Outer.TYPE.toJson(outer)).text());
    }

    @Test
    void aSecretIsNeverShown() {
        SecretBytes secret = SecretBytes.wrap("canary".getBytes(StandardCharsets.US_ASCII));
        assertEquals("SecretBytes[redacted]", secret.toString());
        assertEquals(secret.hashCode(), SecretBytes.wrap(new byte[0]).hashCode());
        assertNotEquals(secret, SecretBytes.wrap(new byte[0]));
        byte[] taken = secret.take();
        secret.close();
        assertEquals("canary", new String(taken, StandardCharsets.US_ASCII));
        assertEquals(0, secret.bytes().length);
    }
}
