package dev.secretsengine.age;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A private folder whose files are replaced whole. Reading needs no lock, since a reader meets the old file or the new
 * one; whoever changes something holds the lock, which excludes other threads and other processes.
 */
final class Folder {

    static final Set<PosixFilePermission> FOLDER_MODE = PosixFilePermissions.fromString("rwx------");
    static final Set<PosixFilePermission> FILE_MODE = PosixFilePermissions.fromString("rw-------");

    private static final Set<StandardOpenOption> CREATE = Set.of(StandardOpenOption.CREATE_NEW,
            StandardOpenOption.WRITE);
    private static final int PIECE = 64 << 10;

    /** By real path. A lock on a file is the whole process's, and closing any of its descriptors gives it up. */
    private static final Map<Path, ReentrantLock> IN_PROCESS = new ConcurrentHashMap<>();

    private final Path path;
    private final String lockName;
    private final String tempName;

    /**
     * Does nothing yet.
     *
     * @param prefix of the names of the lock and of the temporary file
     */
    Folder(Path path, String prefix) {
        this.path = path;
        this.lockName = prefix + "lock";
        this.tempName = prefix + "tmp";
    }

    Path file(String name) {
        return path.resolve(name);
    }

    boolean isMissing() {
        return Files.notExists(path);
    }

    /** The names of all files in it, none if the folder is not there. */
    List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (NoSuchFileException e) {
            return List.of();
        }
        return names;
    }

    /**
     * The first bytes of a file, empty if there is none.
     *
     * @throws IOException if it cannot be read, or is no regular file, which could block
     */
    Optional<byte[]> read(String name, int limit) throws IOException {
        Path file = file(name);
        BasicFileAttributes attributes = attributes(file);
        if (attributes == null) {
            return Optional.empty();
        }
        if (!attributes.isRegularFile()) {
            throw new IOException("no regular file");
        }
        try {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
                ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(channel.size(), limit));
                while (bytes.hasRemaining() && channel.read(bytes) >= 0) {
                    // Reads on.
                }
                return Optional.of(
                        bytes.hasRemaining() ? Arrays.copyOf(bytes.array(), bytes.position()) : bytes.array());
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Without the exception that a missing file costs elsewhere. */
    private static @Nullable BasicFileAttributes attributes(Path file) throws IOException {
        return file.getFileSystem().provider().readAttributesIfExists(file, BasicFileAttributes.class);
    }

    /** Whether there is no such file. */
    boolean lacks(String name) throws IOException {
        return attributes(file(name)) == null;
    }

    /** Replaces a file in one step; when this returns it survives a crash. On failure the old one is still there. */
    void write(String name, byte[] bytes) throws IOException {
        // One temporary name is enough under the lock, and what a crash has left is gone with the next write.
        Path temp = file(tempName);
        Files.deleteIfExists(temp);
        try {
            try (FileChannel channel = FileChannel.open(temp, CREATE,
                    PosixFilePermissions.asFileAttribute(FILE_MODE))) {
                for (int at = 0; at < bytes.length;) {
                    // In pieces, because the JDK keeps a buffer of the longest write for each thread.
                    at += channel.write(ByteBuffer.wrap(bytes, at, Math.min(PIECE, bytes.length - at)));
                }
                channel.force(true);
            }
            Files.move(temp, file(name), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            try {
                Files.deleteIfExists(temp);
            } catch (IOException second) {
                e.addSuppressed(second);
            }
            throw e;
        }
        sync(path);
    }

    /** Removes a file for good. */
    boolean delete(String name) throws IOException {
        boolean there = Files.deleteIfExists(file(name));
        if (there) {
            sync(path);
        }
        return there;
    }

    private static void sync(Path folder) throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }

    /**
     * Takes the lock, making the folder if need be; close gives it back.
     *
     * @throws SecretsException.Unavailable if somebody else holds it until the context is over
     * @throws SecretsException.Failed if the folder cannot be used
     */
    Held lock(String subject, RequestContext context) throws SecretsException {
        try {
            make();
            ReentrantLock own = IN_PROCESS.computeIfAbsent(path.toRealPath(), real -> new ReentrantLock());
            if (!own.tryLock(context.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw busy(subject);
            }
            FileChannel file = null;
            try {
                file = lockFile(subject, context);
                FileChannel held = file;
                return () -> release(held, own);
            } finally {
                if (file == null) {
                    own.unlock();
                }
            }
        } catch (IOException e) {
            throw failed(subject, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy(subject).causedBy(e);
        }
    }

    private FileChannel lockFile(String subject, RequestContext context)
            throws IOException, InterruptedException, SecretsException {
        FileChannel file = FileChannel.open(file(lockName),
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(FILE_MODE));
        boolean locked = false;
        try {
            locked = tryLock(file);
            while (!locked) {
                if (context.isOver()) {
                    throw busy(subject);
                }
                Thread.sleep(2);
                locked = tryLock(file);
            }
            return file;
        } finally {
            if (!locked) {
                file.close();
            }
        }
    }

    private static boolean tryLock(FileChannel file) throws IOException {
        try {
            return file.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            // The same bundle in another class loader of this process.
            return false;
        }
    }

    private static void release(FileChannel file, ReentrantLock own) {
        // In this order: closing this descriptor would give up a lock that the next thread has taken by then.
        try {
            file.close();
        } catch (IOException e) {
            // A descriptor is gone even when its close fails, and the lock with it.
        } finally {
            own.unlock();
        }
    }

    private void make() throws IOException {
        if (!Files.isDirectory(path)) {
            Files.createDirectories(path, PosixFilePermissions.asFileAttribute(FOLDER_MODE));
            Path parent = path.getParent();
            if (parent != null) {
                sync(parent);
            }
        } else if (!Files.getPosixFilePermissions(path).equals(FOLDER_MODE)) {
            Files.setPosixFilePermissions(path, FOLDER_MODE);
        }
    }

    private SecretsException busy(String subject) {
        return new SecretsException.Unavailable(subject, "timed out waiting for another writer of " + path,
                "try again");
    }

    /** What an error while writing means to the user. */
    SecretsException failed(String subject, IOException e) {
        return (isFull(e)
                ? new SecretsException.Failed(subject, "disk full", "free space in " + path)
                : new SecretsException.Failed(subject, "cannot write to " + path,
                        "check that the folder and its files are yours and writable"))
                .causedBy(e);
    }

    private boolean isFull(IOException e) {
        String text = String.valueOf(e.getMessage());
        if (text.contains("No space left") || text.contains("quota")) {
            return true;
        }
        try {
            // The system's texts come in its language.
            return Files.getFileStore(path).getUsableSpace() == 0;
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Its path. */
    @Override
    public String toString() {
        return path.toString();
    }

    /** The lock, held until it is closed. */
    interface Held extends AutoCloseable {

        @Override
        void close();
    }
}
