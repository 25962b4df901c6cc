package dev.secretsengine.client.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Makes messages of any shape, and damages encodings. */
final class RandomMessages {

    private static final List<String> TEXTS = List.of("", "a", "myapp/db/password", "**", "v1.2.3", "\u0000", "\"\\/\n",
            "\u007f\u0080\u07ff\u0800\uffff", "gr\u00fc\u00dfe", "\ud83d\udd11 key", "<script>&'=\u2028", "1", "null",
            "x".repeat(200), "2026-05-01T12:00:00.123456789Z", "RUN_STATUS_RUNNING");

    private static final long[] SECONDS = {0, 1, -1, 1_777_636_800L, -62_135_596_800L, 253_402_300_799L, 951_782_400L,
            -2_203_891_200L};

    private static final int[] NANOS = {0, 1, 999_999_999, 123_000_000, 123_456_000, 120_000_000, 1_000, 1_000_000};

    private final Random random;
    private final boolean forJson;

    /** Messages that JSON can say, with valid times and no key twice, or any. */
    RandomMessages(long seed, boolean forJson) {
        this.random = new Random(seed);
        this.forJson = forJson;
    }

    /** A seed that is printed, or the one given by the system property fuzz.seed to see a failure again. */
    static long seed(String test) {
        long seed = Long.getLong("fuzz.seed", System.nanoTime());
        System.out.println(test + ": -Dfuzz.seed=" + seed);
        return seed;
    }

    /** How many cases a test tries: as many as said, or as the system property fuzz.cases says. */
    static int cases(int usual) {
        return Integer.getInteger("fuzz.cases", usual);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <V> V any(List<V> values) {
        return values.get(random.nextInt(values.size()));
    }

    DynamicMessage message(Descriptor type) {
        if (type.getFullName().equals("google.protobuf.Timestamp")
                || type.getFullName().equals("google.protobuf.Duration")) {
            return time(type);
        }
        DynamicMessage.Builder builder = DynamicMessage.newBuilder(type);
        for (FieldDescriptor field : type.getFields()) {
            if (field.isRepeated()) {
                Set<String> keys = new HashSet<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    Object value = value(field);
                    if (!forJson || !field.isMapField() || keys.add(key(value))) {
                        builder.addRepeatedField(field, value);
                    }
                }
            } else if (random.nextInt(3) > 0 || type.getOptions().getMapEntry()) {
                builder.setField(field, value(field));
            }
        }
        return builder.build();
    }

    private static String key(Object entry) {
        Message message = (Message) entry;
        return (String) message.getField(message.getDescriptorForType().findFieldByNumber(1));
    }

    private Object value(FieldDescriptor field) {
        return switch (field.getJavaType()) {
            case STRING -> any(TEXTS);
            case BYTE_STRING -> bytes();
            case BOOLEAN -> random.nextBoolean();
            case INT -> random.nextBoolean() ? random.nextInt() : random.nextInt(3);
            case ENUM -> enumValue(field);
            case MESSAGE -> message(field.getMessageType());
            default -> throw new IllegalStateException(field.getFullName());
        };
    }

    private EnumValueDescriptor enumValue(FieldDescriptor field) {
        return random.nextInt(4) == 0
                ? field.getEnumType().findValueByNumberCreatingIfUnknown(random.nextInt())
                : any(field.getEnumType().getValues());
    }

    private ByteString bytes() {
        byte[] bytes = new byte[random.nextInt(8) == 0 ? 300 : random.nextInt(20)];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }

    private DynamicMessage time(Descriptor type) {
        long seconds = SECONDS[random.nextInt(SECONDS.length)];
        int nanos = NANOS[random.nextInt(NANOS.length)];
        if (!forJson && random.nextInt(4) == 0) {
            seconds = random.nextLong();
            nanos = random.nextInt();
        } else if (type.getName().equals("Duration") && seconds < 0) {
            nanos = -nanos;
        }
        return DynamicMessage.newBuilder(type).setField(type.findFieldByNumber(1), seconds)
                .setField(type.findFieldByNumber(2), nanos).build();
    }

    /** The bytes with one to three of them changed, left out, put in, copied, or with the rest cut off. */
    byte[] damaged(byte[] bytes, byte[] pieces) {
        byte[] damaged = bytes;
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
            damaged = damagedOnce(damaged, pieces);
        }
        return damaged;
    }

    private byte[] damagedOnce(byte[] bytes, byte[] pieces) {
        int at = random.nextInt(bytes.length + 1);
        int length = Math.min(random.nextInt(4), bytes.length - at);
        byte piece = random.nextBoolean() ? pieces[random.nextInt(pieces.length)] : (byte) random.nextInt();
        return switch (random.nextInt(5)) {
            case 0 -> replaced(bytes, at, Math.min(1, bytes.length - at), new byte[]{piece});
            case 1 -> replaced(bytes, at, length, new byte[0]);
            case 2 -> replaced(bytes, at, 0, new byte[]{piece});
            case 3 -> {
                int from = random.nextInt(bytes.length + 1);
                int to = Math.min(bytes.length, from + random.nextInt(24));
                yield replaced(bytes, at, 0, Arrays.copyOfRange(bytes, from, to));
            }
            default -> replaced(bytes, at, bytes.length - at, new byte[0]);
        };
    }

    private static byte[] replaced(byte[] bytes, int at, int length, byte[] by) {
        byte[] result = new byte[bytes.length - length + by.length];
        System.arraycopy(bytes, 0, result, 0, at);
        System.arraycopy(by, 0, result, at, by.length);
        System.arraycopy(bytes, at + length, result, at + by.length, bytes.length - at - length);
        return result;
    }
}
