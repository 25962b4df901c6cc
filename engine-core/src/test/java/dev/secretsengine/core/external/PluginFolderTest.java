package dev.secretsengine.core.external;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginFolderTest {

    @TempDir
    Path temporary;

    private Path folder;

    @BeforeEach
    void make() throws IOException {
        folder = Files.createDirectory(temporary.resolve("plugins"));
        Files.setPosixFilePermissions(folder, fromString("rwx------"));
    }

    private Path file(String name, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n");
        Files.setPosixFilePermissions(file, fromString(mode));
        return file;
    }

    @Test
    void isFineWithoutAFolder() {
        assertEquals(List.of(), PluginFolder.executables(temporary.resolve("none")));
    }

    @Test
    void listsExecutablesByName() throws Exception {
        Path b = file("b", "rwx------");
        Path a = file("a", "rwxr-xr-x");
        file("c.txt", "rw-r--r--");
        file("no\"name", "rwx------");
        file(".hidden", "rwx------");
        Files.createDirectory(folder.resolve("d"));
        Files.createSymbolicLink(folder.resolve("dangling"), folder.resolve("nowhere"));
        assertEquals(List.of(a, b), PluginFolder.executables(folder));
    }

    @Test
    void leavesOutWhatOthersCouldHaveChanged() throws Exception {
        Path fine = file("fine", "rwx------");
        file("others", "rwxr-xrwx");
        Path other = file("foreign-group", "rwxrwx---");
        if ((Integer) Files.getAttribute(folder, "unix:uid") == 0) {
            // Only root can give a file away; a user's own group may write.
            Files.setAttribute(other, "unix:gid", 65534);
            Path foreign = file("foreign", "rwxr-xr-x");
            Files.setAttribute(foreign, "unix:uid", 65534);
            Path link = folder.resolve("link");
            Files.createSymbolicLink(link, foreign);
        } else {
            Files.delete(other);
        }
        assertEquals(List.of(fine), PluginFolder.executables(folder));
    }

    @Test
    void launchesNothingFromAFolderThatOthersCanWriteTo() throws Exception {
        file("fine", "rwx------");
        Files.setPosixFilePermissions(folder, fromString("rwxr-xrwx"));
        assertEquals(List.of(), PluginFolder.executables(folder));
    }
}
