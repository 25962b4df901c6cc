package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.Setting;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import dev.secretsengine.launcher.testing.FakeVault;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of values that are empty. */
class PluginSecretsTest {

    @TempDir
    Path folder;

    private Commands commands;

    @BeforeEach
    void makeCommands() throws Exception {
        commands = new Commands(folder);
        commands.plugins().plugin("vault", FakeVault.withToken("vault"), Map.of());
        commands.plugins().plugin("two", new FakeVault("two", new Setting("address", false, "", "x"),
                new Setting("user", true, "", "x"), new Setting("password", true, "", "x")), Map.of());
        assertEquals(0, piped("good", "vault").code());
        assertEquals(0, piped("{\"user\":\"good u\",\"password\":\"good p\"}", "two").code());
    }

    @AfterEach
    void close() {
        commands.close();
    }

    private Commands.Outcome piped(String input, String plugin, String... more) throws Exception {
        String[] line = new String[3 + more.length];
        System.arraycopy(new String[]{"plugins", plugin, "setup"}, 0, line, 0, 3);
        System.arraycopy(more, 0, line, 3, more.length);
        FakeSession session = FakeSession.of(line).input(input);
        int code = commands.run(session);
        return new Commands.Outcome(code, session.printed(), session.errors());
    }

    @Test
    void anEmptyPipeIsNoConsentToWhatIsStored() throws Exception {
        Commands.Outcome refused = new Commands.Outcome(1, "", "docker-pass: standard input was empty and nothing was "
                + "changed: pipe the value of token in, or type it on a terminal\n");
        assertEquals(refused, piped("", "vault"));
        assertEquals(refused, piped("\n", "vault"));
        assertEquals("good", commands.store().setting("vault", "token"));
    }

    @Test
    void anEmptyPipeLeavesTheSecretWhereAPlainSettingIsChanged() throws Exception {
        assertEquals(0, piped("", "vault", "--address", "https://a").code());
        assertEquals(0, piped("", "vault", "--address=https://b").code());
        assertEquals("https://b", commands.run("get", "--reveal", "se://vault/address").out());
        assertEquals("good", commands.store().setting("vault", "token"));
    }

    @Test
    void ofSeveralOneMayBeLeftOutButNotEmpty() throws Exception {
        assertEquals(1, piped("", "two").code());
        assertEquals(1, piped("{}", "two").code());
        assertEquals(
                new Commands.Outcome(1, "", "docker-pass: standard input had no value for password and nothing was "
                        + "changed: pipe the value of user, password in, or type it on a terminal\n"),
                piped("{\"user\":\"good v\",\"password\":\"\"}", "two"));
        assertEquals("good u", commands.store().setting("two", "user"));
        assertEquals(0, piped("{\"user\":\"good v\"}", "two").code());
        assertEquals("good v", commands.store().setting("two", "user"));
        assertEquals("good p", commands.store().setting("two", "password"));
    }

    @Test
    void refusesAValueWithHalfOfASurrogatePair() throws Exception {
        assertEquals(new Commands.Outcome(1, "",
                "docker-pass: the value of password in the JSON of standard input is not valid UTF-8 or has half of a "
                        + "surrogate pair: nothing was changed\n"),
                piped("{\"user\":\"good v\",\"password\":\"good \\ud800\"}", "two"));
        assertEquals("good u", commands.store().setting("two", "user"));
        assertEquals("good p", commands.store().setting("two", "password"));
    }

    @Test
    void anEmptyAnswerOnATerminalKeepsWhatIsStored() throws Exception {
        FakeSession session = FakeSession.of("plugins", "vault", "setup").terminal(0).answers("");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals("good", commands.store().setting("vault", "token"));
    }
}
