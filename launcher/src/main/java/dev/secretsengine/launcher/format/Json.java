package dev.secretsengine.launcher.format;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.client.protocol.codec.Utf8;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** JSON of one value or row. Field names start in lower case. A secret's value goes from bytes to bytes. */
final class Json {

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private Json() {
    }

    /** A row: its fields become keys. */
    static void write(Object row, OutputStream out) throws IOException {
        value(row, true, out);
    }

    /** One field of a row. */
    static void writeField(Object value, OutputStream out) throws IOException {
        value(value, false, out);
    }

    private static void value(Object value, boolean isRow, OutputStream out) throws IOException {
        switch (value) {
            case Map<?, ?> map -> object(map, isRow, out);
            case Boolean flag -> ascii(flag.toString(), out);
            case Number number -> ascii(Long.toString(number.longValue()), out);
            case SecretValue secret -> secret(secret, out);
            default -> string(value.toString().getBytes(StandardCharsets.UTF_8), out);
        }
    }

    private static void object(Map<?, ?> map, boolean isRow, OutputStream out) throws IOException {
        char separator = '{';
        for (Map.Entry<?, ?> entry : isRow ? map.entrySet() : new TreeMap<>(map).entrySet()) {
            out.write(separator);
            separator = ',';
            String name = isRow ? key(entry.getKey().toString()) : entry.getKey().toString();
            boolean binary = entry.getValue() instanceof SecretValue secret && !isUtf8(secret);
            string((binary ? name + "Base64" : name).getBytes(StandardCharsets.UTF_8), out);
            out.write(':');
            value(entry.getValue(), false, out);
        }
        ascii(map.isEmpty() ? "{}" : "}", out);
    }

    /** A value that is not UTF-8 is written in base64. */
    private static void secret(SecretValue secret, OutputStream out) throws IOException {
        byte[] bytes = secret.copyBytes();
        byte[] encoded = Utf8.isValid(bytes) ? bytes : Base64.getEncoder().encode(bytes);
        try {
            string(encoded, out);
        } finally {
            Arrays.fill(encoded, (byte) 0);
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static boolean isUtf8(SecretValue secret) {
        byte[] bytes = secret.copyBytes();
        try {
            return Utf8.isValid(bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** A text that is in UTF-8 already. */
    private static void string(byte[] utf8, OutputStream out) throws IOException {
        out.write('"');
        int plain = 0;
        for (int i = 0; i < utf8.length; i++) {
            byte b = utf8[i];
            // Bytes of UTF-8 beyond ASCII are negative.
            if ((b >= 0 && b < ' ') || b == '"' || b == '\\') {
                out.write(utf8, plain, i - plain);
                int shorthand = "\b\t\n\f\r\"\\".indexOf(b);
                ascii(shorthand >= 0 ? "\\" + "btnfr\"\\".charAt(shorthand) : "\\u00" + HEX.toHexDigits(b), out);
                plain = i + 1;
            }
        }
        out.write(utf8, plain, utf8.length - plain);
        out.write('"');
    }

    private static void ascii(String text, OutputStream out) throws IOException {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    /** {@code ID} and {@code PID} are {@code id} and {@code pid}, {@code CreatedAt} is {@code createdAt}. */
    private static String key(String field) {
        return field.equals(field.toUpperCase(Locale.ROOT))
                ? field.toLowerCase(Locale.ROOT)
                : Character.toLowerCase(field.charAt(0)) + field.substring(1);
    }
}
