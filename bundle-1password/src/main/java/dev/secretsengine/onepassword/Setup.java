package dev.secretsengine.onepassword;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.kit.SettingText;
import dev.secretsengine.kit.http.CertificateAuthorities;
import dev.secretsengine.onepassword.connect.Connect;
import dev.secretsengine.onepassword.connect.ConnectAddress;
import dev.secretsengine.onepassword.item.Sources;
import dev.secretsengine.onepassword.item.Token;
import dev.secretsengine.onepassword.op.Op;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One plugin as its settings describe it.
 *
 * @param pattern of the IDs it answers
 * @param sources its way to 1Password, closed by whoever holds this
 * @param keepValues how long values are remembered
 * @param keepNames how long names are remembered
 */
record Setup(SecretPattern pattern, Sources sources, Duration keepValues, Duration keepNames) {

    static final String DEFAULT_PATTERN = "**";

    /** What the user calls the settings of a kind of plugin. */
    static List<Setting> settings(boolean withToken) {
        List<Setting> settings = new ArrayList<>();
        if (withToken) {
            settings.add(new Setting("token", true, "", "token of a service account, or of a Connect server"));
        }
        settings.add(new Setting("pattern", false, DEFAULT_PATTERN,
                "which IDs it is asked for; a narrow one, such as 'team/**', keeps other lookups away from 1Password"));
        if (withToken) {
            settings.add(new Setting("connect-host", false, "",
                    "URL of a Connect server, such as https://connect.example.com; empty to use op"));
            settings.add(new Setting("connect-ca", false, "",
                    "PEM file of the CA that vouches for the Connect server; empty for the well-known ones"));
        } else {
            settings.add(
                    new Setting("account", false, "", "account of op, if it knows several; empty for its default"));
        }
        settings.add(new Setting("proxy", false, "", "HTTP proxy, such as http://proxy:3128"));
        settings.add(new Setting("op", false, "", "path of the program op; empty for the one on PATH"));
        settings.add(new Setting("cache", false, "0",
                "how long values are kept in memory: a number and s, m, h or d; 0 for not at all"));
        settings.add(new Setting("names", false, "5m", "how long names of vaults and items are kept in memory"));
        return List.copyOf(settings);
    }

    /**
     * Reads the settings.
     *
     * @param environment the engine's
     * @throws SecretsException.Invalid if a setting makes no sense
     */
    static Setup read(String plugin, boolean withToken, Configurable.Values values, Map<String, String> environment)
            throws SecretsException {
        SettingText text = new SettingText(plugin, values);
        SecretPattern pattern = text.pattern("pattern");
        Duration keepValues = text.duration("cache");
        Duration keepNames = text.duration("names");
        Sources sources = withToken
                ? withToken(plugin, text, values, environment)
                : new Op(plugin, options(text, account(text), environment), null);
        return new Setup(pattern, sources, keepValues, keepNames);
    }

    private static Sources withToken(String plugin, SettingText text, Configurable.Values values,
            Map<String, String> environment) throws SecretsException {
        Op.Options options = options(text, "", environment);
        String host = text.text("connect-host");
        Optional<ConnectAddress> address = ConnectAddress.parse(host);
        if (address.isEmpty() && !host.isEmpty()) {
            throw text.invalid("connect-host", "is no URL of a server",
                    "write http:// or https://, a host and perhaps a port, without a user");
        }
        Optional<CertificateAuthorities> trusted = authorities(text);
        Token token = token(plugin, values);
        return address.isEmpty()
                ? new Op(plugin, options, token)
                : new Connect(plugin, address.get(), token, trusted, proxy(text));
    }

    private static Token token(String plugin, Configurable.Values values) throws SecretsException {
        @Nullable
        SecretValue value = values.secret("token").orElse(null);
        if (value == null) {
            throw new SecretsException.Invalid(plugin, plugin + " has no token",
                    "docker pass plugins 1password setup takes one");
        }
        try (value) {
            return Token.of(plugin, value);
        }
    }

    private static Op.Options options(SettingText text, String account, Map<String, String> environment)
            throws SecretsException {
        proxy(text);
        return new Op.Options(text.path("op"), account, text.text("proxy"), environment);
    }

    private static String account(SettingText text) throws SecretsException {
        String account = text.text("account");
        if (!account.matches("[A-Za-z0-9][A-Za-z0-9@._+-]*|")) {
            throw text.invalid("account", "is no account", "write what 'op account list' shows");
        }
        return account;
    }

    private static Optional<InetSocketAddress> proxy(SettingText text) throws SecretsException {
        String proxy = text.text("proxy");
        Optional<InetSocketAddress> address = ConnectAddress.proxy(proxy);
        if (address.isEmpty() && !proxy.isEmpty()) {
            throw text.invalid("proxy", "is no proxy", "write http://, a host, a colon and a port, without a user");
        }
        return address;
    }

    private static Optional<CertificateAuthorities> authorities(SettingText text) throws SecretsException {
        Optional<Path> file = text.path("connect-ca");
        if (file.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(CertificateAuthorities.of(file.get()));
        } catch (IOException e) {
            throw text.invalid("connect-ca", "names a file that cannot be read", "name a PEM file");
        } catch (GeneralSecurityException e) {
            throw text.invalid("connect-ca", "names a file without a certificate", "name a PEM file");
        }
    }
}
