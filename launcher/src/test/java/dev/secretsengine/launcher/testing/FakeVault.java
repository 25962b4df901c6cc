package dev.secretsengine.launcher.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.api.Caching;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.util.ArrayList;
import java.util.List;

/** A remote vault in memory: it takes one token only, and its one secret is the address it was configured with. */
public final class FakeVault implements SecretsProvider, Configurable, Caching {

    private final String name;
    private final List<Setting> settings;
    private final List<String> events = new ArrayList<>();
    private String address = "";
    private boolean dead;

    /** A vault with these settings, a plain one called address among them. */
    public FakeVault(String name, Setting... settings) {
        this.name = name;
        this.settings = List.of(settings);
    }

    /** A vault with an address and a token. */
    public static FakeVault withToken(String name) {
        return new FakeVault(name, new Setting("address", false, "https://vault", "where the vault is, 100%"),
                new Setting("token", true, "", "what the vault knows you by"));
    }

    /** Every lookup from now on is fatal. */
    public synchronized void die() {
        dead = true;
    }

    /** What was done with it, without values. */
    public synchronized List<String> events() {
        return List.copyOf(events);
    }

    @Override
    public List<Setting> settings() {
        return settings;
    }

    @Override
    public synchronized void configure(Values values) throws SecretsException {
        address = values.text("address");
        dead = false;
        events.add("configured " + address);
    }

    @Override
    public synchronized void check(Values values, RequestContext context) throws SecretsException {
        events.add("checked " + values.text("address"));
        for (Setting setting : settings) {
            if (setting.secret()) {
                try (SecretValue value = values.secret(setting.name()).orElse(null)) {
                    if (value == null || !new String(value.copyBytes(), UTF_8).startsWith("good")) {
                        throw new SecretsException.Denied(name, "the vault refuses the " + setting.name(),
                                "make a new one");
                    }
                }
            }
        }
    }

    @Override
    public synchronized List<Envelope> getSecrets(SecretPattern pattern, RequestContext context)
            throws SecretsException {
        if (dead) {
            throw new SecretsException.Denied(name, "the account is closed", "open a new one").fatal();
        }
        return List.of(Envelope.of(SecretId.parse(name + "/address"), SecretValue.wrap(address.getBytes(UTF_8))));
    }

    @Override
    public long hits() {
        return 7;
    }

    @Override
    public long misses() {
        return 8;
    }

    @Override
    public synchronized void forget() {
        events.add("forgot");
    }
}
