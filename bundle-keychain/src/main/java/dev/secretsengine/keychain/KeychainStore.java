package dev.secretsengine.keychain;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.api.Unlockable;
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;

/** The local store on the keychain: what is common to all operating systems. */
final class KeychainStore implements CollectionStore, Configurable, Unlockable {

    static final String PLUGIN = "docker-pass";
    static final String PATTERN = "**";
    static final String STORE = "keychain";

    private static final Setting GROUP = new Setting("group", false, "com.docker.pass.shared",
            "the service group of the items in the keychain");
    private static final Setting NAME = new Setting("name", false, "docker-pass-cli",
            "the service name of the items in the keychain");

    private static final Pattern COLLECTION = Pattern.compile("[A-Za-z0-9_]+");

    private final Keychain keychain;
    private final String collection;

    /** What is configured, shared by the objects of all collections. */
    private final AtomicReference<Layout> configured;

    KeychainStore(Keychain keychain) {
        this(keychain, "", new AtomicReference<>(new Layout(GROUP.defaultValue(), NAME.defaultValue())));
    }

    private KeychainStore(Keychain keychain, String collection, AtomicReference<Layout> configured) {
        this.keychain = keychain;
        this.collection = collection;
        this.configured = configured;
    }

    private Layout layout() {
        return Objects.requireNonNull(configured.get()).in(collection);
    }

    @Override
    public String collection(RequestContext context) throws SecretsException {
        return collection.isEmpty() ? keychain.collection(layout(), context) : collection;
    }

    @Override
    public CollectionStore in(String other) throws SecretsException {
        if (!COLLECTION.matcher(other).matches()) {
            throw new SecretsException.Invalid(PLUGIN, "\"" + other + "\" cannot be the name of a collection",
                    "use letters, digits and underscores, as in store = \"keychain:login\"");
        }
        return new KeychainStore(keychain, other, configured);
    }

    @Override
    public Map<SecretId, List<String>> elsewhere(SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return keychain.elsewhere(layout(), pattern, context);
    }

    @Override
    public boolean isLocked(RequestContext context) throws SecretsException {
        Probe probe = keychain.probe(layout(), context);
        return switch (probe.state()) {
            case LOCKED -> true;
            case READY -> false;
            case ABSENT, UNKNOWN -> throw new SecretsException.Unavailable(PLUGIN, probe.message(), "");
        };
    }

    @Override
    public void requireUnlockable(RequestContext context) throws SecretsException {
        keychain.requireUnlockable(layout(), context);
    }

    @Override
    public void unlock(SecretValue passphrase, RequestContext context) throws SecretsException {
        keychain.unlock(layout(), passphrase, context);
    }

    @Override
    public List<Setting> settings() {
        return List.of(GROUP, NAME);
    }

    @Override
    public void configure(Values values) throws SecretsException {
        configured.set(new Layout(checked(GROUP, values), checked(NAME, values)));
    }

    private static String checked(Setting setting, Values values) throws SecretsException {
        String text = values.text(setting.name());
        if (text.isBlank() || text.chars().anyMatch(Character::isISOControl)) {
            throw new SecretsException.Invalid(PLUGIN, "the setting " + setting.name() + " must be a name",
                    "leave it out for " + setting.defaultValue());
        }
        return text;
    }

    @Override
    public Probe probe(RequestContext context) {
        return keychain.probe(layout(), context);
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        return keychain.read(layout(), pattern, context);
    }

    @Override
    public Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException {
        return keychain.read(layout(), SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException {
        return keychain.list(layout(), SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
        return keychain.list(layout(), pattern, context);
    }

    @Override
    public void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException {
        LocalStore.requireFits(id, value);
        for (Map.Entry<String, String> entry : metadata.entrySet()) {
            if (entry.getKey().indexOf('\0') >= 0 || entry.getValue().indexOf('\0') >= 0) {
                throw new SecretsException.Invalid(id.toString(), "metadata cannot hold a NUL character",
                        "take it out and try again");
            }
        }
        keychain.write(layout(), id, value, metadata, context);
    }

    @Override
    public boolean remove(SecretId id, RequestContext context) throws SecretsException {
        return keychain.delete(layout(), id, context);
    }
}
