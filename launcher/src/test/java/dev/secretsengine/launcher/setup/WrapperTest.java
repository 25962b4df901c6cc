package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.config.FolderTrust;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WrapperTest {

    @TempDir
    Path folder;

    private Machine machine;
    private Path copy;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(folder);
        copy = machine.places().rootWrapper();
    }

    private Wrapper choose(boolean mayCopy) throws SetupException, IOException {
        return Wrapper.choose(machine.places(), FolderTrust.ofThisProcess(), mayCopy);
    }

    private void letOthersWrite() throws IOException {
        Files.setPosixFilePermissions(machine.places().image(), PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    @Test
    void isUsedWhereItIsIfNobodyElseCanChangeIt() throws Exception {
        Wrapper wrapper = choose(true);
        assertTrue(wrapper.isInPlace() && wrapper.isReady());
        wrapper.install();
        assertFalse(Files.exists(copy));
    }

    @Test
    void isCopiedIfOthersCouldChangeIt() throws Exception {
        letOthersWrite();
        Wrapper wrapper = choose(true);
        assertEquals(copy, wrapper.path());
        assertFalse(wrapper.isReady());
        wrapper.install();
        assertTrue(wrapper.isReady());
        assertEquals("wrapper", Files.readString(copy));
        for (Path path : new Path[]{copy, copy.getParent()}) {
            assertEquals("rwxr-xr-x", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
        }
        machine.program("image/bin/secrets-engine-runtime", "newer");
        assertFalse(wrapper.isReady());
        wrapper.install();
        assertEquals("newer", Files.readString(copy));
        assertEquals(1, Files.list(copy.getParent()).count());
    }

    @Test
    void saysWhoCouldChangeItWhereItMayNotBeCopied() throws IOException {
        letOthersWrite();
        String message = assertThrows(SetupException.class, () -> choose(false)).getMessage();
        assertEquals(machine.places().image() + " can be written by others: run chmod go-w " + machine.places().image(),
                message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/a b", "/a'b", "/$x", "/a;b", "/ü", "/a*", "/a\\b", "/a\nb"})
    void refusesWhatAShellWouldChange(String path) {
        assertThrows(SetupException.class, () -> Wrapper.checked(Path.of(path)));
    }

    @Test
    void takesUsualPaths() throws SetupException {
        Path path = Path.of("/run/user/1000/a-b_c.d+e:f@g%h,i=j");
        assertEquals(path, Wrapper.checked(path));
    }
}
