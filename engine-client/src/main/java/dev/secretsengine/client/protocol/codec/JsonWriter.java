package dev.secretsengine.client.protocol.codec;

import dev.secretsengine.client.protocol.codec.Field.Kind;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Writes protobuf's canonical JSON. What it grows out of is wiped. */
final class JsonWriter {

    private static final String HEX = "0123456789abcdef";

    /** The most bytes of one char, escaped or in UTF-8. */
    private static final int CHAR_MAX = 6;

    private byte[] bytes = new byte[512];
    private int at;

    private JsonWriter() {
    }

    static <T> byte[] write(MessageType<T> type, T message) {
        JsonWriter out = new JsonWriter();
        try {
            out.message(type, message);
            return Arrays.copyOf(out.bytes, out.at);
        } finally {
            Arrays.fill(out.bytes, 0, out.at, (byte) 0);
        }
    }

    private <T> void message(MessageType<T> type, T message) {
        put('{');
        boolean first = true;
        for (Field<T> field : type.fields()) {
            Object value = field.of(message);
            if (value == null) {
                continue;
            }
            if (!first) {
                put(',');
            }
            first = false;
            string(field.jsonName);
            put(':');
            if (field.repeated) {
                list(field, (List<?>) value);
            } else if (field.kind == Kind.MAP) {
                map((Map<?, ?>) value);
            } else {
                value(field, value);
            }
        }
        put('}');
    }

    private void list(Field<?> field, List<?> elements) {
        char separator = '[';
        for (Object element : elements) {
            put(separator);
            value(field, element);
            separator = ',';
        }
        put(']');
    }

    private void map(Map<?, ?> map) {
        char separator = '{';
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            put(separator);
            string((String) entry.getKey());
            put(':');
            string((String) entry.getValue());
            separator = ',';
        }
        put('}');
    }

    private void value(Field<?> field, Object value) {
        switch (field.kind) {
            case STRING -> string((String) value);
            case SECRET -> base64(((SecretBytes) value).bytes());
            case BOOL, INT32 -> ascii(value.toString());
            case ENUM -> enumeration(Objects.requireNonNull(field.enumeration), ((ProtoEnum) value).number());
            case TIMESTAMP -> string(((Timestamp) value).toText());
            case DURATION -> string(((TimeSpan) value).toText());
            case MESSAGE -> any(Objects.requireNonNull(field.message), value);
            case MAP -> throw new IllegalStateException("a map has entries");
        }
    }

    // A field's getter gives messages of the field's type.
    @SuppressWarnings("unchecked")
    private <M> void any(MessageType<M> type, Object message) {
        message(type, (M) message);
    }

    private void enumeration(EnumType<?> type, int number) {
        String name = type.name(number);
        if (name == null) {
            ascii(Integer.toString(number));
        } else {
            string(name);
        }
    }

    private void base64(byte[] secret) {
        byte[] text = Base64.getEncoder().encode(secret);
        room(text.length + 2);
        bytes[at++] = '"';
        System.arraycopy(text, 0, bytes, at, text.length);
        at += text.length;
        bytes[at++] = '"';
        Arrays.fill(text, (byte) 0);
    }

    private void ascii(String text) {
        room(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[at++] = (byte) text.charAt(i);
        }
    }

    private void string(String text) {
        put('"');
        room(text.length());
        int plain = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c == '"' || c == '\\') {
                utf8(text.substring(plain, i));
                escape(c);
                plain = i + 1;
            }
        }
        utf8(plain == 0 ? text : text.substring(plain));
        put('"');
    }

    private void utf8(String text) {
        room(Math.multiplyExact(3, text.length()));
        at = ProtoWriter.putUtf8(text, bytes, at);
    }

    private void escape(char c) {
        room(CHAR_MAX);
        bytes[at++] = '\\';
        int shorthand = "\b\t\n\f\r\"\\".indexOf(c);
        if (shorthand >= 0) {
            bytes[at++] = (byte) "btnfr\"\\".charAt(shorthand);
        } else {
            ascii("u00");
            bytes[at++] = (byte) HEX.charAt(c >> 4);
            bytes[at++] = (byte) HEX.charAt(c & 15);
        }
    }

    private void put(char c) {
        room(1);
        bytes[at++] = (byte) c;
    }

    private void room(int more) {
        if (bytes.length - at < more) {
            byte[] grown = Arrays.copyOf(bytes, Math.addExact(at, Math.max(at, more)) + CHAR_MAX);
            Arrays.fill(bytes, 0, at, (byte) 0);
            bytes = grown;
        }
    }
}
