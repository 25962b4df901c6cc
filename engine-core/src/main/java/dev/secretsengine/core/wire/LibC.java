package dev.secretsengine.core.wire;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/** Functions of the C library that return an int, or a length that fits one, for what Java has no call for. */
// The engine is started with native access for this module.
@SuppressWarnings("restricted")
public final class LibC {

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBRARY = LINKER.defaultLookup();

    private LibC() {
    }

    /** A function that every C library has. */
    public static MethodHandle function(String name, MemoryLayout... arguments) {
        return find(name, arguments).orElseThrow(() -> new IllegalStateException("the C library has no " + name));
    }

    /** A function that only some C libraries have. */
    public static Optional<MethodHandle> find(String name, MemoryLayout... arguments) {
        return LIBRARY.find(name)
                .map(symbol -> LINKER.downcallHandle(symbol, FunctionDescriptor.of(JAVA_INT, arguments)));
    }

    /** Calls a function. */
    public static int call(MethodHandle function, Object... arguments) {
        try {
            return (int) function.invokeWithArguments(arguments);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
