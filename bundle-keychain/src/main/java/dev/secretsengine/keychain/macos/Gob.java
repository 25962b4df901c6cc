package dev.secretsengine.keychain.macos;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The encoding in which docker's own tools keep metadata: Go's gob of a {@code map[string]any} whose values are strings.
 * One item without it, and their listing of all items fails.
 */
final class Gob {

    // The types that gob knows by itself.
    private static final int STRING = 6;
    private static final int INTERFACE = 8;

    /** The first number for types that gob does not know by itself: each writer counts on from there. */
    private static final int OUR_MAP = 64;
    private static final String STRING_NAME = "string";

    /** The field of gob's wire type that describes a map. */
    private static final int MAP_FIELD = 4;

    private Gob() {
    }

    /** Two messages: what the type is, and its value, sorted by key. */
    static byte[] encode(Map<String, String> map) {
        ByteArrayOutputStream type = new ByteArrayOutputStream();
        putInt(type, -OUR_MAP);
        putUnsigned(type, MAP_FIELD);
        // Fields of structures: how far to go on from the last one, then the value; 0 ends them.
        putUnsigned(type, 1);
        putUnsigned(type, 2);
        putInt(type, OUR_MAP);
        putUnsigned(type, 0);
        putUnsigned(type, 1);
        putInt(type, STRING);
        putUnsigned(type, 1);
        putInt(type, INTERFACE);
        putUnsigned(type, 0);
        putUnsigned(type, 0);
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        putInt(value, OUR_MAP);
        // What is no structure comes after a 0.
        putUnsigned(value, 0);
        putUnsigned(value, map.size());
        new TreeMap<>(map).forEach((key, text) -> {
            putString(value, key);
            putString(value, STRING_NAME);
            putInt(value, STRING);
            ByteArrayOutputStream held = new ByteArrayOutputStream();
            putUnsigned(held, 0);
            putString(held, text);
            putBytes(value, held.toByteArray());
        });
        ByteArrayOutputStream stream = new ByteArrayOutputStream();
        putBytes(stream, type.toByteArray());
        putBytes(stream, value.toByteArray());
        return stream.toByteArray();
    }

    private static void putString(ByteArrayOutputStream out, String text) {
        putBytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void putBytes(ByteArrayOutputStream out, byte[] bytes) {
        putUnsigned(out, bytes.length);
        out.writeBytes(bytes);
    }

    /** The sign is the lowest bit. */
    private static void putInt(ByteArrayOutputStream out, long number) {
        putUnsigned(out, number < 0 ? (~number << 1) | 1 : number << 1);
    }

    /** Below 128 a byte; else the number of bytes, negated, and the bytes, the greatest first. */
    private static void putUnsigned(ByteArrayOutputStream out, long number) {
        if (number >= 0 && number < 0x80) {
            out.write((int) number);
            return;
        }
        int length = (Long.SIZE - Long.numberOfLeadingZeros(number) + 7) / 8;
        out.write(-length);
        for (int i = length - 1; i >= 0; i--) {
            out.write((int) (number >> (8 * i)));
        }
    }

    /** The strings of the map, empty if this is not the encoding of one. Values that are no strings are left out. */
    static Optional<Map<String, String>> decode(byte[] stream) {
        try {
            return Optional.of(new Reader(ByteBuffer.wrap(stream)).map());
        } catch (RuntimeException e) {
            // Somebody else's bytes, or damaged ones.
            return Optional.empty();
        }
    }

    /** Throws any RuntimeException on what it does not know. */
    private static final class Reader {

        private final ByteBuffer in;

        Reader(ByteBuffer in) {
            this.in = in;
        }

        Map<String, String> map() {
            int defined = 0;
            while (true) {
                Reader message = new Reader(slice());
                int type = message.number();
                if (type >= 0) {
                    require(type == defined);
                    return message.entries();
                }
                require(defined == 0);
                defined = -type;
                message.mapType();
            }
        }

        private void mapType() {
            require(unsigned() == MAP_FIELD);
            int field = 0;
            int key = 0;
            int element = 0;
            for (int delta = unsigned(); delta != 0; delta = unsigned()) {
                field += delta;
                switch (field) {
                    case 1 -> skipCommonType();
                    case 2 -> key = number();
                    case 3 -> element = number();
                    default -> require(false);
                }
            }
            require(key == STRING && element == INTERFACE && unsigned() == 0);
        }

        /** A name and a number. */
        private void skipCommonType() {
            int field = 0;
            for (int delta = unsigned(); delta != 0; delta = unsigned()) {
                field += delta;
                if (field == 1) {
                    slice();
                } else {
                    number();
                }
            }
        }

        private Map<String, String> entries() {
            require(unsigned() == 0);
            int count = unsigned();
            Map<String, String> map = new HashMap<>();
            for (int i = 0; i < count; i++) {
                String key = string();
                String concrete = string();
                if (!concrete.isEmpty()) {
                    int type = number();
                    Reader held = new Reader(slice());
                    if (type == STRING && concrete.equals(STRING_NAME)) {
                        require(held.unsigned() == 0);
                        map.put(key, held.string());
                    }
                }
            }
            require(!in.hasRemaining());
            return map;
        }

        private String string() {
            return StandardCharsets.UTF_8.decode(slice()).toString();
        }

        private ByteBuffer slice() {
            int length = unsigned();
            ByteBuffer slice = in.slice(in.position(), length);
            in.position(in.position() + length);
            return slice;
        }

        private int number() {
            int bits = unsigned();
            return (bits & 1) == 0 ? bits >> 1 : ~(bits >> 1);
        }

        private int unsigned() {
            int first = in.get();
            if (first >= 0) {
                return first;
            }
            require(first >= -4);
            long number = 0;
            for (int i = 0; i < -first; i++) {
                number = number << 8 | (in.get() & 0xff);
            }
            return Math.toIntExact(number);
        }

        private static void require(boolean holds) {
            if (!holds) {
                throw new IllegalArgumentException("not the gob of a map");
            }
        }
    }
}
