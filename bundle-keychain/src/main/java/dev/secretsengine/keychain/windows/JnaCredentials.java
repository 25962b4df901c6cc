package dev.secretsengine.keychain.windows;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.PointerByReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The Credential Manager itself, by JNA. */
final class JnaCredentials implements Credentials {

    private final NativeLibrary library;

    JnaCredentials(NativeLibrary library) {
        this.library = library;
    }

    static Credentials ofThisUser() {
        return new JnaCredentials(NativeLibrary.getInstance("Advapi32"));
    }

    @Override
    public void write(Credential credential) throws Win32Exception {
        try (CredentialMemory memory = new CredentialMemory(credential)) {
            call("CredWriteW", memory.pointer(), 0);
        }
    }

    @Override
    public Optional<Credential> read(String target) throws Win32Exception {
        PointerByReference result = new PointerByReference();
        try (Memory name = string(target)) {
            call("CredReadW", name, CredentialMemory.GENERIC, 0, result);
        } catch (Win32Exception e) {
            return otherwise(Optional.empty(), e);
        }
        Pointer structure = result.getValue();
        try {
            return Optional.of(CredentialMemory.read(structure, true));
        } finally {
            free(structure);
        }
    }

    @Override
    public List<Credential> list(String filter) throws Win32Exception {
        IntByReference count = new IntByReference();
        PointerByReference result = new PointerByReference();
        try (Memory name = string(filter)) {
            call("CredEnumerateW", name, 0, count, result);
        } catch (Win32Exception e) {
            return otherwise(List.of(), e);
        }
        Pointer array = result.getValue();
        List<Credential> credentials = new ArrayList<>();
        try {
            for (Pointer structure : array.getPointerArray(0, count.getValue())) {
                if (structure.getInt(CredentialMemory.TYPE) == CredentialMemory.GENERIC) {
                    credentials.add(CredentialMemory.read(structure, false));
                }
            }
            return credentials;
        } finally {
            free(array);
        }
    }

    @Override
    public boolean delete(String target) throws Win32Exception {
        try (Memory name = string(target)) {
            call("CredDeleteW", name, CredentialMemory.GENERIC, 0);
            return true;
        } catch (Win32Exception e) {
            return otherwise(false, e);
        }
    }

    private static <T> T otherwise(T nothing, Win32Exception e) throws Win32Exception {
        if (e.code() == Win32Exception.NOT_FOUND) {
            return nothing;
        }
        throw e;
    }

    private void call(String function, @Nullable Object... arguments) throws Win32Exception {
        if (library.getFunction(function).invokeInt(arguments) == 0) {
            throw new Win32Exception(Native.getLastError());
        }
    }

    private void free(Pointer buffer) {
        library.getFunction("CredFree").invokeVoid(new Object[]{buffer});
    }

    private static Memory string(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_16LE);
        Memory memory = new Memory(bytes.length + Character.BYTES);
        memory.write(0, bytes, 0, bytes.length);
        memory.setShort(bytes.length, (short) 0);
        return memory;
    }
}
