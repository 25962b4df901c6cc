package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A configuration file: replaced in one step, with the owner and mode that it had.
 *
 * @param path the file itself, links followed
 * @param bytes what is in it, empty where it is not there
 */
record ConfigFile(Path path, Optional<byte[]> bytes) {

    private static final Set<PosixFilePermission> NEW_FILE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> NEW_FOLDER = PosixFilePermissions.fromString("rwxr-xr-x");

    /**
     * Reads it.
     *
     * @throws SetupException if it cannot be read
     */
    static ConfigFile read(Path given) throws SetupException {
        try {
            if (!Files.exists(given)) {
                if (Files.isSymbolicLink(given)) {
                    throw new SetupException(given + " is a link that leads nowhere: remove it or make its target");
                }
                return new ConfigFile(given, Optional.empty());
            }
            Path real = given.toRealPath();
            return new ConfigFile(real, Optional.of(Files.readAllBytes(real)));
        } catch (IOException e) {
            throw new SetupException("cannot read " + given + ": check its mode, or run this as root by sudo");
        }
    }

    /**
     * Its text, empty where it is not there.
     *
     * @throws SetupException if it is not UTF-8
     */
    String text() throws SetupException {
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.orElse(new byte[0]))).toString();
        } catch (CharacterCodingException e) {
            throw new SetupException(path + " is not UTF-8: mend it first, nothing was changed");
        }
    }

    /** Whether its owner is this user and it can be replaced without root. */
    boolean isOwn(int uid) throws IOException {
        Path existing = path;
        while (existing != null && !Files.exists(existing)) {
            existing = existing.getParent();
        }
        Path folder = path.equals(existing) ? path.getParent() : existing;
        return uid == 0 || (existing != null && folder != null && Files.isWritable(folder)
                && Files.getAttribute(existing, "unix:uid").equals(uid));
    }

    /** Whom the daemon that reads it trusts: root only, unless both are a user's own. */
    FolderTrust readerTrust(int uid) throws IOException {
        return uid != 0 && isOwn(uid) ? FolderTrust.ofThisProcess() : new FolderTrust(0);
    }

    /**
     * Has it be what was read.
     *
     * @throws SetupException if somebody has written to it since
     */
    void requireUnchanged() throws SetupException {
        if (!read(path).equals(this)) {
            throw changed();
        }
    }

    /** Says that somebody has. */
    SetupException changed() {
        return new SetupException(path + " has changed since it was shown: run this again");
    }

    /** A file beside it. */
    Path beside(String suffix) {
        return path.resolveSibling(path.getFileName() + suffix);
    }

    /** A copy of it beside it, with a number where the name is taken. */
    Path backUp(String suffix) throws IOException {
        Path backup = beside(suffix);
        for (int number = 1; Files.exists(backup); number++) {
            backup = beside(suffix + "." + number);
        }
        writeLike(path, backup, bytes.orElseThrow());
        return backup;
    }

    /** Makes the folder that it lies in. */
    void makeFolder() throws IOException {
        Files.createDirectories(Objects.requireNonNull(path.getParent()),
                PosixFilePermissions.asFileAttribute(NEW_FOLDER));
    }

    /** Replaces what is in it. */
    ConfigFile write(byte[] content) throws IOException {
        writeLike(path, path, content);
        return new ConfigFile(path, Optional.of(content));
    }

    /** Writes a file in one step, with owner and mode of a pattern if that is there. */
    static void writeLike(Path pattern, Path file, byte[] content) throws IOException {
        Path temporary = PrivateFiles.beside(file, content);
        try {
            if (Files.exists(pattern)) {
                Map<String, Object> wanted = Files.readAttributes(pattern, "unix:uid,gid,mode");
                Map<String, Object> is = Files.readAttributes(temporary, "unix:uid,gid");
                for (String owner : is.keySet()) {
                    if (!Objects.equals(is.get(owner), wanted.get(owner))) {
                        Files.setAttribute(temporary, "unix:" + owner, wanted.get(owner));
                    }
                }
                Files.setPosixFilePermissions(temporary, Files.getPosixFilePermissions(pattern));
            } else {
                Files.setPosixFilePermissions(temporary, NEW_FILE);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** What tells one content from another. */
    static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfigFile file && path.equals(file.path) && bytes.isPresent() == file.bytes.isPresent()
                && Arrays.equals(bytes.orElse(new byte[0]), file.bytes.orElse(new byte[0]));
    }

    @Override
    public int hashCode() {
        return path.hashCode();
    }
}
