package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderTest {

    private static final byte[] TEXT = {'t'};

    @TempDir
    Path temp;

    @Test
    void saysThatTheDiskIsFull() throws Exception {
        try (FileChannel full = FileChannel.open(Path.of("/dev/full"), StandardOpenOption.WRITE)) {
            IOException e = assertThrows(IOException.class, () -> full.write(ByteBuffer.wrap(TEXT)));
            assertEquals("disk full: free space in " + temp, new Folder(temp, ".").failed("a", e).advice());
        }
    }

    @Test
    void leavesNothingOfAWriteThatFails() throws Exception {
        Folder folder = new Folder(temp, ".");
        Files.createDirectories(temp.resolve("a/b"));
        assertThrows(IOException.class, () -> folder.write("a", TEXT));
        assertEquals(List.of("a"), Home.names(temp));
    }

    @Test
    void saysThatItCannotBeMade() throws Exception {
        Files.write(temp.resolve("file"), TEXT);
        Folder folder = new Folder(temp.resolve("file/folder"), ".");
        SecretsException e = assertThrows(SecretsException.Failed.class, () -> folder.lock("a", Home.context()));
        assertTrue(e.advice().startsWith("cannot write to " + temp));
    }

    @Test
    void closesAFolderThatOthersCouldEnter() throws Exception {
        Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (Folder.Held _ = new Folder(temp, ".").lock("a", Home.context())) {
            assertEquals(Folder.FOLDER_MODE, Files.getPosixFilePermissions(temp));
        }
    }

    @Test
    void givesUpWaitingForALockWhenTimeIsUp() throws Exception {
        Folder folder = new Folder(temp, ".");
        RequestContext soon = RequestContext.of(Duration.ofMillis(50));
        try (Folder.Held _ = folder.lock("a", Home.context())) {
            Thread other = new Thread(
                    () -> assertThrows(SecretsException.Unavailable.class, () -> folder.lock("a", soon)));
            Throwable[] failed = new Throwable[1];
            other.setUncaughtExceptionHandler((thread, e) -> failed[0] = e);
            other.start();
            other.join();
            assertEquals(null, failed[0]);
        }
        folder.lock("a", Home.context()).close();
    }

    @Test
    void readsNoMoreThanAskedFor() throws Exception {
        Folder folder = new Folder(temp, ".");
        Files.write(temp.resolve("a"), new byte[]{1, 2, 3});
        assertArrayEquals(new byte[]{1, 2}, folder.read("a", 2).orElseThrow());
        assertArrayEquals(new byte[]{1, 2, 3}, folder.read("a", 4).orElseThrow());
        assertEquals(Optional.empty(), folder.read("b", 4));
    }

    @Test
    void doesNotWaitForAPipe() throws Exception {
        Home.run(new byte[0], "mkfifo", temp.resolve("pipe"));
        assertThrows(IOException.class, () -> new Folder(temp, ".").read("pipe", 1));
    }
}
