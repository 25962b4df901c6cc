package dev.secretsengine.launcher.setup;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Lets one setup at a time write a file, by a lock file beside it that is there for so long only. */
final class ConfigLock implements AutoCloseable {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    /** An undo asks docker and has dockerd reload twice while it holds the lock. */
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final Path path;
    private final FileChannel channel;

    private ConfigLock(Path path, FileChannel channel) {
        this.path = path;
        this.channel = channel;
    }

    /**
     * Waits for those that hold it. What was read of the file before has to be read again.
     *
     * @throws SetupException if that takes too long
     */
    static ConfigLock of(ConfigFile file) throws SetupException, IOException {
        file.makeFolder();
        Path path = file.path().resolveSibling("." + file.path().getFileName() + ".docker-pass-lock");
        if (Files.isSymbolicLink(path)) {
            throw new SetupException(path + " is a link: remove it");
        }
        long start = System.nanoTime();
        do {
            FileChannel channel = FileChannel.open(path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            boolean held = false;
            try {
                held = isTaken(channel) && !wasRemoved(path);
                if (held) {
                    return new ConfigLock(path, channel);
                }
            } finally {
                if (!held) {
                    channel.close();
                }
            }
            Proof.pause();
        } while (System.nanoTime() - start < PATIENCE_NANOS);
        throw new SetupException("another docker pass setup is at work on " + file.path()
                + ": run this again when it is done");
    }

    private static boolean isTaken(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false;
        }
    }

    /**
     * Whether who held it before has removed it since it was opened: then the lock is of a file that nobody else will find.
     * To open it once more for a look would give the lock away.
     */
    private static boolean wasRemoved(Path path) throws IOException {
        String removed = path.getFileName() + " (deleted)";
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors.toList()) {
                if (leadsTo(descriptor).endsWith(removed)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static String leadsTo(Path descriptor) throws IOException {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (NoSuchFileException e) {
            return "";
        }
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            Files.deleteIfExists(path);
        }
    }
}
