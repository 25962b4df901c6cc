package dev.secretsengine.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The engine is killed at each of the changes of files by which a plugin is set up. */
class SetupKillIT {

    /** Its secret is what it is configured with. */
    private static final String MEMBERS = """
            private volatile String seen = "";

            @Override
            public List<Setting> settings() {
                return List.of(new Setting("address", false, "", "where"), new Setting("token", true, "", "who"));
            }

            @Override
            public void configure(Values values) throws SecretsException {
                try (SecretValue token = values.secret("token").orElse(null)) {
                    if (token == null) {
                        throw new SecretsException.Invalid("vault", "there is no token", "set it up");
                    }
                    seen = values.text("address") + " " + new String(token.copyBytes(), StandardCharsets.UTF_8);
                }
            }
            """;

    private static final int MOST_CHANGES = 60;

    private Home home;
    private Path killAt;
    private Path preload;

    @BeforeEach
    void startEngine() throws Exception {
        Tools.require("cc");
        home = Home.withAge();
        killAt = home.folder().resolve("kill-at");
        preload = home.folder().resolve("kill-at.so");
        Path source = Path.of(Objects.requireNonNull(SetupKillIT.class.getResource("/kill-at.c")).toURI());
        home.sh("cc -shared -fPIC -Wall -Wextra -Werror -o " + preload + " " + source).ok();
        Path built = home.folder().resolve("vault.jar");
        new BundleJar("vault", "1.0.0").and("dev.secretsengine.api.Configurable", MEMBERS)
                .onLookup("if (pattern.matches(SecretId.parse(\"vault/key\"))) return List.of(Envelope.of("
                        + "SecretId.parse(\"vault/key\"), SecretValue.wrap(seen.getBytes(StandardCharsets.UTF_8))));")
                .header("Provide-Capability", "dev.secretsengine.plugin;name=\"vault\";version=\"1.0.0\";"
                        + "pattern=\"vault/**\";enabled=\"false\"")
                .writeTo(built);
        startPreloaded();
        Files.move(built, home.data().resolve("runtime/vault.jar"));
        Poll.until("the jar is taken in", () -> home.pass("plugins", "ls", "-q").ok().contains("vault"));
    }

    @AfterEach
    void stopEngine() throws IOException {
        home.close();
    }

    /** Without the client, which does not hand such variables on. */
    private void startPreloaded() throws Exception {
        home.sh("LD_PRELOAD=" + preload + " KILL_AT=" + killAt + " " + home.installation().client()
                .resolveSibling("secrets-engine") + " --detached >/dev/null 2>&1 </dev/null &").ok();
        Poll.until("the engine is there", () -> home.pass("engine", "status").code() == 0);
    }

    private Outcome setUp(String values) throws IOException {
        return home.passWith(values.getBytes(UTF_8), "plugins", "vault", "setup", "--address", values);
    }

    @Test
    void pluginSeesAllOfTheOldOrAllOfTheNewWheneverTheEngineIsKilled() throws Exception {
        int change = 0;
        boolean survived = false;
        while (!survived) {
            change++;
            assertTrue(change < MOST_CHANGES, "it is never done");
            setUp("old").ok();
            assertEquals("old old", home.pass("get", "--reveal", "se://vault/key").ok());
            List<Long> engines = home.engines();
            Files.writeString(killAt, Integer.toString(change));
            Outcome outcome = setUp("new");
            // One that is killed before it is asked is started again by the client, and then it is done, too.
            survived = outcome.code() == 0 && home.engines().equals(engines);
            Files.delete(killAt);
            if (!survived) {
                home.pass("engine", "stop");
                Poll.until("the engine is gone", () -> home.engines().isEmpty());
                startPreloaded();
            }
            // It may be suspected of having ended the engine, and left off.
            home.pass("plugins", "enable", "vault").ok();
            String seen = home.pass("get", "--reveal", "se://vault/key").ok();
            assertTrue(seen.equals("old old") || seen.equals("new new"),
                    "killed before change " + change + ": " + seen);
        }
        assertEquals("new new", home.pass("get", "--reveal", "se://vault/key").ok());
        assertTrue(change > 4, "killed " + (change - 1) + " times only");
    }
}
