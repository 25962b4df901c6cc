package dev.secretsengine.keychain.macos;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The few objects of CoreFoundation that items are made of. What is created here is released by whoever asked for it. */
final class CoreFoundation {

    /** Times count from the start of 2001. */
    private static final Instant EPOCH = Instant.parse("2001-01-01T00:00:00Z");
    private static final int UTF_8 = 0x08000100;

    private final NativeLibrary library;

    CoreFoundation(NativeLibrary library) {
        this.library = library;
    }

    private Function function(String name) {
        return library.getFunction(name);
    }

    private Pointer pointer(String function, @Nullable Object... arguments) {
        Pointer made = function(function).invokePointer(arguments);
        if (made == null) {
            throw new IllegalStateException(function + " failed");
        }
        return made;
    }

    private long number(String function, @Nullable Object... arguments) {
        return (Long) function(function).invoke(Long.class, arguments);
    }

    Pointer yesOrNo(boolean yes) {
        return library.getGlobalVariableAddress(yes ? "kCFBooleanTrue" : "kCFBooleanFalse").getPointer(0);
    }

    Pointer string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return pointer("CFStringCreateWithBytes", null, bytes, (long) bytes.length, UTF_8, (byte) 0);
    }

    /** Data that stays in this memory, so that its owner can wipe it. */
    Pointer data(Memory memory, long length) {
        Pointer nobody = library.getGlobalVariableAddress("kCFAllocatorNull").getPointer(0);
        return pointer("CFDataCreateWithBytesNoCopy", null, memory, length, nobody);
    }

    Pointer dictionary(Map<Pointer, Pointer> entries) {
        Pointer[] keys = entries.keySet().toArray(Pointer[]::new);
        Pointer[] values = entries.values().toArray(Pointer[]::new);
        return pointer("CFDictionaryCreate", null, keys, values, (long) keys.length,
                library.getGlobalVariableAddress("kCFTypeDictionaryKeyCallBacks"),
                library.getGlobalVariableAddress("kCFTypeDictionaryValueCallBacks"));
    }

    /** The elements of an array; of anything else, itself. */
    List<Pointer> elements(Pointer object) {
        if (number("CFGetTypeID", object) != number("CFArrayGetTypeID")) {
            return List.of(object);
        }
        long count = number("CFArrayGetCount", object);
        List<Pointer> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(pointer("CFArrayGetValueAtIndex", object, i));
        }
        return elements;
    }

    @Nullable
    Pointer value(Pointer dictionary, Pointer key) {
        return function("CFDictionaryGetValue").invokePointer(new Object[]{dictionary, key});
    }

    /** A string, the bytes of data, or a time; null for what is none of these. */
    @Nullable
    Object convert(Pointer object) {
        long type = number("CFGetTypeID", object);
        if (type == number("CFStringGetTypeID")) {
            return text(object);
        }
        if (type == number("CFDataGetTypeID")) {
            int length = Math.toIntExact(number("CFDataGetLength", object));
            return length == 0 ? new byte[0] : pointer("CFDataGetBytePtr", object).getByteArray(0, length);
        }
        if (type == number("CFDateGetTypeID")) {
            double seconds = function("CFDateGetAbsoluteTime").invokeDouble(new Object[]{object});
            return EPOCH.plusMillis(Math.round(seconds * 1000));
        }
        return null;
    }

    private String text(Pointer string) {
        long units = number("CFStringGetLength", string);
        long size = number("CFStringGetMaximumSizeForEncoding", units, UTF_8) + 1;
        byte[] bytes = new byte[Math.toIntExact(size)];
        int good = function("CFStringGetCString").invokeInt(new Object[]{string, bytes, size, UTF_8});
        if ((good & 0xff) == 0) {
            throw new IllegalStateException("CFStringGetCString failed");
        }
        int end = 0;
        while (bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    void release(Pointer object) {
        function("CFRelease").invokeVoid(new Object[]{object});
    }
}
