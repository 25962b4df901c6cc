package dev.secretsengine.age.file;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(20)
class FileStampTest {

    @TempDir
    Path temp;

    private Path file;
    private FileStamp before;
    private FileTime modified;

    /** A file whose times are over: what is done to it next happens in a later tick. */
    @BeforeEach
    void write() throws Exception {
        file = Files.write(temp.resolve("file"), new byte[]{1});
        modified = Files.getLastModifiedTime(file);
        before = FileStamp.of(file);
        Path clock = temp.resolve("clock");
        do {
            Files.write(clock, new byte[0]);
        } while (FileStamp.of(clock).changed().equals(before.changed()));
    }

    @Test
    void staysWhileNothingIsDone() throws Exception {
        Files.readAllBytes(file);
        assertEquals(before, FileStamp.of(file));
    }

    @Test
    void showsNewContentUnderTheOldTime() throws Exception {
        Files.write(file, new byte[]{2});
        Files.setLastModifiedTime(file, modified);
        assertEquals(modified, Files.getLastModifiedTime(file));
        assertNotEquals(before, FileStamp.of(file));
    }

    @Test
    void showsANewMode() throws Exception {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        assertNotEquals(before, FileStamp.of(file));
    }

    @Test
    void showsAnotherFileOfTheSameTimes() throws Exception {
        Path other = Files.write(temp.resolve("other"), new byte[]{2});
        Files.setLastModifiedTime(other, modified);
        Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
        assertNotEquals(before, FileStamp.of(file));
    }

    @Test
    void showsThatItWasAwayForAWhile() throws Exception {
        Files.move(file, temp.resolve("aside"));
        assertNull(FileStamp.of(file));
        Files.move(temp.resolve("aside"), file);
        assertNotEquals(before, FileStamp.of(file));
    }

    @Test
    void isNoneWhileAFurtherChangeCouldHide() {
        Instant changed = before.changed().toInstant();
        assertNull(FileStamp.settled(file, InstantSource.fixed(changed)));
        assertNull(FileStamp.settled(file, InstantSource.fixed(changed.plusSeconds(2))));
        assertEquals(before, FileStamp.settled(file, InstantSource.fixed(changed.plusMillis(2001))));
        assertNull(FileStamp.settled(file, InstantSource.fixed(changed.minusSeconds(5))), "of the future");
        assertNull(FileStamp.settled(temp.resolve("missing"), InstantSource.system()));
    }
}
