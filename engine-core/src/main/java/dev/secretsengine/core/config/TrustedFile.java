package dev.secretsengine.core.config;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * A file that code may be loaded from, read through one open handle: nobody can put another file in its place between the
 * check and the reading.
 */
public final class TrustedFile {

    /** Far more than a bundle with all its libraries has. */
    private static final int LARGEST = 64 << 20;

    private final byte[] content;
    private final Optional<String> objection;

    private TrustedFile(byte[] content, Optional<String> objection) {
        this.content = content;
        this.objection = objection;
    }

    /** Its bytes, not copied; none if there is an objection. */
    public byte[] content() {
        return content;
    }

    /** Why nothing may be loaded from it, and how to mend that; empty if it may. */
    public Optional<String> objection() {
        return objection;
    }

    /**
     * Opens, checks and reads a file.
     *
     * @throws IOException if it is not there or cannot be read
     */
    public static TrustedFile read(Path file, FolderTrust trust) throws IOException {
        // To open a pipe, or a link to one, would be to wait for its writer.
        if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS).isRegularFile()) {
            return new TrustedFile(new byte[0], Optional.of(file
                    + (Files.isSymbolicLink(file) ? " is a link" : " is no file") + ": put the file itself there"));
        }
        try (FileInputStream in = new FileInputStream(file.toFile())) {
            int descriptor = FileDescriptorCast.using(in.getFD()).as(Integer.class);
            Optional<String> objection = trust.objection(file, descriptor);
            if (objection.isPresent()) {
                return new TrustedFile(new byte[0], objection);
            }
            byte[] content = in.readNBytes(LARGEST + 1);
            return content.length > LARGEST
                    ? new TrustedFile(new byte[0], Optional.of(file + " is larger than " + (LARGEST >> 20) + " MiB"))
                    : new TrustedFile(content, Optional.empty());
        }
    }
}
