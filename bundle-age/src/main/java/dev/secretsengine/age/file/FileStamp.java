package dev.secretsengine.age.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a file from any that takes its place, and from itself once it was changed: the kernel sets the time of the last
 * change with every write, rename or change of the mode, and nobody else can.
 *
 * @param changed the status change time, not the modification time, which anybody may set; the size does not change
 *     without it either
 */
public record FileStamp(long device, long inode, FileTime changed) {

    /** The coarsest times of a file system are FAT's. */
    private static final Duration TICK = Duration.ofSeconds(2);

    private static final String ATTRIBUTES = "unix:dev,ino,ctime";

    /** What a file has now, null if there is none, or none that can be told. */
    public static @Nullable FileStamp of(Path file) {
        try {
            Map<String, Object> found = Files.readAttributes(file, ATTRIBUTES);
            return new FileStamp((Long) get(found, "dev"), (Long) get(found, "ino"), (FileTime) get(found, "ctime"));
        } catch (IOException e) {
            // Whoever reads the file will say what is wrong.
            return null;
        }
    }

    private static Object get(Map<String, Object> found, String attribute) throws IOException {
        Object value = found.get(attribute);
        if (value == null) {
            throw new IOException("no attribute " + attribute);
        }
        return value;
    }

    /**
     * The same of a file that is read next, to know it again by. It is null as long as a further change could go
     * unnoticed: within one tick of the clock the file can be replaced, on the same inode, and keep its stamp.
     */
    public static @Nullable FileStamp settled(Path file, InstantSource clock) {
        // Before the look: what is changed behind it carries a later time.
        Instant now = clock.instant();
        FileStamp stamp = of(file);
        return stamp != null && stamp.changed.toInstant().isBefore(now.minus(TICK)) ? stamp : null;
    }
}
