package dev.secretsengine.age;

import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.age.memory.OpenedEntries;
import dev.secretsengine.age.memory.OpenedEntry;
import dev.secretsengine.age.memory.Unlocked;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads entries. Of short ones it remembers the key of their file and what the file holds encrypted: a further lookup
 * is two looks at files, of the entry and of the identity, and ChaCha20-Poly1305, a twentieth of X25519.
 */
final class EntryReader {

    private final Folder folder;
    private final Identity identity;
    private final InstantSource clock;

    /** Reads the files of this folder, and remembers those that have been there for a while by this clock. */
    EntryReader(Folder folder, Identity identity, InstantSource clock) {
        this.folder = folder;
        this.identity = identity;
        this.clock = clock;
    }

    /** A secret with its value, empty if there is no such file. */
    Optional<Envelope> get(SecretId id) throws SecretsException {
        String name = Entry.name(id);
        Envelope known = again(name);
        return known == null ? first(id, name) : Optional.of(known);
    }

    /** From memory; null if the files are not the same, or nothing is remembered. */
    private @Nullable Envelope again(String name) throws SecretsException {
        Unlocked last = identity.last();
        OpenedEntry entry = last == null ? null : last.entries().find(name);
        if (last == null || entry == null) {
            return null;
        }
        if (!entry.stamp().equals(FileStamp.of(folder.file(name)))) {
            last.entries().forget(name);
            return null;
        }
        try {
            byte[] plain = last.equals(identity.unlocked()) ? entry.payload().decrypt() : null;
            return plain == null ? null : envelope(SecretValue.wrap(plain), entry.info());
        } catch (GeneralSecurityException e) {
            last.entries().forget(name);
            return null;
        }
    }

    private Optional<Envelope> first(SecretId id, String name) throws SecretsException {
        if (isMissing(id, name)) {
            return Optional.empty();
        }
        Path path = folder.file(name);
        FileStamp stamp = FileStamp.settled(path, clock);
        Optional<byte[]> file = read(id, AgeFile.MAX_LENGTH + 1);
        if (file.isEmpty()) {
            return Optional.empty();
        }
        int length = file.get().length;
        SecretInfo info = Entry.info(id, file.get());
        Unlocked opener = identity.unlocked();
        SecretValue value = Entry.open(id, file.get(), opener.reader(), payload -> {
            if (stamp != null && length <= OpenedEntries.MAX_LENGTH) {
                opener.entries().put(name, new OpenedEntry(stamp, info, payload.copy(), length));
            }
        });
        if (stamp != null && !stamp.equals(FileStamp.of(path))) {
            // Whoever has changed it may have had it forgotten before it was remembered.
            opener.entries().forget(name);
        }
        return Optional.of(envelope(value, info));
    }

    private static Envelope envelope(SecretValue value, SecretInfo info) {
        return new Envelope(info.id(), value, "", "", info.modifiedAt(), Instant.now(), null, info.metadata());
    }

    private boolean isMissing(SecretId id, String name) throws SecretsException {
        try {
            return folder.lacks(name);
        } catch (IOException e) {
            throw unreadable(id, name, e);
        }
    }

    /** The first bytes of an entry's file, empty if there is none. */
    Optional<byte[]> read(SecretId id, int limit) throws SecretsException {
        String name = Entry.name(id);
        try {
            return folder.read(name, limit);
        } catch (IOException e) {
            throw unreadable(id, name, e);
        }
    }

    private SecretsException unreadable(SecretId id, String name, IOException e) {
        String message = "the file of " + id + " cannot be read";
        String hint = "check " + folder.file(name);
        // Another user's file is not a damaged one: a listing without it would hide a secret.
        return (e instanceof AccessDeniedException
                ? new SecretsException.Unavailable(id.toString(), message, hint)
                : new SecretsException.Invalid(id.toString(), message, hint)).causedBy(e);
    }

    /** Forgets what is remembered of an entry. */
    void forget(SecretId id) {
        Unlocked last = identity.last();
        if (last != null) {
            last.entries().forget(Entry.name(id));
        }
    }
}
