package dev.secretsengine.client.protocol.codec;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One field of a message: number, name, kind, and how to get it.
 *
 * @param <T> the message
 */
public final class Field<T> {

    /** Gets a field of a message. */
    @FunctionalInterface
    public interface Getter<T, V> {

        /** The field's value, null if it is not set. */
        @Nullable
        V get(T message);
    }

    enum Kind {
        STRING, SECRET, BOOL, INT32, ENUM, MESSAGE, TIMESTAMP, DURATION, MAP;

        /** Whether its bytes come behind a length, or are one varint. */
        boolean hasLength() {
            return this != BOOL && this != INT32 && this != ENUM;
        }
    }

    final int number;
    final String name;
    final String jsonName;
    final Kind kind;
    final boolean repeated;
    final boolean alternative;
    final @Nullable MessageType<?> message;
    final @Nullable EnumType<?> enumeration;

    private final Getter<T, ?> getter;

    private Field(int number, String name, Kind kind, boolean repeated, boolean alternative,
            @Nullable MessageType<?> message, @Nullable EnumType<?> enumeration, Getter<T, ?> getter) {
        this.number = number;
        this.name = name;
        this.jsonName = camelCase(name);
        this.kind = kind;
        this.repeated = repeated;
        this.alternative = alternative;
        this.message = message;
        this.enumeration = enumeration;
        this.getter = getter;
    }

    private static <T> Field<T> scalar(int number, String name, Kind kind, Getter<T, ?> getter) {
        return new Field<>(number, name, kind, false, false, null, null, getter);
    }

    /** A string. */
    public static <T> Field<T> string(int number, String name, Getter<T, String> getter) {
        return scalar(number, name, Kind.STRING, getter);
    }

    /** Repeated strings. */
    public static <T> Field<T> strings(int number, String name, Getter<T, List<String>> getter) {
        return new Field<>(number, name, Kind.STRING, true, false, null, null, getter);
    }

    /** Bytes, which are a secret. */
    public static <T> Field<T> secret(int number, String name, Getter<T, SecretBytes> getter) {
        return scalar(number, name, Kind.SECRET, getter);
    }

    /** A bool. */
    public static <T> Field<T> bool(int number, String name, Getter<T, Boolean> getter) {
        return scalar(number, name, Kind.BOOL, getter);
    }

    /** An int32. */
    public static <T> Field<T> int32(int number, String name, Getter<T, Integer> getter) {
        return scalar(number, name, Kind.INT32, getter);
    }

    /** A google.protobuf.Timestamp. */
    public static <T> Field<T> timestamp(int number, String name, Getter<T, Timestamp> getter) {
        return scalar(number, name, Kind.TIMESTAMP, getter);
    }

    /** A google.protobuf.Duration. */
    public static <T> Field<T> duration(int number, String name, Getter<T, TimeSpan> getter) {
        return scalar(number, name, Kind.DURATION, getter);
    }

    /** A map of strings. */
    public static <T> Field<T> map(int number, String name, Getter<T, Map<String, String>> getter) {
        return scalar(number, name, Kind.MAP, getter);
    }

    /** An enum. */
    public static <T, E extends ProtoEnum> Field<T> enumeration(int number, String name, EnumType<E> type,
            Getter<T, E> getter) {
        return new Field<>(number, name, Kind.ENUM, false, false, null, type, getter);
    }

    /** A message. */
    public static <T, M> Field<T> message(int number, String name, MessageType<M> type, Getter<T, M> getter) {
        return new Field<>(number, name, Kind.MESSAGE, false, false, type, null, getter);
    }

    /** Repeated messages. */
    public static <T, M> Field<T> messages(int number, String name, MessageType<M> type, Getter<T, List<M>> getter) {
        return new Field<>(number, name, Kind.MESSAGE, true, false, type, null, getter);
    }

    /** A member of the message's oneof, of which it has one at most: all members have one getter and one slot. */
    public static <T, O, M extends O> Field<T> alternative(int number, String name, MessageType<M> type,
            Getter<T, O> getter) {
        return new Field<>(number, name, Kind.MESSAGE, false, true, type, null, getter);
    }

    /** What is to be written: null if that is nothing. */
    @Nullable
    Object of(T message) {
        Object value = getter.get(message);
        if (value == null) {
            return null;
        }
        if (repeated) {
            return ((List<?>) value).isEmpty() ? null : value;
        }
        if (kind == Kind.MAP) {
            return ((Map<?, ?>) value).isEmpty() ? null : value;
        }
        return alternative && this.message != null && !this.message.isInstance(value) ? null : value;
    }

    private static String camelCase(String name) {
        StringBuilder text = new StringBuilder(name.length());
        boolean up = false;
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '_') {
                up = true;
            } else {
                text.append(up ? Character.toUpperCase(c) : c);
                up = false;
            }
        }
        return text.toString();
    }
}
