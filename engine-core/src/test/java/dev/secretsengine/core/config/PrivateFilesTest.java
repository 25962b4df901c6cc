package dev.secretsengine.core.config;

import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.testing.Child;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFilesTest {

    @TempDir
    Path folder;

    /** What a child process runs: umask and limits belong to a process. */
    static final class Writer {

        private Writer() {
        }

        public static void main(String[] arguments) {
            try {
                PrivateFiles.write(Path.of(arguments[0]), arguments[1]);
                System.out.print("written");
            } catch (IOException e) {
                System.out.print("failed");
            }
        }
    }

    @Test
    void keepsItsModesWhateverTheUmask() throws Exception {
        for (String umask : List.of("000", "022", "077")) {
            Path file = folder.resolve(umask).resolve("below/file");
            assertEquals("written", inChild("umask " + umask, file, "text").output());
            assertEquals(fromString("rw-------"), Files.getPosixFilePermissions(file), umask);
            assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(file.getParent()), umask);
            assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(file.getParent().getParent()), umask);
            assertEquals("text", Files.readString(file));
        }
    }

    @Test
    void closesAFolderThatWasOpen() throws IOException {
        Path open = Files.createDirectory(folder.resolve("open"));
        Files.setPosixFilePermissions(open, fromString("rwxrwxr-x"));
        PrivateFiles.folder(open);
        assertEquals(fromString("rwx------"), Files.getPosixFilePermissions(open));
    }

    @Test
    void closesAFileThatWasOpen() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "old");
        Files.setPosixFilePermissions(file, fromString("rw-r--r--"));
        PrivateFiles.write(file, "new");
        assertEquals(fromString("rw-------"), Files.getPosixFilePermissions(file));
        assertEquals("new", Files.readString(file));
        assertEquals(Set.of("file"), names());
    }

    @Test
    void showsReadersTheOldTextOrTheNew() throws Exception {
        Path file = folder.resolve("file");
        String old = "o".repeat(100_000);
        String replacement = "n".repeat(50_000);
        PrivateFiles.write(file, old);
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean torn = new AtomicBoolean();
        Thread reader = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                try {
                    String read = Files.readString(file);
                    if (!read.equals(old) && !read.equals(replacement)) {
                        torn.set(true);
                    }
                } catch (IOException e) {
                    torn.set(true);
                }
            }
        });
        for (int i = 0; i < 50; i++) {
            PrivateFiles.write(file, i % 2 == 0 ? replacement : old);
        }
        done.set(true);
        reader.join();
        assertEquals(false, torn.get());
    }

    @Test
    void leavesNothingBehindWhenTheTargetCannotBeReplaced() throws IOException {
        Path target = Files.createDirectories(folder.resolve("target/full"));
        assertThrows(IOException.class, () -> PrivateFiles.write(target.getParent(), "text"));
        assertEquals(Set.of("target"), names());
    }

    /** A file system without room for a byte fails the same call in the same place. */
    @Test
    void keepsTheOldTextWhenThereIsNoRoomForTheNew() throws Exception {
        Path file = folder.resolve("file");
        PrivateFiles.write(file, "old");
        assertEquals("failed", inChild("ulimit -f 0", file, "new").output());
        assertEquals("old", Files.readString(file));
        assertEquals(Set.of("file"), names());
    }

    @Test
    void opensALockThatIsThereOrNot() throws IOException {
        Path lock = folder.resolve("below/engine.lock");
        PrivateFiles.openLock(lock).close();
        assertEquals(fromString("rw-------"), Files.getPosixFilePermissions(lock));
        try (FileChannel channel = PrivateFiles.openLock(lock)) {
            assertTrue(channel.tryLock().isValid());
        }
    }

    private Set<String> names() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Set.copyOf(files.map(file -> file.getFileName().toString()).toList());
        }
    }

    private static Child inChild(String limit, Path file, String text) throws Exception {
        String classes = classesOf(PrivateFiles.class) + ":" + classesOf(Writer.class);
        // Perf data would be a file of its own, which the limit forbids with a warning.
        return Child.run("sh", "-c", limit + " && exec \"$@\"", "sh",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData",
                "-cp", classes, Writer.class.getName(), file.toString(), text);
    }

    /** The folder that a class was compiled into. */
    private static String classesOf(Class<?> type) throws Exception {
        String file = "/" + type.getName().replace('.', '/') + ".class";
        URI found = type.getResource(file).toURI();
        return found.getPath().substring(0, found.getPath().length() - file.length());
    }
}
