package dev.secretsengine.keychain.macos;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The framework itself, by JNA. */
final class JnaSecurity implements Security {

    /** What is read of an item that was found. */
    private static final List<Attribute> READ = List.of(Attribute.ACCOUNT, Attribute.SERVICE, Attribute.ACCESS_GROUP,
            Attribute.GENERIC, Attribute.DATA, Attribute.CREATED, Attribute.MODIFIED);

    private final NativeLibrary library;
    private final CoreFoundation foundation;

    JnaSecurity(NativeLibrary library, CoreFoundation foundation) {
        this.library = library;
        this.foundation = foundation;
    }

    static Security ofThisMac() {
        return new JnaSecurity(NativeLibrary.getInstance("Security"),
                new CoreFoundation(NativeLibrary.getInstance("CoreFoundation")));
    }

    @Override
    public int add(Map<Attribute, Object> item) {
        try (Dictionary dictionary = new Dictionary(item)) {
            return call("SecItemAdd", dictionary.pointer, null);
        }
    }

    @Override
    public int update(Map<Attribute, Object> query, Map<Attribute, Object> changes) {
        try (Dictionary found = new Dictionary(query); Dictionary changed = new Dictionary(changes)) {
            return call("SecItemUpdate", found.pointer, changed.pointer);
        }
    }

    @Override
    public int delete(Map<Attribute, Object> query) {
        try (Dictionary dictionary = new Dictionary(query)) {
            return call("SecItemDelete", dictionary.pointer);
        }
    }

    @Override
    public int find(Map<Attribute, Object> query, List<Map<Attribute, Object>> found) {
        try (Dictionary dictionary = new Dictionary(query)) {
            PointerByReference result = new PointerByReference();
            int status = call("SecItemCopyMatching", dictionary.pointer, result);
            Pointer items = result.getValue();
            if (items != null) {
                try {
                    foundation.elements(items).forEach(item -> found.add(read(item)));
                } finally {
                    foundation.release(items);
                }
            }
            return status;
        }
    }

    private Map<Attribute, Object> read(Pointer item) {
        Map<Attribute, Object> attributes = new EnumMap<>(Attribute.class);
        for (Attribute attribute : READ) {
            Pointer value = foundation.value(item, symbol(attribute.symbol()));
            Object converted = value == null ? null : foundation.convert(value);
            if (converted != null) {
                attributes.put(attribute, converted);
            }
        }
        return attributes;
    }

    private int call(String function, @Nullable Object... arguments) {
        return library.getFunction(function).invokeInt(arguments);
    }

    private Pointer symbol(String name) {
        return library.getGlobalVariableAddress(name).getPointer(0);
    }

    /** A dictionary of the framework's, and all that was made for it. */
    private final class Dictionary implements AutoCloseable {

        private final List<Pointer> made = new ArrayList<>();
        private final List<Memory> memories = new ArrayList<>();
        private final Pointer pointer;

        Dictionary(Map<Attribute, Object> attributes) {
            Map<Pointer, Pointer> entries = new LinkedHashMap<>();
            attributes.forEach((key, value) -> entries.put(symbol(key.symbol()), pointer(value)));
            pointer = foundation.dictionary(entries);
            made.add(pointer);
        }

        private Pointer pointer(Object value) {
            return switch (value) {
                case Attribute.Constant constant -> symbol(constant.symbol());
                case Boolean yes -> foundation.yesOrNo(yes);
                case String text -> owned(foundation.string(text));
                case byte[] bytes -> {
                    // JNA allocates no empty memory.
                    Memory memory = new Memory(Math.max(1, bytes.length));
                    memories.add(memory);
                    memory.write(0, bytes, 0, bytes.length);
                    yield owned(foundation.data(memory, bytes.length));
                }
                default -> throw new IllegalArgumentException(value.getClass().getName());
            };
        }

        private Pointer owned(Pointer object) {
            made.add(object);
            return object;
        }

        @Override
        public void close() {
            made.reversed().forEach(foundation::release);
            memories.forEach(memory -> {
                memory.clear();
                memory.close();
            });
        }
    }
}
