package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Stream;

/** Files and folders that nobody but their owner can read. */
public final class PrivateFiles {

    private static final Set<PosixFilePermission> FOLDER = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<?> FOLDER_MODE = PosixFilePermissions.asFileAttribute(FOLDER);
    private static final FileAttribute<?> FILE_MODE = PosixFilePermissions
            .asFileAttribute(PosixFilePermissions.fromString("rw-------"));

    private PrivateFiles() {
    }

    /** Makes the folder, and those above it, with mode 0700; a folder that is there gets that mode. */
    public static Path folder(Path folder) throws IOException {
        newFolder(folder);
        if (!Files.getPosixFilePermissions(folder).equals(FOLDER)) {
            Files.setPosixFilePermissions(folder, FOLDER);
        }
        return folder;
    }

    /**
     * Makes the folder, and those above it, with mode 0700; a folder that is there stays as it is. For what code is loaded
     * from: closing it now would hide that somebody could put something into it before.
     */
    public static Path newFolder(Path folder) throws IOException {
        return Files.createDirectories(folder, FOLDER_MODE);
    }

    /** Makes the folder that a file is to lie in. */
    public static Path folderOf(Path file) throws IOException {
        return folder(file.toAbsolutePath().resolveSibling(".").normalize());
    }

    /** Writes a small text with mode 0600 in one step: a reader sees the old text or the new one. */
    public static void write(Path file, String text) throws IOException {
        folderOf(file);
        Path temporary = beside(file, text.getBytes(StandardCharsets.UTF_8));
        try {
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** A new file of mode 0600 beside another, written through to the disk; the caller moves or removes it. */
    public static Path beside(Path file, byte[] content) throws IOException {
        Path temporary = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".new", FILE_MODE);
        try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
            return temporary;
        } catch (IOException e) {
            Files.deleteIfExists(temporary);
            throw e;
        }
    }

    /** Deletes a folder with all that is in it, if it is there; what a link leads to stays. */
    public static void deleteAll(Path folder) throws IOException {
        if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        }
    }

    /** Opens a lock file of mode 0600, making it if need be. */
    public static FileChannel openLock(Path file) throws IOException {
        folderOf(file);
        return FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), FILE_MODE);
    }
}
