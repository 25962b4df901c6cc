package dev.secretsengine.client.protocol.codec;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes as text. */
public final class Utf8 {

    private Utf8() {
    }

    /** Whether these bytes, which may be a secret, are UTF-8. Leaves no copy behind. */
    public static boolean isValid(byte[] bytes) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        ByteBuffer source = ByteBuffer.wrap(bytes);
        CharBuffer decoded = CharBuffer.allocate(1 << 10);
        CoderResult result = CoderResult.OVERFLOW;
        while (result.isOverflow()) {
            result = decoder.decode(source, decoded.clear(), true);
        }
        Arrays.fill(decoded.array(), '\0');
        return result.isUnderflow();
    }
}
