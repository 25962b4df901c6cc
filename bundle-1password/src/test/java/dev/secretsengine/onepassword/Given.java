package dev.secretsengine.onepassword;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Settings of a plugin as a user gives them, and the plugin with them. */
public final class Given implements Configurable.Values {

    public static final String TOKEN = "ops_eyJzaWduSW5BZGRyZXNzIjoi-canary-token";

    private final String plugin;
    private final Map<String, String> texts = new HashMap<>();
    private final Map<String, String> engine = new HashMap<>();
    private String token;

    private Given(String plugin, String token) {
        this.plugin = plugin;
        this.token = token;
    }

    /** Plugin 1password-cli. */
    public static Given cli() {
        return new Given(OnePasswordProvider.CLI, null);
    }

    /** Plugin 1password-sdk with a token. */
    public static Given sdk() {
        return new Given(OnePasswordProvider.SDK, TOKEN);
    }

    public Given set(String setting, String value) {
        texts.put(setting, value);
        return this;
    }

    public Given token(String value) {
        token = value;
        return this;
    }

    /** A variable of the engine. */
    public Given engine(String variable, String value) {
        engine.put(variable, value);
        return this;
    }

    /** The plugin, not yet configured. */
    OnePasswordProvider unconfigured() {
        return new OnePasswordProvider(plugin, engine, pattern -> {
        });
    }

    OnePasswordProvider provider() throws SecretsException {
        OnePasswordProvider provider = unconfigured();
        provider.configure(this);
        return provider;
    }

    @Override
    public String text(String setting) {
        Setting declared = unconfigured().settings().stream()
                .filter(each -> each.name().equals(setting) && !each.secret()).findFirst().orElse(null);
        if (declared == null && !setting.equals("account")) {
            throw new IllegalStateException("not declared: " + setting);
        }
        return texts.getOrDefault(setting, declared == null ? "" : declared.defaultValue());
    }

    @Override
    public Optional<SecretValue> secret(String setting) {
        return setting.equals("token") && token != null
                ? Optional.of(SecretValue.copyOf(token.getBytes(StandardCharsets.UTF_8)))
                : Optional.empty();
    }

    public static RequestContext context(Map<String, String> caller) {
        return RequestContext.of(Duration.ofSeconds(20), new Cancellation(), caller);
    }

    public static Map<String, String> ask(SecretsProvider provider, String pattern) throws SecretsException {
        return ask(provider, pattern, Map.of());
    }

    public static Map<String, String> ask(SecretsProvider provider, String pattern, Map<String, String> caller)
            throws SecretsException {
        Map<String, String> values = new TreeMap<>();
        List<Envelope> answer = provider.getSecrets(SecretPattern.parse(pattern), context(caller));
        for (Envelope envelope : answer) {
            try (envelope) {
                values.put(envelope.id().toString(),
                        new String(envelope.value().copyBytes(), StandardCharsets.UTF_8));
            }
        }
        return values;
    }
}
