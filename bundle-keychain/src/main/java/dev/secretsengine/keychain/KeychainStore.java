package dev.secretsengine.keychain;

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
import dev.secretsengine.keychain.system.Keychain;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The local store on the keychain: what is common to all operating systems. */
final class KeychainStore implements LocalStore, Configurable {

    static final String PLUGIN = "docker-pass";
    static final String PATTERN = "**";
    static final String STORE = "keychain";

    private static final Setting GROUP = new Setting("group", false, "com.docker.pass.shared",
            "the service group of the items in the keychain");
    private static final Setting NAME = new Setting("name", false, "docker-pass-cli",
            "the service name of the items in the keychain");

    private final Keychain keychain;
    private volatile Keychain.Layout layout = new Keychain.Layout(GROUP.defaultValue(), NAME.defaultValue());

    KeychainStore(Keychain keychain) {
        this.keychain = keychain;
    }

    @Override
    public List<Setting> settings() {
        return List.of(GROUP, NAME);
    }

    @Override
    public void configure(Values values) throws SecretsException {
        layout = new Keychain.Layout(checked(GROUP, values), checked(NAME, values));
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
        return keychain.probe(context);
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        return keychain.read(layout, pattern, context);
    }

    @Override
    public Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException {
        return keychain.read(layout, SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException {
        return keychain.list(layout, SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
        return keychain.list(layout, pattern, context);
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
        keychain.write(layout, id, value, metadata, context);
    }

    @Override
    public boolean remove(SecretId id, RequestContext context) throws SecretsException {
        return keychain.delete(layout, id, context);
    }
}
