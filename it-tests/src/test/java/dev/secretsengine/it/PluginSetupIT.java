package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A plugin of which nothing but its own jar knows the settings, set up through the real docker client. */
class PluginSetupIT {

    private static final String MEMBERS = """
            @Override
            public List<Setting> settings() {
                return List.of(new Setting("address", false, "here", "where the vault is"),
                        new Setting("token", true, "", "what it knows you by"));
            }

            @Override
            public void configure(Values values) throws SecretsException {
                try (SecretValue token = values.secret("token").orElse(null)) {
                    if (token == null) {
                        throw new SecretsException.Invalid("vault", "there is no token", "set it up");
                    }
                }
            }

            @Override
            public void check(Values values, RequestContext context) throws SecretsException {
                try (SecretValue token = values.secret("token").orElse(null)) {
                    if (token == null || token.copyBytes()[0] != 'g') {
                        throw new SecretsException.Denied("vault", "the vault refuses the token", "make a new one");
                    }
                }
            }
            """;

    private Home home;

    @BeforeEach
    void startEngine() throws Exception {
        home = Home.withAge();
        home.pass("set", "own=1").ok();
        Path built = home.folder().resolve("vault.jar");
        new BundleJar("vault", "1.0.0").and("dev.secretsengine.api.Configurable", MEMBERS).header("Provide-Capability",
                "dev.secretsengine.plugin;name=\"vault\";version=\"1.0.0\";pattern=\"vault/**\";enabled=\"false\";"
                        + "group=\"safe\";hint=\"docker pass plugins safe setup\"")
                .writeTo(built);
        Files.move(built, home.data().resolve("runtime/vault.jar"));
        long begin = System.nanoTime();
        while (!home.pass("plugins", "ls", "-q").ok().contains("vault")
                && System.nanoTime() - begin < 20_000_000_000L) {
            Thread.sleep(20);
        }
    }

    @AfterEach
    void stopEngine() throws IOException {
        home.close();
    }

    private Outcome setup(String input, String... options) throws IOException {
        List<String> line = new ArrayList<>(List.of("plugins", "safe", "setup"));
        line.addAll(List.of(options));
        return home.passWith(input.getBytes(StandardCharsets.UTF_8), line.toArray(String[]::new));
    }

    private String vault() throws IOException {
        return home.pass("plugins", "ls", "--format", "{{.Name}} {{.Status}} {{.Message}}").ok().lines()
                .filter(line -> line.startsWith("vault ")).findFirst().orElse("");
    }

    @Test
    void setsUpAndPurgesWhatOnlyTheJarKnows() throws Exception {
        assertEquals("vault disabled docker pass plugins safe setup", vault());
        assertTrue(setup("bad-token\n").failed(5).contains("the vault refuses the token"));
        assertEquals("vault disabled docker pass plugins safe setup", vault());
        home.pass("get", "se://vault/key").failed(3);

        assertEquals("Plugin vault is set up and running\n", setup("good-token\n", "--address", "there").ok());
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://vault/key").ok());
        assertFalse(home.pass("ls").ok().contains("token"));
        home.pass("engine", "restart").ok();
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://vault/key").ok());
        String inspected = home.pass("plugins", "inspect", "vault").ok();
        for (String line : List.of("Setting address: there", "Setting token: set", "Calls: 1", "Failures: 0",
                "Jar: " + home.data().resolve("runtime/vault.jar"), "Bundle: test.vault", "Bundle version: 1.0.0")) {
            assertTrue(inspected.contains(line), line + " in " + inspected);
        }

        assertEquals("Plugin vault is purged\n", home.pass("plugins", "vault", "purge").ok());
        assertEquals("vault disabled docker pass plugins safe setup", vault());
        assertTrue(home.pass("plugins", "inspect", "vault").ok().contains("Status: disabled"));
        assertFalse(Files.readString(home.folder().resolve(".config/secrets-engine/plugins.toml")).contains("there"));
        assertEquals("Plugin vault is purged\n", home.pass("plugins", "vault", "purge").ok());
    }

    @Test
    void helpIsThePluginsOwnInBothClients() throws Exception {
        for (String client : List.of("docker-pass", "docker-pass-portable")) {
            Outcome help = home.sh(home.installation().client().resolveSibling(client) + " plugins vault setup --help");
            assertTrue(help.ok().contains("--address=VALUE   where the vault is (here)"), help.out());
            assertTrue(help.out().contains("token: what it knows you by"), help.out());
        }
        assertTrue(home.pass("plugins", "setup", "--help").ok().contains("NAME|GROUP"));
    }

    @Test
    void tokenIsTypedOnceWithoutEcho() throws Exception {
        Tools.require("expect");
        Path script = Files.writeString(home.folder().resolve("script.exp"), """
                set timeout 30
                spawn docker pass plugins vault setup --address there
                expect {
                  -ex "token: " {}
                  timeout { exit 99 }
                  eof { exit 98 }
                }
                send "good-typed\\r"
                expect eof
                exit [lindex [wait] 3]
                """);
        Outcome shown = Outcome.of(home.process("expect", "-f", script.toString()), new byte[0]);
        assertEquals(0, shown.code(), shown::toString);
        assertTrue(shown.out().contains("Plugin vault is set up and running"), shown::toString);
        assertFalse(shown.out().contains("typed"), shown::toString);
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://vault/key").ok());
    }

    @Test
    void tokenIsNowhereButInTheStore() throws Exception {
        setup("good-canary-8731\n").ok();
        home.pass("get", "se://vault/key").ok();
        assertEquals(1, home.sh("grep -rl canary-8731 \"$HOME\" --exclude-dir=bin").code());
    }
}
