package dev.secretsengine.age;

import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.age.memory.Unlocked;
import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The key pair of the store. The first of these there is counts: a systemd credential; an identity file under a
 * passphrase, unlocked once per engine or by the kernel keyring; an identity file in the clear.
 */
final class Identity implements IdentityStore {

    private static final Logger LOG = LoggerFactory.getLogger(Identity.class);

    private static final String PLUGIN = "docker-pass";
    private static final String WEAKEST = "identity file without a passphrase: "
            + "docker pass identity passphrase sets one";
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);

    private final IdentityFile file;
    private final Folder entries;
    private final KernelKeyring keyring = new KernelKeyring();
    private final int workFactor;

    private volatile Duration cacheTime;
    private final AtomicReference<@Nullable Unlocked> unlocked = new AtomicReference<>();

    /**
     * Does nothing yet.
     *
     * @param entries the folder of the secrets, which no second identity may be made for
     * @param workFactor of new passphrases
     * @param cacheTime how long the kernel keyring keeps an unlocked identity, zero for not at all
     */
    Identity(IdentityFile file, Folder entries, int workFactor, Duration cacheTime) {
        this.file = file;
        this.entries = entries;
        this.workFactor = workFactor;
        this.cacheTime = cacheTime;
    }

    void cacheFor(Duration time) {
        cacheTime = time;
    }

    /** What was unlocked last, null if nothing was; whether it still counts {@link #unlocked()} says. */
    @Nullable
    Unlocked last() {
        return unlocked.get();
    }

    /** What decrypts entries: known by one look at its file while that has not changed. */
    Unlocked unlocked() throws SecretsException {
        Unlocked known = last();
        FileStamp stamp = known == null ? null : file.stamp();
        if (known != null && stamp != null && known.isIn(stamp)) {
            return known;
        }
        try (IdentityFile.Kept kept = file.load()) {
            if (kept.kind() == IdentityFile.Kind.NONE) {
                throw new SecretsException.Unavailable(PLUGIN, "the age identity of the stored secrets is missing",
                        "put it back as " + file.path());
            }
            return open(kept).orElseThrow(Identity::locked);
        } catch (SecretsException e) {
            if (known != null) {
                known.entries().clear();
            }
            throw e;
        }
    }

    /** Forgets what was unlocked; a file in the clear, or the kernel keyring, unlocks it at the next use. */
    void forget() {
        replaceBy(null);
    }

    private void replaceBy(@Nullable Unlocked next) {
        Unlocked old = unlocked.getAndSet(next);
        if (old != null) {
            old.entries().close();
        }
    }

    /** The public key to encrypt to, of a new identity in the clear if there is none and there are no secrets. */
    String recipientForWriting(RequestContext context) throws SecretsException {
        try (IdentityFile.Kept kept = file.load()) {
            if (kept.kind() != IdentityFile.Kind.NONE) {
                return recipient(kept);
            }
        }
        try (Folder.Held _ = file.lock(context); IdentityFile.Kept kept = file.load()) {
            if (kept.kind() != IdentityFile.Kind.NONE) {
                return recipient(kept);
            }
            try (IdentityKey key = newKey()) {
                write(key, Optional.empty());
                LOG.info("created {}, {}", file.path(), WEAKEST);
                return key.recipient();
            }
        }
    }

    private String recipient(IdentityFile.Kept kept) throws SecretsException {
        Optional<Unlocked> open = open(kept);
        return open.isPresent() ? open.get().recipient() : file.recipient(kept).orElseThrow(Identity::locked);
    }

    private IdentityKey newKey() throws SecretsException {
        try {
            if (entries.names().stream().anyMatch(Entry::isName)) {
                throw new SecretsException.Unavailable(PLUGIN, "there are secrets, but their age identity is missing",
                        "put it back as " + file.path() + ", or remove them with docker pass rm --all");
            }
            return IdentityKey.generate();
        } catch (IOException e) {
            throw entries.failed(PLUGIN, e);
        } catch (GeneralSecurityException e) {
            throw new SecretsException.Failed(PLUGIN, "cannot make an age identity", "").causedBy(e);
        }
    }

    /** Empty if it is locked. */
    private Optional<Unlocked> open(IdentityFile.Kept kept) throws SecretsException {
        Unlocked known = last();
        if (known != null && known.fingerprint().equals(kept.fingerprint())) {
            known.foundIn(kept.stamp());
            return Optional.of(known);
        }
        if (known != null) {
            known.entries().clear();
        }
        try (IdentityKey key = kept.kind() == IdentityFile.Kind.PROTECTED
                ? keyring.find(kept.fingerprint(), cacheTime)
                : IdentityKey.parse(kept.bytes())) {
            if (key == null) {
                return Optional.empty();
            }
            Unlocked now = remember(kept.fingerprint(), key);
            now.foundIn(kept.stamp());
            return Optional.of(now);
        } catch (GeneralSecurityException e) {
            throw file.damaged(e);
        }
    }

    private Unlocked remember(String fingerprint, IdentityKey key) throws GeneralSecurityException {
        Unlocked now = new Unlocked(fingerprint, key.recipient(), key.reader());
        replaceBy(now);
        return now;
    }

    Probe probe() {
        try (IdentityFile.Kept kept = file.load()) {
            return switch (kept.kind()) {
                case NONE -> new Probe(State.READY, WEAKEST);
                case PROTECTED -> open(kept).isPresent()
                        ? new Probe(State.READY, "")
                        : new Probe(State.LOCKED, locked().advice());
                case PLAIN -> open(kept).map(open -> new Probe(State.READY, WEAKEST)).orElseThrow();
                case CREDENTIAL -> open(kept).map(open -> new Probe(State.READY, "")).orElseThrow();
            };
        } catch (SecretsException e) {
            return new Probe(State.LOCKED, e.advice());
        }
    }

    @Override
    public boolean isLocked() {
        try (IdentityFile.Kept kept = file.load()) {
            return kept.kind() == IdentityFile.Kind.PROTECTED && open(kept).isEmpty();
        } catch (SecretsException e) {
            // No passphrase helps with that.
            return false;
        }
    }

    /** One at a time, because each takes 256 MiB for a moment. */
    @Override
    public synchronized void unlock(SecretValue passphrase) throws SecretsException {
        try (IdentityFile.Kept kept = file.existing()) {
            if (kept.kind() != IdentityFile.Kind.PROTECTED) {
                // Damage is reported all the same.
                open(kept);
                return;
            }
            try (IdentityKey key = file.decrypt(kept, passphrase, workFactor)) {
                Unlocked now = remember(kept.fingerprint(), key);
                keyring.keep(kept.fingerprint(), key, cacheTime);
                file.repairRecipient(kept, now.recipient());
            } catch (GeneralSecurityException e) {
                throw file.damaged(e);
            }
        }
    }

    @Override
    public String recipient() throws SecretsException {
        try (IdentityFile.Kept kept = file.existing()) {
            return recipient(kept);
        }
    }

    @Override
    public SecretValue backup() throws SecretsException {
        try (IdentityFile.Kept kept = file.existing()) {
            requireOwnFile(kept);
            return SecretValue.copyOf(kept.bytes());
        }
    }

    @Override
    public boolean hasPassphrase() throws SecretsException {
        try (IdentityFile.Kept kept = file.load()) {
            return kept.kind() == IdentityFile.Kind.PROTECTED;
        }
    }

    @Override
    public synchronized void changePassphrase(Optional<SecretValue> current, Optional<SecretValue> replacement)
            throws SecretsException {
        if (replacement.isPresent() && replacement.get().length() == 0) {
            throw new SecretsException.Invalid(PLUGIN, "the new passphrase is empty", "choose one");
        }
        try (Folder.Held _ = file.lock(RequestContext.of(LOCK_TIMEOUT)); IdentityFile.Kept kept = file.load()) {
            requireOwnFile(kept);
            try (IdentityKey key = currentKey(kept, current)) {
                write(key, replacement);
            }
            if (kept.kind() == IdentityFile.Kind.PROTECTED) {
                keyring.forget(kept.fingerprint());
            }
        }
    }

    private IdentityKey currentKey(IdentityFile.Kept kept, Optional<SecretValue> current) throws SecretsException {
        if (kept.kind() == IdentityFile.Kind.NONE) {
            return newKey();
        }
        if (kept.kind() == IdentityFile.Kind.PROTECTED) {
            return file.decrypt(kept, current.orElseThrow(() -> new SecretsException.Denied(PLUGIN,
                    "the present passphrase is needed", "try again")), workFactor);
        }
        try {
            return IdentityKey.parse(kept.bytes());
        } catch (GeneralSecurityException e) {
            throw file.damaged(e);
        }
    }

    /** Needs the lock. */
    private void write(IdentityKey key, Optional<SecretValue> value) throws SecretsException {
        byte[] clear = key.file();
        try {
            if (value.isEmpty()) {
                remember(file.writeClear(clear), key);
                return;
            }
            try (Passphrase passphrase = new Passphrase(value.get().copyBytes(), workFactor)) {
                String written = file.writeProtected(AgeFile.encrypt(clear, List.of(passphrase)), key.recipient());
                remember(written, key);
                keyring.keep(written, key, cacheTime);
            }
        } catch (GeneralSecurityException e) {
            throw new SecretsException.Failed(PLUGIN, "cannot encrypt the age identity", "").causedBy(e);
        } catch (OutOfMemoryError e) {
            throw IdentityFile.noMemory(e);
        } finally {
            Arrays.fill(clear, (byte) 0);
        }
    }

    private static void requireOwnFile(IdentityFile.Kept kept) throws SecretsException {
        if (kept.kind() == IdentityFile.Kind.CREDENTIAL) {
            throw new SecretsException.Invalid(PLUGIN, "the age identity comes from a systemd credential",
                    "change it where the credential is defined");
        }
    }

    private static SecretsException locked() {
        return new SecretsException.Unavailable(PLUGIN, "the age identity is locked", "docker pass unlock");
    }
}
