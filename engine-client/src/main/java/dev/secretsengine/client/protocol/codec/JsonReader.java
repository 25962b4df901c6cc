package dev.secretsengine.client.protocol.codec;

import dev.secretsengine.client.protocol.codec.Field.Kind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads protobuf's JSON. */
final class JsonReader {

    static final int MAX_DEPTH = 64;

    private final JsonScanner in;
    private int depth;

    JsonReader(byte[] bytes) {
        this.in = new JsonScanner(bytes);
    }

    /** The message, with nothing behind it. */
    <T> T document(MessageType<T> type) throws MalformedException {
        T message = message(type);
        if (!in.atEnd()) {
            if (message instanceof Wipeable secret) {
                secret.close();
            }
            throw in.malformed("something behind it");
        }
        return message;
    }

    private void open(char bracket) throws MalformedException {
        in.expect(bracket);
        if (++depth > MAX_DEPTH) {
            throw in.malformed("nested too deep");
        }
    }

    /** Whether another element comes: takes the comma, or the closing bracket. */
    private boolean more(boolean first, char bracket) throws MalformedException {
        boolean more = in.more(first, bracket);
        depth -= more ? 0 : 1;
        return more;
    }

    private <T> T message(MessageType<T> type) throws MalformedException {
        @Nullable
        Object[] values = type.slots(null);
        boolean[] seen = new boolean[type.fields().length];
        try {
            open('{');
            for (boolean first = true; more(first, '}'); first = false) {
                int index = type.withName(in.string());
                in.expect(':');
                if (index < 0) {
                    skip();
                } else {
                    field(type, index, values, seen);
                }
            }
        } catch (MalformedException e) {
            MessageType.wipe(values);
            throw e;
        }
        return type.make(values);
    }

    private void field(MessageType<?> type, int index, @Nullable Object[] values, boolean[] seen)
            throws MalformedException {
        if (seen[index]) {
            throw in.malformed("a field that is there twice");
        }
        seen[index] = true;
        if (in.takeWord("null")) {
            return;
        }
        int slot = type.slot(index);
        if (values[slot] != null) {
            throw in.malformed("two of which one may be there");
        }
        Field<?> field = type.fields()[index];
        if (field.repeated) {
            // In its slot from the start: what was read is wiped if the rest is malformed.
            List<Object> elements = new ArrayList<>();
            values[slot] = elements;
            list(field, elements);
        } else {
            values[slot] = field.kind == Kind.MAP ? map() : value(field);
        }
    }

    private void list(Field<?> field, List<Object> elements) throws MalformedException {
        open('[');
        for (boolean first = true; more(first, ']'); first = false) {
            Object value = value(field);
            if (value != null) {
                elements.add(value);
            }
        }
    }

    private Map<String, String> map() throws MalformedException {
        Map<String, String> map = new LinkedHashMap<>();
        open('{');
        for (boolean first = true; more(first, '}'); first = false) {
            String key = in.string();
            in.expect(':');
            if (map.put(key, in.string()) != null) {
                throw in.malformed("a key that is there twice");
            }
        }
        return map;
    }

    /** The value; null for the name of an enum's value that is unknown, which counts as an unknown field. */
    private @Nullable Object value(Field<?> field) throws MalformedException {
        return switch (field.kind) {
            case STRING -> in.string();
            case SECRET -> secret();
            case BOOL -> bool();
            case INT32 -> integer(in.peek() == '"' ? in.string() : in.number());
            case ENUM -> enumeration(Objects.requireNonNull(field.enumeration));
            case TIMESTAMP -> required(Timestamp.parse(in.string()), "no timestamp");
            case DURATION -> required(TimeSpan.parse(in.string()), "no duration");
            case MESSAGE -> message(Objects.requireNonNull(field.message));
            case MAP -> throw new IllegalStateException("a map has entries");
        };
    }

    private <V> V required(@Nullable V value, String otherwise) throws MalformedException {
        if (value == null) {
            throw in.malformed(otherwise);
        }
        return value;
    }

    private Boolean bool() throws MalformedException {
        if (in.takeWord("true")) {
            return true;
        }
        if (in.takeWord("false")) {
            return false;
        }
        throw in.malformed("neither true nor false");
    }

    private int integer(String number) throws MalformedException {
        try {
            JsonScanner digits = new JsonScanner(number.getBytes(StandardCharsets.UTF_8));
            if (!digits.number().equals(number)) {
                throw in.malformed("no number");
            }
            return new BigDecimal(number).intValueExact();
        } catch (ArithmeticException | NumberFormatException e) {
            throw in.malformed("no number of 32 bits");
        }
    }

    private @Nullable Object enumeration(EnumType<?> type) throws MalformedException {
        if (in.peek() != '"') {
            return type.make().apply(integer(in.number()));
        }
        int number = type.names().indexOf(in.string());
        return number < 0 ? null : type.make().apply(number);
    }

    /** Base64 of the standard or the URL-safe alphabet, with or without padding. */
    private SecretBytes secret() throws MalformedException {
        byte[] text = in.stringBytes();
        try {
            boolean urlSafe = false;
            for (byte b : text) {
                urlSafe |= b == '-' || b == '_';
            }
            return SecretBytes.wrap((urlSafe ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text));
        } catch (IllegalArgumentException e) {
            throw in.malformed("no base64");
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    private void skip() throws MalformedException {
        switch (in.peek()) {
            case '{' -> {
                open('{');
                for (boolean first = true; more(first, '}'); first = false) {
                    in.string();
                    in.expect(':');
                    skip();
                }
            }
            case '[' -> {
                open('[');
                for (boolean first = true; more(first, ']'); first = false) {
                    skip();
                }
            }
            case '"' -> in.string();
            default -> {
                if (!in.takeWord("true") && !in.takeWord("false") && !in.takeWord("null")) {
                    in.number();
                }
            }
        }
    }
}
