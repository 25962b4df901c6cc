package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.FileDescriptorCast;

class TrustedFileTest {

    @TempDir
    Path folder;

    private FolderTrust trust;
    private Path file;

    @BeforeEach
    void makeAFile() throws IOException {
        trust = FolderTrust.ofThisProcess();
        file = Files.write(folder.toRealPath().resolve("a.jar"), new byte[]{1, 2, 3});
        mode(file, "rw-r--r--");
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    private String objection() throws IOException {
        TrustedFile read = TrustedFile.read(file, trust);
        assertEquals(0, read.content().length);
        return read.objection().orElse("");
    }

    @Test
    void readsWhatIsTrusted() throws IOException {
        TrustedFile read = TrustedFile.read(file, trust);
        assertEquals(Optional.empty(), read.objection());
        assertArrayEquals(new byte[]{1, 2, 3}, read.content());
    }

    @Test
    void refusesWhatOthersCanWriteTo() throws IOException {
        mode(file, "rw-rw-rw-");
        assertEquals(file + " can be written by others: run chmod go-w " + file, objection());
        mode(file, "rw-r--r--");
        mode(file.getParent(), "rwxrwxrwx");
        assertTrue(objection().startsWith(file.getParent() + " can be written by others"), objection());
    }

    @Test
    void refusesALinkAndAFolder() throws IOException {
        Path real = Files.move(file, file.resolveSibling("real"));
        Files.createSymbolicLink(file, real);
        assertEquals(file + " is a link: put the file itself there", objection());
        Files.delete(file);
        Files.createDirectory(file);
        assertEquals(file + " is no file: put the file itself there", objection());
    }

    @Test
    void refusesAFileOfUnheardOfSize() throws IOException {
        try (RandomAccessFile large = new RandomAccessFile(file.toFile(), "rw")) {
            large.setLength((64 << 20) + 1);
        }
        assertEquals(file + " is larger than 64 MiB", objection());
    }

    /** The handle is of the file that others can write to, while the path already names another one. */
    @Test
    void judgesTheFileThatIsOpenAndNotTheOneThatIsThereNow() throws IOException {
        mode(file, "rw-rw-rw-");
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            int descriptor = FileDescriptorCast.using(in.getFD()).as(Integer.class);
            Path harmless = Files.write(file.resolveSibling("b"), new byte[]{4});
            mode(harmless, "rw-r--r--");
            Files.move(harmless, file, StandardCopyOption.REPLACE_EXISTING);
            assertTrue(trust.objection(file, descriptor).isPresent());
        }
    }

    @Test
    @Timeout(10)
    void doesNotWaitForThePipeThatALinkLeadsTo() throws Exception {
        Files.delete(file);
        Path pipe = folder.resolve("pipe");
        assertEquals(0, new ProcessBuilder("mkfifo", "-m", "600", pipe.toString()).start().waitFor());
        Files.createSymbolicLink(file, pipe);
        assertEquals(file + " is a link: put the file itself there", objection());
        Files.delete(file);
        Files.move(pipe, file);
        assertEquals(file + " is no file: put the file itself there", objection());
    }
}
