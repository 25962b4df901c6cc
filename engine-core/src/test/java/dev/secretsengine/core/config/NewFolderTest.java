package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Folders that code is loaded from. */
class NewFolderTest {

    @Test
    void isPrivateWhenItIsMadeAndLeftAsItIsAfterwards(@TempDir Path temporary) throws IOException {
        Path folder = PrivateFiles.newFolder(temporary.resolve("runtime"));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        PrivateFiles.newFolder(folder);
        assertEquals("rwxrwxrwx", PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)));
    }
}
