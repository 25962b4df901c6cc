package dev.secretsengine.age;

import dev.secretsengine.age.file.AgeFile;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.DatedStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The store itself: a folder of age files and the identity they are encrypted to. */
final class AgeStore implements DatedStore, IdentityStore, Configurable {

    static final Duration CACHE_TIME = Duration.ofHours(8);

    private static final Logger LOG = LoggerFactory.getLogger(AgeStore.class);

    private static final String PLUGIN = "docker-pass";
    private static final String UNLOCK_CACHE = "unlock-cache";
    private static final Pattern DURATION = Pattern.compile("(\\d{1,6})([smhd])|0");

    private final Folder folder;
    private final Identity identity;
    private final EntryReader reader;

    /** Files that were reported as damaged: once is enough. */
    private final Set<String> reported = ConcurrentHashMap.newKeySet();

    /** Does nothing yet: folders are made at the first write. */
    AgeStore(Folder folder, Identity identity, EntryReader reader) {
        this.folder = folder;
        this.identity = identity;
        this.reader = reader;
    }

    @Override
    public List<Setting> settings() {
        return List.of(new Setting(UNLOCK_CACHE, false, CACHE_TIME.toHours() + "h",
                "how long the kernel keyring keeps an unlocked identity over restarts of the engine, 0 for not at all"));
    }

    @Override
    public void configure(Values values) throws SecretsException {
        String text = values.text(UNLOCK_CACHE);
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            throw new SecretsException.Invalid(PLUGIN, UNLOCK_CACHE + " is not a duration",
                    "write it as 30m, 8h or 1d, or 0 for no cache");
        }
        if (matcher.group(1) == null) {
            identity.cacheFor(Duration.ZERO);
            return;
        }
        long count = Long.parseLong(matcher.group(1));
        identity.cacheFor(switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        });
    }

    @Override
    public Probe probe(RequestContext context) {
        return identity.probe();
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        List<Envelope> found = new ArrayList<>();
        try {
            for (SecretId id : ids(pattern, context)) {
                // A damaged file fails the whole lookup: without it another secret could pass for the only match.
                get(id, context).ifPresent(found::add);
            }
            return List.copyOf(found);
        } catch (SecretsException | RuntimeException e) {
            found.forEach(Envelope::close);
            throw e;
        }
    }

    @Override
    public Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException {
        requireTime(id.toString(), context);
        return reader.get(id);
    }

    @Override
    public Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException {
        requireTime(id.toString(), context);
        Optional<byte[]> start = reader.read(id, AgeFile.MAX_HEADER);
        return start.isPresent() ? Optional.of(Entry.info(id, start.get())) : Optional.empty();
    }

    @Override
    public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
        List<SecretInfo> found = new ArrayList<>();
        for (SecretId id : ids(pattern, context)) {
            try {
                describe(id, context).ifPresent(found::add);
            } catch (SecretsException.Invalid e) {
                report(Entry.name(id));
            }
        }
        return found;
    }

    @Override
    public void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException {
        restore(new SecretInfo(id, null, null, metadata), value, context);
    }

    @Override
    public void restore(SecretInfo from, SecretValue value, RequestContext context) throws SecretsException {
        SecretId id = from.id();
        LocalStore.requireFits(id, value);
        requireTime(id.toString(), context);
        try (Folder.Held _ = folder.lock(id.toString(), context)) {
            Instant now = Instant.now();
            Instant created = from.createdAt() == null ? createdAt(id, now) : from.createdAt();
            SecretInfo info = new SecretInfo(id, created, now, from.metadata());
            folder.write(Entry.name(id), Entry.seal(info, value, identity.recipientForWriting(context)));
            reader.forget(id);
        } catch (IOException e) {
            throw folder.failed(id.toString(), e);
        }
    }

    /** Forgets whatever is remembered. */
    void stop() {
        identity.forget();
    }

    private Instant createdAt(SecretId id, Instant otherwise) {
        try {
            Optional<byte[]> old = reader.read(id, AgeFile.MAX_HEADER);
            Instant created = old.isPresent() ? Entry.info(id, old.get()).createdAt() : null;
            return created == null ? otherwise : created;
        } catch (SecretsException e) {
            // It is about to be replaced, damaged or not.
            return otherwise;
        }
    }

    @Override
    public boolean remove(SecretId id, RequestContext context) throws SecretsException {
        requireTime(id.toString(), context);
        if (folder.isMissing()) {
            return false;
        }
        try (Folder.Held _ = folder.lock(id.toString(), context)) {
            boolean removed = folder.delete(Entry.name(id));
            reader.forget(id);
            return removed;
        } catch (IOException e) {
            throw folder.failed(id.toString(), e);
        }
    }

    /** The IDs of the files that the pattern matches, of damaged files too where the name tells it. */
    private List<SecretId> ids(SecretPattern pattern, RequestContext context) throws SecretsException {
        Optional<SecretId> single = pattern.asId();
        if (single.isPresent()) {
            return List.of(single.get());
        }
        List<SecretId> ids = new ArrayList<>();
        for (String name : names()) {
            requireTime(pattern.toString(), context);
            Optional<SecretId> id = Entry.isHashed(name) ? hashedId(name) : Entry.idOf(name);
            if (id.isEmpty()) {
                report(name);
            } else if (pattern.matches(id.get())) {
                ids.add(id.get());
            }
        }
        return ids;
    }

    private List<String> names() throws SecretsException {
        try {
            return folder.names().stream().filter(Entry::isName).toList();
        } catch (IOException e) {
            throw new SecretsException.Failed(PLUGIN, "cannot read the folder of the secrets",
                    "check the owner and the mode of " + folder).causedBy(e);
        }
    }

    private Optional<SecretId> hashedId(String name) throws SecretsException {
        try {
            return folder.read(name, AgeFile.MAX_HEADER).flatMap(start -> Entry.hashedId(name, start));
        } catch (AccessDeniedException e) {
            throw new SecretsException.Unavailable(PLUGIN, "the file of a secret cannot be read",
                    "check " + folder.file(name)).causedBy(e);
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static void requireTime(String subject, RequestContext context) throws SecretsException {
        if (context.isOver()) {
            throw new SecretsException.Unavailable(subject, "timed out", "try again");
        }
    }

    private void report(String name) {
        if (reported.add(name)) {
            LOG.warn("skipped {}: damaged, or not an entry", folder.file(name));
        }
    }

    @Override
    public boolean isLocked() {
        return identity.isLocked();
    }

    @Override
    public void unlock(SecretValue passphrase) throws SecretsException {
        identity.unlock(passphrase);
    }

    @Override
    public String recipient() throws SecretsException {
        return identity.recipient();
    }

    @Override
    public SecretValue backup() throws SecretsException {
        return identity.backup();
    }

    @Override
    public boolean hasPassphrase() throws SecretsException {
        return identity.hasPassphrase();
    }

    @Override
    public void changePassphrase(Optional<SecretValue> current, Optional<SecretValue> replacement)
            throws SecretsException {
        identity.changePassphrase(current, replacement);
    }
}
