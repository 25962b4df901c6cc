package dev.secretsengine.client.protocol.codec;

import dev.secretsengine.client.protocol.codec.Field.Kind;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Writes protobuf's binary format: measures first and remembers every length, so that a value is copied once, into an
 * array of the right size.
 */
final class ProtoWriter {

    private static final int UNKNOWN_SURROGATE = '?';

    /** The lengths of what has one, in the order of writing. */
    private int[] lengths = new int[16];
    private int count;

    private byte[] bytes = {};
    private int at;

    private ProtoWriter() {
    }

    static <T> byte[] write(MessageType<T> type, T message) {
        ProtoWriter out = new ProtoWriter();
        out.bytes = new byte[out.measure(type, message)];
        out.count = 0;
        out.put(type, message);
        return out.bytes;
    }

    private <T> int measure(MessageType<T> type, T message) {
        int size = 0;
        for (Field<T> field : type.fields()) {
            Object value = field.of(message);
            if (value == null) {
                continue;
            }
            int tag = varintSize((long) field.number << 3);
            if (field.repeated) {
                for (Object element : (List<?>) value) {
                    size = Math.addExact(size, tag + measureValue(field, element));
                }
            } else if (field.kind == Kind.MAP) {
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    size = Math.addExact(size, tag + measureEntry(entry));
                }
            } else {
                size = Math.addExact(size, tag + measureValue(field, value));
            }
        }
        return size;
    }

    private int measureValue(Field<?> field, Object value) {
        return switch (field.kind) {
            case STRING -> noted(reserve(), utf8Length((String) value));
            case SECRET -> noted(reserve(), ((SecretBytes) value).bytes().length);
            case BOOL -> 1;
            case INT32 -> varintSize((Integer) value);
            case ENUM -> varintSize(((ProtoEnum) value).number());
            case TIMESTAMP -> {
                Timestamp time = (Timestamp) value;
                yield noted(reserve(), pairSize(time.seconds(), time.nanos()));
            }
            case DURATION -> {
                TimeSpan span = (TimeSpan) value;
                yield noted(reserve(), pairSize(span.seconds(), span.nanos()));
            }
            case MESSAGE -> {
                int index = reserve();
                yield noted(index, measureAny(Objects.requireNonNull(field.message), value));
            }
            case MAP -> throw new IllegalStateException("a map has entries");
        };
    }

    private int measureEntry(Map.Entry<?, ?> entry) {
        int index = reserve();
        return noted(index, 1 + noted(reserve(), utf8Length((String) entry.getKey()))
                + 1 + noted(reserve(), utf8Length((String) entry.getValue())));
    }

    // A field's getter gives messages of the field's type.
    @SuppressWarnings("unchecked")
    private <M> int measureAny(MessageType<M> type, Object message) {
        return measure(type, (M) message);
    }

    private int reserve() {
        if (count == lengths.length) {
            lengths = Arrays.copyOf(lengths, 2 * count);
        }
        return count++;
    }

    /** Remembers a length; returns it with the length of its own varint. */
    private int noted(int index, int length) {
        lengths[index] = length;
        return Math.addExact(varintSize(length), length);
    }

    private static int pairSize(long seconds, int nanos) {
        return (seconds == 0 ? 0 : 1 + varintSize(seconds)) + (nanos == 0 ? 0 : 1 + varintSize(nanos));
    }

    private static int varintSize(long value) {
        return value == 0 ? 1 : (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7;
    }

    private static int utf8Length(String text) {
        int length = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c >= 0x800) {
                // A pair of surrogates is four bytes; one alone is written as a question mark.
                if (!Character.isSurrogate(c)) {
                    length += 2;
                } else if (isPair(text, i)) {
                    length += 2;
                    i++;
                }
            } else if (c >= 0x80) {
                length++;
            }
        }
        return length;
    }

    static boolean isPair(String text, int at) {
        return Character.isHighSurrogate(text.charAt(at)) && at + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(at + 1));
    }

    private <T> void put(MessageType<T> type, T message) {
        for (Field<T> field : type.fields()) {
            Object value = field.of(message);
            if (value == null) {
                continue;
            }
            long tag = (long) field.number << 3 | (field.kind.hasLength() ? ProtoReader.LENGTH : ProtoReader.VARINT);
            if (field.repeated) {
                for (Object element : (List<?>) value) {
                    putVarint(tag);
                    putValue(field, element);
                }
            } else if (field.kind == Kind.MAP) {
                for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) {
                    putVarint(tag);
                    putVarint(lengths[count++]);
                    bytes[at++] = 1 << 3 | ProtoReader.LENGTH;
                    putString((String) entry.getKey());
                    bytes[at++] = 2 << 3 | ProtoReader.LENGTH;
                    putString((String) entry.getValue());
                }
            } else {
                putVarint(tag);
                putValue(field, value);
            }
        }
    }

    private void putValue(Field<?> field, Object value) {
        switch (field.kind) {
            case STRING -> putString((String) value);
            case SECRET -> {
                byte[] secret = ((SecretBytes) value).bytes();
                putVarint(lengths[count++]);
                System.arraycopy(secret, 0, bytes, at, secret.length);
                at += secret.length;
            }
            case BOOL -> bytes[at++] = (byte) ((Boolean) value ? 1 : 0);
            case INT32 -> putVarint((Integer) value);
            case ENUM -> putVarint(((ProtoEnum) value).number());
            case TIMESTAMP -> putPair(((Timestamp) value).seconds(), ((Timestamp) value).nanos());
            case DURATION -> putPair(((TimeSpan) value).seconds(), ((TimeSpan) value).nanos());
            case MESSAGE -> {
                putVarint(lengths[count++]);
                putAny(Objects.requireNonNull(field.message), value);
            }
            case MAP -> throw new IllegalStateException("a map has entries");
        }
    }

    // A field's getter gives messages of the field's type.
    @SuppressWarnings("unchecked")
    private <M> void putAny(MessageType<M> type, Object message) {
        put(type, (M) message);
    }

    private void putPair(long seconds, int nanos) {
        putVarint(lengths[count++]);
        if (seconds != 0) {
            bytes[at++] = 1 << 3 | ProtoReader.VARINT;
            putVarint(seconds);
        }
        if (nanos != 0) {
            bytes[at++] = 2 << 3 | ProtoReader.VARINT;
            putVarint(nanos);
        }
    }

    private void putVarint(long value) {
        long rest = value;
        while ((rest & ~0x7fL) != 0) {
            bytes[at++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        bytes[at++] = (byte) rest;
    }

    private void putString(String text) {
        putVarint(lengths[count++]);
        at = putUtf8(text, bytes, at);
    }

    /** Writes the text in UTF-8, a question mark for half of a pair; returns the position behind it. */
    static int putUtf8(String text, byte[] bytes, int from) {
        int at = from;
        for (int i = 0; i < text.length(); i++) {
            int c = text.charAt(i);
            if (c < 0x80) {
                bytes[at++] = (byte) c;
                continue;
            }
            if (Character.isSurrogate((char) c)) {
                if (!isPair(text, i)) {
                    bytes[at++] = UNKNOWN_SURROGATE;
                    continue;
                }
                c = text.codePointAt(i++);
            }
            at = putCodePoint(c, bytes, at);
        }
        return at;
    }

    /** Writes a code point from U+0080 on. */
    private static int putCodePoint(int c, byte[] bytes, int from) {
        int at = from;
        if (c < 0x800) {
            bytes[at++] = (byte) (0xc0 | (c >> 6));
        } else {
            if (c < 0x10000) {
                bytes[at++] = (byte) (0xe0 | (c >> 12));
            } else {
                bytes[at++] = (byte) (0xf0 | (c >> 18));
                bytes[at++] = (byte) (0x80 | (c >> 12 & 0x3f));
            }
            bytes[at++] = (byte) (0x80 | (c >> 6 & 0x3f));
        }
        bytes[at++] = (byte) (0x80 | (c & 0x3f));
        return at;
    }
}
