package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.launcher.testing.Commands;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginsCommandTest {

    @TempDir
    Path folder;

    private Commands commands;

    @BeforeEach
    void makeCommands() {
        commands = new Commands(folder);
        commands.plugins().plugin("vault", new Nothing());
    }

    @AfterEach
    void close() {
        commands.close();
    }

    /** A provider without secrets. */
    private record Nothing() implements SecretsProvider {

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of();
        }
    }

    @Test
    void listsEveryPlugin() throws Exception {
        commands.run("ls");
        assertEquals(new Commands.Outcome(0, """
                NAME          VERSION   PATTERN    CONFIGURABLE   STATUS    MESSAGE
                docker-pass   1         **         false          running   store: age
                vault         2.1       vault/**   true           running
                """, ""), commands.run("plugins", "ls"));
        assertEquals("docker-pass\nvault\n", commands.run("plugin", "list", "-q").out());
        assertEquals("vault running\n", commands.run("plugins", "ls", "--format", "{{.Name}} {{.Status}}").out().lines()
                .skip(1).findFirst().orElseThrow() + "\n");
    }

    @Test
    void printsTheKeysThatTheSpecificationNames() throws Exception {
        assertEquals("{\"name\":\"vault\",\"version\":\"2.1\",\"pattern\":\"vault/**\",\"configurable\":true,"
                + "\"external\":false,\"bundle\":\"bundle-vault\",\"status\":\"running\",\"message\":\"\"}",
                commands.run("plugins", "ls", "--format", "json").out().lines().skip(1).findFirst().orElseThrow());
    }

    @Test
    void reportsWhatIsWrongWithTheDropFolders() throws Exception {
        commands.plugins().problem("nothing is loaded from /x: it can be written by others");
        Commands.Outcome outcome = commands.run("plugins", "ls", "-q");
        assertEquals(0, outcome.code());
        assertEquals("docker-pass: nothing is loaded from /x: it can be written by others\n", outcome.err());
    }

    @Test
    void switchesAPluginOffAndOn() throws Exception {
        assertEquals(new Commands.Outcome(0, "Plugin vault is disabled\n", ""),
                commands.run("plugins", "disable", "vault"));
        assertEquals("vault disabled", row());
        assertEquals(new Commands.Outcome(0, "Plugin vault is enabled\n", ""),
                commands.run("plugins", "enable", "vault"));
        assertEquals("vault running", row());
    }

    private String row() throws Exception {
        return commands.run("plugins", "ls", "--format", "{{.Name}} {{.Status}}").out().lines().skip(1).findFirst()
                .orElseThrow();
    }

    @Test
    void keepsTheStoreOn() throws Exception {
        for (String verb : List.of("disable", "enable")) {
            Commands.Outcome outcome = commands.run("plugins", verb, "docker-pass");
            assertEquals(new Commands.Outcome(5, "", "docker-pass: the plugin docker-pass is always on: it is not"
                    + " configurable; store = \"...\" in config.toml chooses where it keeps secrets\n"), outcome);
        }
    }

    @Test
    void refusesWhatItDoesNotKnow() throws Exception {
        assertEquals(new Commands.Outcome(3, "",
                "docker-pass: there is no plugin \"no\": docker pass plugins ls lists them\n"),
                commands.run("plugins", "disable", "no"));
        assertEquals(2, commands.run("plugins").code());
        assertEquals(2, commands.run("plugins", "enable").code());
        assertEquals(2, commands.run("plugins", "frobnicate").code());
        assertEquals(2, commands.run("plugins", "ls", "--format", "{{.Nope}}").code());
    }
}
