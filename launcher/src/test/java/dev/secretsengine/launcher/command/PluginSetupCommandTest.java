package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.Setting;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import dev.secretsengine.launcher.testing.FakeVault;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginSetupCommandTest {

    @TempDir
    Path folder;

    private final FakeVault vault = FakeVault.withToken("vault");
    private Commands commands;

    @BeforeEach
    void makeCommands() {
        commands = new Commands(folder);
        commands.plugins().plugin("vault", vault,
                Map.of("enabled", "false", "group", "safe", "hint", "docker pass plugins safe setup"));
        commands.plugins().plugin("safe-cli",
                new FakeVault("safe-cli", new Setting("address", false, "", "where it is")),
                Map.of("enabled", "false", "group", "safe"));
    }

    @AfterEach
    void close() {
        commands.close();
    }

    private Commands.Outcome piped(String input, String... line) throws Exception {
        FakeSession session = FakeSession.of(line).input(input);
        int code = commands.run(session);
        return new Commands.Outcome(code, session.printed(), session.errors());
    }

    private String rows() throws Exception {
        return commands.run("plugins", "ls", "--format", "{{.Name}} {{.Status}} {{.Message}}").out();
    }

    private Path written() {
        return folder.resolve("config/plugins.toml");
    }

    @Test
    void keepsWhatTheCheckTakesAndEnablesThePlugin() throws Exception {
        assertTrue(rows().contains("vault disabled docker pass plugins safe setup"), rows());
        assertEquals(new Commands.Outcome(0, "Plugin vault is set up and running\n", ""),
                piped("good one\n", "plugins", "vault", "setup", "--address", "https://other \"x\""));
        assertTrue(rows().contains("vault running"), rows());
        assertEquals("good one", commands.store().setting("vault", "token"));
        assertTrue(Files.readString(written()).contains("\naddress = \"https://other \\\"x\\\"\"\n"),
                Files.readString(written()));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(written())));
        assertEquals("https://other \"x\"", commands.run("get", "--reveal", "se://vault/address").out());
        assertEquals("", commands.run("ls").out());
    }

    @Test
    void asksOnATerminalOnceAndWithoutEcho() throws Exception {
        FakeSession session = FakeSession.of("plugins", "vault", "setup").terminal(0).answers("good");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of("hidden token: "), session.questions());
        FakeSession again = FakeSession.of("plugins", "vault", "setup", "--address=https://new").terminal(0)
                .answers("");
        assertEquals(0, commands.run(again), again.errors());
        assertEquals(List.of("hidden token (empty keeps the one that is stored): "), again.questions());
        assertEquals("good", commands.store().setting("vault", "token"));
        assertEquals("https://new", commands.run("get", "--reveal", "se://vault/address").out());
    }

    @Test
    void leavesEverythingAsItWasWhenTheCheckFails() throws Exception {
        assertEquals(new Commands.Outcome(5, "", "docker-pass: the vault refuses the token: make a new one\n"),
                piped("bad", "plugins", "vault", "setup", "--address", "https://other"));
        assertFalse(Files.exists(written()));
        assertEquals(List.of(), commands.store().ids());
        assertTrue(rows().contains("vault disabled"), rows());
        assertEquals(0, piped("good", "plugins", "vault", "setup").code());
        assertEquals(5, piped("bad", "plugins", "vault", "setup").code());
        assertEquals("good", commands.store().setting("vault", "token"));
        assertTrue(rows().contains("vault running"), rows());
    }

    @Test
    void changesNothingWhenTheStoreCannotKeepTheSecret() throws Exception {
        commands.run("ls");
        commands.store().become(LocalStore.State.LOCKED, "the keyring is locked");
        assertEquals(4, piped("good", "plugins", "vault", "setup", "--address", "x").code());
        assertFalse(Files.exists(written()));
    }

    @Test
    void neverTakesASecretAsAnArgument() throws Exception {
        for (String word : List.of("--token=good", "--token")) {
            Commands.Outcome outcome = piped("", "plugins", "vault", "setup", word, "hunter2");
            assertEquals(2, outcome.code());
            assertTrue(outcome.err().contains("never an argument"), outcome.err());
            assertFalse(outcome.err().contains("hunter2"), outcome.err());
        }
    }

    @Test
    void saysWhatIsWrongWithTheWords() throws Exception {
        assertEquals(new Commands.Outcome(2, "",
                "docker-pass: there is no option --adress: see docker pass plugins vault setup --help\n"),
                piped("good", "plugins", "vault", "setup", "--adress", "x"));
        assertEquals(2, piped("good", "plugins", "vault", "setup", "--address").code());
        assertEquals(1, piped("", "plugins", "vault", "setup", "--address", "x").code());
        assertEquals(3, piped("good", "plugins", "none", "setup").code());
        assertEquals(5, piped("good", "plugins", "docker-pass", "setup").code());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void printsTheSettingsOfThePluginAsHelp() throws Exception {
        Commands.Outcome help = piped("", "plugins", "vault", "setup", "--help");
        assertEquals(0, help.code(), help.err());
        assertTrue(help.out().startsWith("Usage: docker pass plugins vault setup [--address=VALUE]"), help.out());
        assertTrue(help.out().contains("where the vault is, 100% (https://vault)"), help.out());
        assertTrue(help.out().contains("token: what the vault knows you by"), help.out());
    }

    @Test
    void completesTheSettings() throws Exception {
        assertEquals("--address\twhere the vault is, 100% (https://vault)\n:4\n",
                commands.run("__complete", "pass", "plugins", "vault", "setup", "--").out());
        assertEquals("purge\tUndo its set-up.\nsetup\tSet the plugin up.\n:4\n",
                commands.run("__complete", "pass", "plugins", "vault", "").out());
        assertEquals(":0\n", commands.run("__complete", "pass", "plugins", "vault", "setup", "--address", "").out());
        for (List<String> line : List.of(List.of("vault", "setup", ""), List.of("vault", "purge", ""),
                List.of("enable", "vault", ""), List.of("none", "setup", "--"), List.of("ls", ""))) {
            List<String> words = new ArrayList<>(List.of("__complete", "pass", "plugins"));
            words.addAll(line);
            assertEquals(":4\n", commands.run(words.toArray(String[]::new)).out(), line::toString);
        }
    }

    @Test
    void completesGroupsWhereTheyAreTaken() throws Exception {
        for (List<String> line : List.of(List.of("sa"), List.of("setup", "sa"), List.of("purge", "sa"))) {
            List<String> words = new ArrayList<>(List.of("__complete", "pass", "plugins"));
            words.addAll(line);
            assertEquals("safe\tgroup\nsafe-cli\tdisabled\n:4\n", commands.run(words.toArray(String[]::new)).out());
        }
        assertEquals("safe-cli\tdisabled\n:4\n", commands.run("__complete", "pass", "plugins", "enable", "sa").out());
        assertEquals("docker-pass\trunning\n:4\n",
                commands.run("__complete", "pass", "plugins", "inspect", "do").out());
    }

    @Test
    void saysThatAGroupIsNoPlugin() throws Exception {
        for (String command : List.of("enable", "disable", "inspect")) {
            assertEquals(new Commands.Outcome(3, "",
                    "docker-pass: safe is a group of plugins: name one of safe-cli, vault\n"),
                    commands.run("plugins", command, "safe"));
        }
    }

    @Test
    void saysWhatStandsBehindPlugins() throws Exception {
        for (List<String> line : List.of(List.of("nonsense"), List.of("vault"), List.of("vault", "nonsense"))) {
            List<String> words = new ArrayList<>(List.of("plugins"));
            words.addAll(line);
            assertEquals(
                    new Commands.Outcome(2, "", "docker-pass: behind plugins stands ls, enable, disable, inspect or"
                            + " new, or a plugin's name and then setup or purge: see docker pass plugins --help\n"),
                    commands.run(words.toArray(String[]::new)));
        }
    }

    @Test
    void refusesAnEmptyPipeAsSetDoes() throws Exception {
        assertEquals(new Commands.Outcome(1, "", "docker-pass: standard input was empty and nothing was changed: pipe"
                + " the value of token in, or type it on a terminal\n"), piped("\n", "plugins", "vault", "setup"));
        assertEquals(1, piped("\n", "set", "x").code());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void leavesTheLocalStoreAlone() throws Exception {
        assertEquals("docker-pass: the plugin docker-pass is the local store and cannot be purged: docker pass rm --all"
                + " removes your secrets from it\n", commands.run("plugins", "docker-pass", "purge").err());
    }

    @Test
    void takesTheOneMemberOfAGroupThatHasASecret() throws Exception {
        commands.plugins().plugin("safe-plain", (pattern, context) -> List.of(), Map.of("group", "safe"));
        assertEquals("docker-pass: the plugin safe-plain has no settings: docker pass plugins enable safe-plain starts"
                + " it\n", piped("", "plugins", "safe-plain", "setup").err());
        assertEquals("Plugin vault is set up and running\n", piped("good", "plugins", "safe", "setup").out());
        assertTrue(rows().contains("safe-cli disabled"), rows());
    }

    @Test
    void setsUpWhatHasNoSecretWithoutReadingAnything() throws Exception {
        FakeSession session = FakeSession.of("plugins", "safe-cli", "setup", "--address", "here").terminal(0);
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of(), session.questions());
        assertTrue(rows().contains("safe-cli running"), rows());
    }

    @Test
    void readsSeveralSecretsFromAJsonObject() throws Exception {
        commands.plugins().plugin("two", new FakeVault("two", new Setting("address", false, "", "x"),
                new Setting("user", true, "", "x"), new Setting("password", true, "", "x")), Map.of());
        assertEquals(0, piped("{\"user\":\"good u\",\"password\":\"good p\"}", "plugins", "two", "setup").code());
        assertEquals("good p", commands.store().setting("two", "password"));
        for (String input : List.of("good", "[]", "{\"user\":1}", "{\"other\":\"good\"}", "{\"user\":\"good\"")) {
            assertEquals(1, piped(input, "plugins", "two", "setup").code(), input);
        }
        assertEquals("good u", commands.store().setting("two", "user"));
    }

    @Test
    void leavesTheUsersOwnFileAlone() throws Exception {
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "[plugins.vault]\naddress = \"https://mine\"\n");
        Commands.Outcome outcome = piped("good", "plugins", "vault", "setup", "--address", "x");
        assertEquals(1, outcome.code());
        assertTrue(outcome.err().contains("config.toml sets address in [plugins.vault], and wins"), outcome.err());
        assertEquals(0, piped("good", "plugins", "vault", "setup").code());
        assertEquals("https://mine", commands.run("get", "--reveal", "se://vault/address").out());
    }

    @Test
    void purgesAllThatIsLeftOfAPlugin() throws Exception {
        piped("good", "plugins", "vault", "setup", "--address", "x");
        Files.createDirectories(folder.resolve("state/plugin/vault/deep"));
        for (int i = 0; i < 2; i++) {
            assertEquals(new Commands.Outcome(0, "Plugin vault is purged\n", ""),
                    commands.run("plugins", "vault", "purge"));
            assertEquals(List.of(), commands.store().ids());
            assertFalse(Files.readString(written()).contains("vault]"));
            assertFalse(Files.exists(folder.resolve("state/plugin/vault")));
            assertTrue(rows().contains("vault disabled docker pass plugins safe setup"), rows());
        }
        assertEquals("Plugin safe-cli is purged\nPlugin vault is purged\n",
                commands.run("plugins", "safe", "purge").out());
        assertEquals(3, commands.run("plugins", "none", "purge").code());
        commands.store().with("docker/secrets-engine/plugins/gone/token", "x");
        assertEquals("Plugin gone is purged\n", commands.run("plugins", "gone", "purge").out());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void leavesAPluginAloneThatHasStoppedUntilItIsEnabledAgain() throws Exception {
        piped("good", "plugins", "vault", "setup");
        vault.die();
        assertEquals(5, commands.run("get", "se://vault/address").code());
        assertTrue(rows().contains("vault crashed the account is closed: open a new one"), rows());
        assertEquals(4, commands.run("get", "se://vault/address").code());
        assertEquals(0, commands.run("plugins", "enable", "vault").code());
        assertTrue(rows().contains("vault running"), rows());
        assertEquals(0, commands.run("get", "se://vault/address").code());
    }

    @Test
    void inspectsWithoutShowingASecret() throws Exception {
        piped("good", "plugins", "vault", "setup", "--address", "x");
        commands.run("get", "se://vault/address");
        vault.die();
        commands.run("get", "se://vault/address");
        String text = commands.run("plugins", "inspect", "vault").out();
        for (String line : List.of("Name: vault", "Group: safe", "Bundle: bundle-vault", "Setting address: x",
                "Setting token: set", "Status: crashed", "Last error: the account is closed: open a new one",
                "Calls: 2", "Failures: 1", "Cache hits: 7", "Cache misses: 8")) {
            assertTrue(text.contains(line + "\n") || text.endsWith(line + "\n"), line + " in " + text);
        }
        assertFalse(text.contains("good"), text);
        String json = commands.run("plugins", "inspect", "vault", "--format", "json").out();
        assertTrue(json.contains("\"settings\":{\"address\":\"x\",\"token\":\"set\"}"), json);
        assertEquals("2\n", commands.run("plugins", "inspect", "vault", "--format", "{{.Calls}}").out());
        assertTrue(commands.run("plugins", "inspect", "docker-pass").out().contains("Status: running"));
        assertEquals(3, commands.run("plugins", "inspect", "none").code());
        commands.run("plugins", "vault", "purge");
        assertTrue(commands.run("plugins", "inspect", "vault").out().contains("Status: disabled"));
    }
}
