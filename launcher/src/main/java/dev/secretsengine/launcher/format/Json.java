package dev.secretsengine.launcher.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.secretsengine.api.SecretValue;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** JSON of one value or row. Field names start in lower case. */
final class Json {

    /** No recycled buffers: they would keep values. */
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .recyclerPool(JsonRecyclerPools.nonRecyclingPool()).build();

    private Json() {
    }

    /** A row: its fields become keys. */
    static void write(Object row, OutputStream out) throws IOException {
        generate(row, true, out);
    }

    /** One field of a row. */
    static void writeField(Object value, OutputStream out) throws IOException {
        generate(value, false, out);
    }

    private static void generate(Object value, boolean isRow, OutputStream out) throws IOException {
        try (JsonGenerator json = FACTORY.createGenerator(out)) {
            json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
            value(json, value, isRow);
        }
    }

    private static void value(JsonGenerator json, Object value, boolean isRow) throws IOException {
        switch (value) {
            case Map<?, ?> map -> {
                json.writeStartObject();
                for (Map.Entry<?, ?> entry : isRow ? map.entrySet() : new TreeMap<>(map).entrySet()) {
                    field(json, isRow ? key(entry.getKey().toString()) : entry.getKey().toString(), entry.getValue());
                }
                json.writeEndObject();
            }
            case Boolean flag -> json.writeBoolean(flag);
            case Number number -> json.writeNumber(number.longValue());
            case SecretValue secret -> secret(json, secret);
            default -> json.writeString(value.toString());
        }
    }

    private static void field(JsonGenerator json, String name, Object value) throws IOException {
        boolean binary = value instanceof SecretValue secret && !isUtf8(secret);
        json.writeFieldName(binary ? name + "Base64" : name);
        value(json, value, false);
    }

    private static void secret(JsonGenerator json, SecretValue secret) throws IOException {
        byte[] bytes = secret.copyBytes();
        try {
            if (isUtf8(secret)) {
                json.writeUTF8String(bytes, 0, bytes.length);
            } else {
                json.writeBinary(bytes);
            }
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static boolean isUtf8(SecretValue secret) {
        byte[] bytes = secret.copyBytes();
        try {
            Arrays.fill(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).array(), '\0');
            return true;
        } catch (CharacterCodingException e) {
            return false;
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /** {@code ID} and {@code PID} are {@code id} and {@code pid}, {@code CreatedAt} is {@code createdAt}. */
    private static String key(String field) {
        return field.equals(field.toUpperCase(Locale.ROOT))
                ? field.toLowerCase(Locale.ROOT)
                : Character.toLowerCase(field.charAt(0)) + field.substring(1);
    }
}
