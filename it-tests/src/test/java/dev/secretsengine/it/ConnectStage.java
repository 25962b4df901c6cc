package dev.secretsengine.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A Connect server over TLS for which an authority of our own vouches, and a user who has a token for it but has not set
 * it up. Closing it ends the server; the home stays its owner's.
 */
final class ConnectStage implements AutoCloseable {

    /** What the list of plugins says of a plugin that nobody has touched. */
    static final String FRESH = "** disabled set it up: docker pass plugins 1password setup";

    private final Home home;
    private final Canary token = new Canary();
    private final Canary password = new Canary();
    private final Path trusted;
    private final ConnectVaults vaults = new ConnectVaults();
    private final ConnectStub server;

    ConnectStage(Home home) throws Exception {
        this.home = home;
        trusted = home.folder().resolve("connect-ca.pem");
        server = new ConnectStub(vaults, Optional.of(TestAuthority.OURS.server()));
        reset();
    }

    /** The server has its usual content again, accepts the token, and has not been asked anything; its CA is known. */
    void reset() throws IOException {
        TestAuthority.OURS.writeTo(trusted);
        vaults.reset(password.text());
        server.accept(token.text(), ConnectVaults.TEAM);
        server.recover();
        server.requests().clear();
    }

    /** The token; what it sees is the team's vault. */
    Canary token() {
        return token;
    }

    /** The password of the item GitHub. */
    Canary password() {
        return password;
    }

    /** The certificate of who vouches for the server. */
    Path trusted() {
        return trusted;
    }

    ConnectVaults vaults() {
        return vaults;
    }

    ConnectStub server() {
        return server;
    }

    /** Sets the plugin up for this server, with the token by a pipe. */
    void setUp(String... options) throws IOException {
        Outcome done = attempt(token.text(), options);
        if (!done.ok().equals("Plugin 1password-sdk is set up and running\n")) {
            throw new AssertionError(done);
        }
    }

    /** Tries to set it up for this server, with another token or options that may be wrong. */
    Outcome attempt(String ownToken, String... options) throws IOException {
        List<String> line = new ArrayList<>(
                List.of("--connect-host", server.url(), "--connect-ca", trusted.toString()));
        line.addAll(List.of(options));
        return attemptAt(ownToken, line.toArray(String[]::new));
    }

    /** With no options but these. */
    Outcome attemptAt(String ownToken, String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of("plugins", "1password", "setup"));
        line.addAll(List.of(options));
        return home.passWith((ownToken + "\n").getBytes(StandardCharsets.UTF_8), line.toArray(String[]::new));
    }

    /** Pattern, status and message of the plugin in the list of plugins. */
    String row() throws IOException {
        return home.pass("plugins", "ls", "--format", "{{.Name}} {{.Pattern}} {{.Status}} {{.Message}}").ok().lines()
                .filter(line -> line.startsWith("1password-sdk ")).map(line -> line.replaceFirst("\\S+ ", "").strip())
                .findFirst().orElse("");
    }

    /** Whether nothing of a set-up is left: no choice, no setting, no token. */
    boolean isUntouched() throws IOException {
        Path settings = home.folder().resolve(".config/secrets-engine/plugins.toml");
        boolean isSet = Files.exists(settings) && Files.readString(settings).contains("1password");
        // Set-up without a token takes the one that is stored.
        return row().equals(FRESH) && !isSet
                && attempt("", "--names", "1m").failed(1).contains("no value was given for token");
    }

    @Override
    public void close() {
        server.close();
    }
}
