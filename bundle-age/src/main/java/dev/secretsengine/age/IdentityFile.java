package dev.secretsengine.age;

import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
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
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
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
        private final @Nullable FileStamp stamp;

        private Kept(Kind kind, byte[] bytes, @Nullable FileStamp stamp) {
            this.kind = kind;
            this.bytes = bytes;
            this.stamp = stamp;
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

        /** What the file can be known by without reading it again; null if it cannot. */
        @Nullable
        FileStamp stamp() {
            return stamp;
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
    private final InstantSource clock;

    /**
     * Does nothing yet.
     *
     * @param credentials systemd's folder, null if the engine was given none
     */
    IdentityFile(Path folder, @Nullable Path credentials) {
        this(folder, credentials, InstantSource.system());
    }

    /** The same with a clock that tells how old a file is. */
    IdentityFile(Path folder, @Nullable Path credentials, InstantSource clock) {
        this.folder = new Folder(folder, ".identity.");
        this.credentials = credentials == null ? null : new Folder(credentials, ".");
        this.clock = clock;
    }

    Path path() {
        return folder.file(NAME);
    }

    Folder.Held lock(RequestContext context) throws SecretsException {
        return folder.lock(PLUGIN, context);
    }

    /** What the identity has now to be known by, null if that cannot be told: one look, nothing is read. */
    @Nullable
    FileStamp stamp() {
        try {
            return credentials == null || credentials.lacks(CREDENTIAL)
                    ? FileStamp.of(path())
                    : FileStamp.of(credentials.file(CREDENTIAL));
        } catch (IOException e) {
            return null;
        }
    }

    /** Reads the identity, whenever it is another one: whoever puts it there need not tell us. */
    Kept load() throws SecretsException {
        try {
            // First, so that what is read is at least as new.
            FileStamp stamp = FileStamp.settled(path(), clock);
            if (credentials != null) {
                FileStamp ofCredential = FileStamp.settled(credentials.file(CREDENTIAL), clock);
                Optional<byte[]> credential = credentials.read(CREDENTIAL, MAX_LENGTH);
                if (credential.isPresent()) {
                    return new Kept(Kind.CREDENTIAL, credential.get(), ofCredential);
                }
            }
            Optional<byte[]> own = readPrivate(NAME);
            if (own.isEmpty()) {
                return new Kept(Kind.NONE, new byte[0], null);
            }
            return new Kept(isAge(own.get()) ? Kind.PROTECTED : Kind.PLAIN, own.get(), stamp);
        } catch (IOException e) {
            throw new SecretsException.Failed(PLUGIN, "cannot read the age identity",
                    "check the owner and the mode of " + path()).causedBy(e);
        }
    }

    /** The same, which there has to be. */
    Kept existing() throws SecretsException {
        Kept kept = load();
        if (kept.kind() == Kind.NONE) {
            throw new SecretsException.NotFound(PLUGIN, "there is no age identity yet",
                    "the first docker pass set, or docker pass identity passphrase, makes one");
        }
        return kept;
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

    /** What a passphrase hides; the caller closes it. */
    IdentityKey decrypt(Kept kept, SecretValue value, int workFactor) throws SecretsException {
        byte[] text = {};
        try (Passphrase passphrase = new Passphrase(value.copyBytes(), workFactor)) {
            text = AgeFile.decrypt(kept.bytes(), passphrase);
            return IdentityKey.parse(text);
        } catch (AEADBadTagException e) {
            throw new SecretsException.Denied(PLUGIN, "wrong passphrase", "try again").causedBy(e);
        } catch (GeneralSecurityException e) {
            throw damaged(e);
        } catch (OutOfMemoryError e) {
            throw noMemory(e);
        } finally {
            Arrays.fill(text, (byte) 0);
        }
    }

    static SecretsException noMemory(OutOfMemoryError e) {
        return new SecretsException.Failed(PLUGIN, "not enough memory for the passphrase",
                "close something: age's scrypt takes 256 MiB for two seconds").causedBy(e);
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
