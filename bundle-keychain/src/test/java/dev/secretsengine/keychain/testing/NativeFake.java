package dev.secretsengine.keychain.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.sun.jna.NativeLibrary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A library of another system's, as far as we call it, compiled from {@code src/test/c} for this one. */
public final class NativeFake {

    private final NativeLibrary library;

    /** Compiles it into a folder. A test that loads it twice has two, with nothing in common. */
    public NativeFake(String name, Path folder) throws Exception {
        Path compiled = folder.resolve("lib" + name + ".so");
        Process cc = new ProcessBuilder("cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC",
                // Its variables are its own, even where a library with the same names was loaded before.
                "-Wl,-Bsymbolic", "-o",
                compiled.toString(), Path.of("src/test/c", name + ".c").toString()).redirectErrorStream(true).start();
        String said = new String(cc.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, cc.waitFor(), () -> "cc has to be installed: " + said);
        library = NativeLibrary.getInstance(compiled.toString());
    }

    public NativeLibrary library() {
        return library;
    }

    /** How much of what it handed out was not given back. */
    public int outstanding() {
        return library.getGlobalVariableAddress("outstanding").getInt(0);
    }
}
