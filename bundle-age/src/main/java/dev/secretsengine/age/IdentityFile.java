package dev.secretsengine.age;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the identity is kept: a systemd credential, else {@code identity.txt} of the configuration folder. */
final class IdentityFile {

    /** How the identity was found. */
    enum Kind {
        CREDENTIAL, PROTECTED, PLAIN, NONE
    }

    /** The bytes as found; close wipes them. */
    static final class Kept implements AutoCloseable {

        private final Kind kind;
        private final byte[] bytes;
        private final String fingerprint;

        private Kept(Kind kind, byte[] bytes) {
            this.kind = kind;
            this.bytes = bytes;
            this.fingerprint = fingerprintOf(bytes);
        }

        Kind kind() {
            return kind;
        }

        /** Not a copy. */
        byte[] bytes() {
            return bytes;
        }

        /** Tells this file's content from any other. */
        String fingerprint() {
            return fingerprint;
        }

        @Override
        public void close() {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(IdentityFile.class);

    private static final String PLUGIN = "docker-pass";
    private static final String CREDENTIAL = "secrets-engine-identity";
    private static final String NAME = "identity.txt";

    /** The public key beside a protected identity, since writing must work while it is locked. */
    private static final String RECIPIENT = "recipient.txt";

    private static final byte[] AGE = "age-encryption.org/".getBytes(StandardCharsets.US_ASCII);
    private static final int MAX_LENGTH = 64 << 10;
    private static final Duration REPAIR_TIMEOUT = Duration.ofSeconds(2);

    private final Folder folder;
    private final @Nullable Folder credentials;

    /**
     * Does nothing yet.
     *
     * @param credentials systemd's folder, null if the engine was given none
     */
    IdentityFile(Path folder, @Nullable Path credentials) {
        this.folder = new Folder(folder, ".identity.");
        this.credentials = credentials == null ? null : new Folder(credentials, ".");
    }

    Path path() {
        return folder.file(NAME);
    }

    Folder.Held lock(RequestContext context) throws SecretsException {
        return folder.lock(PLUGIN, context);
    }

    /** Reads the identity, at every use: it is short, and whoever puts another one there need not tell us. */
    Kept load() throws SecretsException {
        try {
            Optional<byte[]> credential = credentials == null
                    ? Optional.empty()
                    : credentials.read(CREDENTIAL, MAX_LENGTH);
            if (credential.isPresent()) {
                return new Kept(Kind.CREDENTIAL, credential.get());
            }
            Optional<byte[]> own = readPrivate(NAME);
            if (own.isEmpty()) {
                return new Kept(Kind.NONE, new byte[0]);
            }
            return new Kept(isAge(own.get()) ? Kind.PROTECTED : Kind.PLAIN, own.get());
        } catch (IOException e) {
            throw new SecretsException.Failed(PLUGIN, "cannot read the age identity",
                    "check the owner and the mode of " + path()).causedBy(e);
        }
    }

    private static boolean isAge(byte[] bytes) {
        return bytes.length > AGE.length && Arrays.equals(bytes, 0, AGE.length, AGE, 0, AGE.length);
    }

    private Optional<byte[]> readPrivate(String name) throws IOException, SecretsException {
        Path file = folder.file(name);
        Set<PosixFilePermission> mode;
        try {
            mode = Files.getPosixFilePermissions(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (mode.stream().anyMatch(permission -> !permission.name().startsWith("OWNER_"))) {
            throw new SecretsException.Denied(PLUGIN, "others have access to " + file, "chmod 600 " + file);
        }
        return folder.read(name, MAX_LENGTH);
    }

    /** The public key that was noted for a protected identity, if it is this one's. */
    Optional<String> recipient(Kept kept) throws SecretsException {
        try {
            Optional<byte[]> bytes = readPrivate(RECIPIENT);
            String start = noteOf(kept.fingerprint());
            // One that belongs to an earlier identity would have us write what nobody can read.
            return bytes.map(text -> new String(text, StandardCharsets.US_ASCII))
                    .filter(text -> text.startsWith(start)).map(text -> text.substring(start.length()).strip());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** Notes the public key of an identity that somebody else protected or put there. */
    void repairRecipient(Kept kept, String recipient) throws SecretsException {
        if (recipient(kept).isPresent()) {
            return;
        }
        try (Folder.Held _ = lock(RequestContext.of(REPAIR_TIMEOUT))) {
            folder.write(RECIPIENT, note(kept.fingerprint(), recipient));
        } catch (IOException | SecretsException e) {
            // Until it works, writing while locked asks for unlocking; nothing else depends on it.
            LOG.warn("cannot write {}", folder.file(RECIPIENT));
        }
    }

    /**
     * Replaces the identity by one in the clear; needs the lock. The blocks of the old file are the file system's.
     *
     * @return its fingerprint
     */
    String writeClear(byte[] text) throws SecretsException {
        try {
            folder.write(NAME, text);
            folder.delete(RECIPIENT);
            return fingerprintOf(text);
        } catch (IOException e) {
            throw folder.failed(PLUGIN, e);
        }
    }

    /**
     * Replaces the identity by one under a passphrase; needs the lock.
     *
     * @return its fingerprint
     */
    String writeProtected(byte[] bytes, String recipient) throws SecretsException {
        try {
            String fingerprint = fingerprintOf(bytes);
            // First, because after a crash in between it is merely not believed.
            folder.write(RECIPIENT, note(fingerprint, recipient));
            folder.write(NAME, bytes);
            return fingerprint;
        } catch (IOException e) {
            throw folder.failed(PLUGIN, e);
        }
    }

    SecretsException damaged(GeneralSecurityException cause) {
        return new SecretsException.Invalid(PLUGIN, "the age identity is damaged",
                "put a copy of it back as " + path()).causedBy(cause);
    }

    private static byte[] note(String fingerprint, String recipient) {
        return (noteOf(fingerprint) + recipient + "\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static String noteOf(String fingerprint) {
        return "# public key of the identity.txt with sha256 " + fingerprint + "\n";
    }

    private static String fingerprintOf(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
