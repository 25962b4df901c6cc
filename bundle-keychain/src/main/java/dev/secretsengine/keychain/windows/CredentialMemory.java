package dev.secretsengine.keychain.windows;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CREDENTIALW and CREDENTIAL_ATTRIBUTEW in the memory of a 64-bit process. */
final class CredentialMemory implements AutoCloseable {

    static final int SIZE = 80;
    static final int TYPE = 4;
    static final int TARGET_NAME = 8;
    static final int LAST_WRITTEN = 24;
    static final int BLOB_SIZE = 32;
    static final int BLOB = 40;
    static final int PERSIST = 48;
    static final int ATTRIBUTE_COUNT = 52;
    static final int ATTRIBUTES = 56;
    static final int USER_NAME = 72;

    static final int ATTRIBUTE_SIZE = 24;
    static final int KEYWORD = 0;
    static final int VALUE_SIZE = 12;
    static final int VALUE = 16;

    /** CRED_TYPE_GENERIC. */
    static final int GENERIC = 1;

    /** CRED_PERSIST_LOCAL_MACHINE. */
    static final int LOCAL_MACHINE = 2;

    /** Between the starts of 1601 and of 1970, in the tenths of a microsecond that a FILETIME counts. */
    private static final long EPOCH = 116_444_736_000_000_000L;
    private static final int TICKS_PER_SECOND = 10_000_000;

    private final List<Memory> memories = new ArrayList<>();
    private final Memory structure;

    /** The structure of a credential that is to be written. */
    CredentialMemory(Credential credential) {
        structure = allocate(SIZE);
        structure.setInt(TYPE, GENERIC);
        structure.setPointer(TARGET_NAME, string(credential.target()));
        structure.setInt(BLOB_SIZE, credential.blob().length);
        structure.setPointer(BLOB, bytes(credential.blob()));
        structure.setInt(PERSIST, LOCAL_MACHINE);
        structure.setInt(ATTRIBUTE_COUNT, credential.attributes().size());
        structure.setPointer(ATTRIBUTES, attributes(credential.attributes()));
        structure.setPointer(USER_NAME, string(credential.userName()));
    }

    private @Nullable Pointer attributes(Map<String, byte[]> attributes) {
        if (attributes.isEmpty()) {
            return null;
        }
        Memory array = allocate((long) attributes.size() * ATTRIBUTE_SIZE);
        int at = 0;
        for (Map.Entry<String, byte[]> attribute : attributes.entrySet()) {
            array.setPointer(at + KEYWORD, string(attribute.getKey()));
            array.setInt(at + VALUE_SIZE, attribute.getValue().length);
            array.setPointer(at + VALUE, bytes(attribute.getValue()));
            at += ATTRIBUTE_SIZE;
        }
        return array;
    }

    private Memory allocate(long size) {
        Memory memory = new Memory(size);
        memory.clear();
        memories.add(memory);
        return memory;
    }

    private @Nullable Pointer bytes(byte[] bytes) {
        if (bytes.length == 0) {
            return null;
        }
        Memory memory = allocate(bytes.length);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    private Pointer string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_16LE);
        Memory memory = allocate(bytes.length + Character.BYTES);
        memory.write(0, bytes, 0, bytes.length);
        return memory;
    }

    Pointer pointer() {
        return structure;
    }

    /** Wipes it. */
    @Override
    public void close() {
        memories.forEach(memory -> {
            memory.clear();
            memory.close();
        });
    }

    /**
     * What a structure of the system's says.
     *
     * @param withBlob whether its value is wanted, which is then wiped where it was
     */
    static Credential read(Pointer structure, boolean withBlob) {
        byte[] blob = new byte[0];
        int size = structure.getInt(BLOB_SIZE);
        Pointer value = structure.getPointer(BLOB);
        if (value != null && size > 0) {
            if (withBlob) {
                blob = value.getByteArray(0, size);
            }
            value.clear(size);
        }
        Map<String, byte[]> attributes = new HashMap<>();
        Pointer array = structure.getPointer(ATTRIBUTES);
        int count = array == null ? 0 : structure.getInt(ATTRIBUTE_COUNT);
        for (int i = 0; i < count && array != null; i++) {
            long at = (long) i * ATTRIBUTE_SIZE;
            Pointer held = array.getPointer(at + VALUE);
            int length = array.getInt(at + VALUE_SIZE);
            attributes.put(text(array.getPointer(at + KEYWORD)),
                    held == null || length <= 0 ? new byte[0] : held.getByteArray(0, length));
        }
        return new Credential(text(structure.getPointer(TARGET_NAME)), text(structure.getPointer(USER_NAME)), blob,
                attributes, time(structure.getLong(LAST_WRITTEN)));
    }

    private static String text(@Nullable Pointer string) {
        if (string == null) {
            return "";
        }
        int length = 0;
        while (string.getShort(length) != 0) {
            length += Character.BYTES;
        }
        return new String(string.getByteArray(0, length), StandardCharsets.UTF_16LE);
    }

    private static @Nullable Instant time(long ticks) {
        long since = ticks - EPOCH;
        return ticks <= 0
                ? null
                : Instant.ofEpochSecond(Math.floorDiv(since, TICKS_PER_SECOND),
                        Math.floorMod(since, TICKS_PER_SECOND) * 100L);
    }
}
