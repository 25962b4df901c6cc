package dev.secretsengine.client.protocol.codec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A message's description, from which both codecs work: protobuf's binary format and its canonical JSON. Every scalar
 * has presence (edition 2023): null is not set, empty is set. Unknown fields are skipped. What was read of a message
 * that turns out malformed is wiped. Thread-safe.
 *
 * @param <T> the message, immutable
 */
public final class MessageType<T> {

    /** The largest message that is read, in bytes. */
    public static final int MAX_LENGTH = 16 << 20;

    private final Class<T> type;
    private final Function<Values, T> make;
    private final Field<T>[] fields;
    private final int[] slots;
    private final int slotCount;

    /** What was read, by the position of its field; the members of a oneof share the first one's. */
    public static final class Values {

        private final @Nullable Object[] slots;

        private Values(@Nullable Object[] slots) {
            this.slots = slots;
        }

        /** A single field, null if it was not set. */
        public <V> @Nullable V at(int slot, Class<V> type) {
            return type.cast(slots[slot]);
        }

        /** A repeated field, which may be empty. */
        // The codecs put nothing else into the slot of a repeated field of this type.
        @SuppressWarnings("unchecked")
        public <V> List<V> list(int slot, Class<V> type) {
            Object values = slots[slot];
            return values == null ? List.of() : (List<V>) values;
        }

        /** A map, which may be empty. */
        // The codecs put nothing else into the slot of a map.
        @SuppressWarnings("unchecked")
        public Map<String, String> map(int slot) {
            Object values = slots[slot];
            return values == null ? Map.of() : (Map<String, String>) values;
        }
    }

    private MessageType(Class<T> type, Function<Values, T> make, Field<T>[] fields) {
        this.type = type;
        this.make = make;
        this.fields = fields;
        this.slots = new int[fields.length];
        int count = 0;
        int oneof = -1;
        for (int i = 0; i < fields.length; i++) {
            if (!fields[i].alternative) {
                slots[i] = count++;
            } else {
                oneof = oneof < 0 ? count++ : oneof;
                slots[i] = oneof;
            }
        }
        this.slotCount = count;
    }

    /** Describes a message: how to make it from its fields, and these in the order of their numbers. */
    // The array is copied, and nothing else is put into the copy.
    @SafeVarargs
    @SuppressWarnings("varargs")
    public static <T> MessageType<T> of(Class<T> type, Function<Values, T> make, Field<T>... fields) {
        return new MessageType<>(type, make, fields.clone());
    }

    /** The message in protobuf's binary format; who sends it wipes it. */
    public byte[] toProto(T message) {
        return ProtoWriter.write(this, message);
    }

    /**
     * Reads a message in protobuf's binary format; values are copied out of the array.
     *
     * @throws MalformedException if it is none: truncated, a field of another wire type, a group, text that is not
     *     UTF-8, a varint or length that does not fit, more than {@link #MAX_LENGTH} bytes
     */
    public T fromProto(byte[] bytes) throws MalformedException {
        checkLength(bytes);
        return new ProtoReader(bytes).message(this, null);
    }

    /**
     * The message in protobuf's canonical JSON; who sends it wipes it.
     *
     * @throws IllegalArgumentException if a time in it is outside of what JSON can say
     */
    public byte[] toJson(T message) {
        return JsonWriter.write(this, message);
    }

    /**
     * Reads a message in protobuf's JSON; values are copied out of the array.
     *
     * @throws MalformedException if it is none: not JSON, a value of another type, a field that is there twice, nested
     *     more than 64 deep, more than {@link #MAX_LENGTH} bytes
     */
    public T fromJson(byte[] bytes) throws MalformedException {
        checkLength(bytes);
        return new JsonReader(bytes).document(this);
    }

    private static void checkLength(byte[] bytes) throws MalformedException {
        if (bytes.length > MAX_LENGTH) {
            throw new MalformedException("message too large", MAX_LENGTH);
        }
    }

    Field<T>[] fields() {
        return fields;
    }

    int slot(int field) {
        return slots[field];
    }

    /** The position of the field with this number, -1 if it is unknown. */
    int withNumber(long number) {
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].number == number) {
                return i;
            }
        }
        return -1;
    }

    /** The position of the field with this name, in JSON's form or the original one; -1 if it is unknown. */
    int withName(String name) {
        for (int i = 0; i < fields.length; i++) {
            if (fields[i].jsonName.equals(name) || fields[i].name.equals(name)) {
                return i;
            }
        }
        return -1;
    }

    boolean isInstance(Object value) {
        return type.isInstance(value);
    }

    /** The slots to read into: those of the message that is there already, if any. */
    @Nullable
    Object[] slots(@Nullable Object existing) {
        @Nullable
        Object[] values = new Object[slotCount];
        if (type.isInstance(existing)) {
            T message = type.cast(existing);
            for (int i = 0; i < fields.length; i++) {
                Object value = fields[i].of(message);
                if (value != null) {
                    values[slots[i]] = mutable(value);
                }
            }
        }
        return values;
    }

    private static Object mutable(Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        return value instanceof Map<?, ?> map ? new LinkedHashMap<>(map) : value;
    }

    T make(@Nullable Object[] values) {
        return make.apply(new Values(values));
    }

    /** Wipes what was read of a message that is no good. */
    static void wipe(@Nullable Object[] values) {
        for (Object value : values) {
            wipe(value);
        }
    }

    private static void wipe(@Nullable Object value) {
        switch (value) {
            case SecretBytes secret -> secret.close();
            case Wipeable message -> message.close();
            case List<?> list -> list.forEach(MessageType::wipe);
            case null, default -> {
                // No secret.
            }
        }
    }

    @Override
    public String toString() {
        return type.getSimpleName();
    }
}
