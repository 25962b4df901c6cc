package dev.secretsengine.keychain.windows;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;

/** Values as the Credential Manager has them: UTF-16LE text. What is no text is put as the text of its Base64. */
final class Text {

    private Text() {
    }

    /** Whether these bytes are UTF-8. */
    static boolean isText(byte[] value) {
        try {
            wipe(decode(StandardCharsets.UTF_8, value));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** The blob of a text; the caller wipes it. */
    static byte[] ofText(byte[] value) throws CharacterCodingException {
        CharBuffer characters = decode(StandardCharsets.UTF_8, value);
        try {
            return encode(StandardCharsets.UTF_16LE, characters);
        } finally {
            wipe(characters);
        }
    }

    /** The blob of any bytes; the caller wipes it. */
    static byte[] ofBytes(byte[] value) throws CharacterCodingException {
        byte[] base64 = Base64.getEncoder().encode(value);
        try {
            return ofText(base64);
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    /**
     * The value in a blob; the caller wipes it.
     *
     * @throws CharacterCodingException if it is no UTF-16LE
     */
    static byte[] text(byte[] blob) throws CharacterCodingException {
        CharBuffer characters = decode(StandardCharsets.UTF_16LE, blob);
        try {
            return encode(StandardCharsets.UTF_8, characters);
        } finally {
            wipe(characters);
        }
    }

    /**
     * The bytes in a blob of {@link #ofBytes}; the caller wipes them.
     *
     * @throws CharacterCodingException if it is none
     */
    static byte[] bytes(byte[] blob) throws CharacterCodingException {
        byte[] base64 = text(blob);
        try {
            return Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new CharacterCodingException();
        } finally {
            Arrays.fill(base64, (byte) 0);
        }
    }

    private static CharBuffer decode(Charset charset, byte[] bytes) throws CharacterCodingException {
        CharBuffer characters = CharBuffer.allocate(bytes.length);
        var decoder = charset.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        var result = decoder.decode(ByteBuffer.wrap(bytes), characters, true);
        if (!result.isError()) {
            result = decoder.flush(characters);
        }
        if (result.isError()) {
            wipe(characters);
            result.throwException();
        }
        return characters.flip();
    }

    private static byte[] encode(Charset charset, CharBuffer characters) throws CharacterCodingException {
        var encoder = charset.newEncoder();
        // As large as it can get: a buffer that grows would leave copies behind.
        ByteBuffer encoded = ByteBuffer.allocate((int) (characters.remaining() * encoder.maxBytesPerChar()));
        try {
            var result = encoder.encode(characters, encoded, true);
            if (!result.isError()) {
                result = encoder.flush(encoded);
            }
            if (result.isError()) {
                result.throwException();
            }
            return Arrays.copyOf(encoded.array(), encoded.position());
        } finally {
            Arrays.fill(encoded.array(), (byte) 0);
        }
    }

    private static void wipe(CharBuffer characters) {
        Arrays.fill(characters.array(), '\0');
    }
}
