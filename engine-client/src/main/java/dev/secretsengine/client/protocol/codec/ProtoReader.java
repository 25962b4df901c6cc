package dev.secretsengine.client.protocol.codec;

import dev.secretsengine.client.protocol.codec.Field.Kind;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads protobuf's binary format. */
final class ProtoReader {

    static final int VARINT = 0;
    static final int FIXED64 = 1;
    static final int LENGTH = 2;
    static final int FIXED32 = 5;

    private final byte[] bytes;
    private int at;
    private int limit;

    ProtoReader(byte[] bytes) {
        this.bytes = bytes;
        this.limit = bytes.length;
    }

    private MalformedException malformed(String what) {
        return new MalformedException("not a protobuf message: " + what, at);
    }

    /** The message up to the limit, merged into the one that is there already. */
    <T> T message(MessageType<T> type, @Nullable Object existing) throws MalformedException {
        @Nullable
        Object[] values = type.slots(existing);
        try {
            while (at < limit) {
                long tag = tag();
                int index = type.withNumber(tag >>> 3);
                if (index < 0) {
                    skip((int) tag & 7);
                } else {
                    int slot = type.slot(index);
                    values[slot] = field(type.fields()[index], (int) tag & 7, values[slot]);
                }
            }
        } catch (MalformedException e) {
            MessageType.wipe(values);
            throw e;
        }
        return type.make(values);
    }

    private Object field(Field<?> field, int wireType, @Nullable Object existing) throws MalformedException {
        if (wireType != (field.kind.hasLength() ? LENGTH : VARINT)) {
            throw malformed("wrong wire type");
        }
        if (field.kind == Kind.MAP) {
            return entry(existing);
        }
        if (!field.repeated) {
            return value(field, existing);
        }
        List<Object> values = elements(existing);
        values.add(value(field, null));
        return values;
    }

    // The slot of a repeated field holds such a list, or nothing.
    @SuppressWarnings("unchecked")
    private static List<Object> elements(@Nullable Object existing) {
        return existing == null ? new ArrayList<>() : (List<Object>) existing;
    }

    // The slot of a map holds such a map, or nothing.
    @SuppressWarnings("unchecked")
    private Map<String, String> entry(@Nullable Object existing) throws MalformedException {
        Map<String, String> map = existing == null ? new LinkedHashMap<>() : (Map<String, String>) existing;
        String key = "";
        String value = "";
        int outer = enter();
        while (at < limit) {
            long tag = tag();
            if (tag >>> 3 > 2) {
                skip((int) tag & 7);
            } else if ((tag & 7) != LENGTH) {
                throw malformed("wrong wire type");
            } else if (tag >>> 3 == 1) {
                key = string();
            } else {
                value = string();
            }
        }
        limit = outer;
        map.put(key, value);
        return map;
    }

    private Object value(Field<?> field, @Nullable Object existing) throws MalformedException {
        return switch (field.kind) {
            case STRING -> string();
            case SECRET -> secret(existing);
            case BOOL -> varint() != 0;
            case INT32 -> (int) varint();
            case ENUM -> Objects.requireNonNull(field.enumeration).make().apply((int) varint());
            case TIMESTAMP -> {
                Timestamp time = existing instanceof Timestamp before ? before : new Timestamp(0, 0);
                long[] pair = {time.seconds(), time.nanos()};
                pair(pair);
                yield new Timestamp(pair[0], (int) pair[1]);
            }
            case DURATION -> {
                TimeSpan span = existing instanceof TimeSpan before ? before : new TimeSpan(0, 0);
                long[] pair = {span.seconds(), span.nanos()};
                pair(pair);
                yield new TimeSpan(pair[0], (int) pair[1]);
            }
            case MESSAGE -> {
                int outer = enter();
                Object message = message(Objects.requireNonNull(field.message), existing);
                limit = outer;
                yield message;
            }
            case MAP -> throw new IllegalStateException("a map has entries");
        };
    }

    /** Seconds and nanoseconds. */
    private void pair(long[] pair) throws MalformedException {
        int outer = enter();
        while (at < limit) {
            long tag = tag();
            if (tag >>> 3 > 2) {
                skip((int) tag & 7);
            } else if ((tag & 7) != VARINT) {
                throw malformed("wrong wire type");
            } else {
                pair[(int) (tag >>> 3) - 1] = varint();
            }
        }
        limit = outer;
    }

    private SecretBytes secret(@Nullable Object existing) throws MalformedException {
        int length = length();
        if (existing instanceof SecretBytes before) {
            before.close();
        }
        at += length;
        return SecretBytes.wrap(Arrays.copyOfRange(bytes, at - length, at));
    }

    private String string() throws MalformedException {
        int length = length();
        int start = at;
        int end = start + length;
        int i = start;
        while (i < end && bytes[i] >= 0) {
            i++;
        }
        if (i < end) {
            String text = text(bytes, start, length);
            if (text == null) {
                throw malformed("text that is not UTF-8");
            }
            at = end;
            return text;
        }
        at = end;
        return new String(bytes, start, length, StandardCharsets.ISO_8859_1);
    }

    /** The text in UTF-8, null if it is not. */
    static @Nullable String text(byte[] bytes, int from, int length) {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, from, length)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private long tag() throws MalformedException {
        long tag = varint();
        if (tag >>> 32 != 0 || tag >>> 3 == 0) {
            throw malformed("no field's number");
        }
        return tag;
    }

    private int length() throws MalformedException {
        long length = varint();
        if (length < 0 || length > limit - at) {
            throw malformed("truncated");
        }
        return (int) length;
    }

    /** Makes what comes behind a length the whole; returns the limit to go back to. */
    private int enter() throws MalformedException {
        int length = length();
        int outer = limit;
        limit = at + length;
        return outer;
    }

    private long varint() throws MalformedException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (at == limit) {
                throw malformed("truncated");
            }
            byte b = bytes[at++];
            if (shift == 63 && (b > 1 || b < 0)) {
                throw malformed("varint too long");
            }
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                break;
            }
        }
        return value;
    }

    private void skip(int wireType) throws MalformedException {
        int length = switch (wireType) {
            case VARINT -> {
                varint();
                yield 0;
            }
            case FIXED64 -> Long.BYTES;
            case LENGTH -> length();
            case FIXED32 -> Integer.BYTES;
            default -> throw malformed("no wire type of ours");
        };
        if (length > limit - at) {
            throw malformed("truncated");
        }
        at += length;
    }
}
