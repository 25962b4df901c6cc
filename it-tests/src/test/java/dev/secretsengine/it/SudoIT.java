package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Root behind sudo, root in a user's home, and what root leaves there. */
@ParameterizedClass
@MethodSource("dev.secretsengine.it.Installation#clients")
class SudoIT {

    private static final String REMEDY = "run it without sudo, or sudo -H docker pass ls for root's own secrets";

    private final OtherUser user;
    private final Path rootHome;

    SudoIT(Installation installation) throws IOException {
        user = new OtherUser(installation);
        rootHome = Path.of(Sandbox.root("mktemp", "-d").ok().strip());
        Sandbox.root("mkdir", "-p", rootHome + "/.config/secrets-engine").ok();
        Sandbox.root("cp", user.home() + "/.config/secrets-engine/config.toml", rootHome + "/.config/secrets-engine")
                .ok();
    }

    @AfterEach
    void remove() throws IOException {
        try (user) {
            asRoot(List.of("HOME=" + user.home(), "XDG_RUNTIME_DIR=" + user.home()), "engine", "stop");
            asRoot(List.of("HOME=" + rootHome), "engine", "stop");
            Sandbox.root("rm", "-rf", rootHome.toString()).ok();
        }
    }

    private Outcome asRoot(List<String> variables, String... words) throws IOException {
        List<String> line = new ArrayList<>(List.of("env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin"));
        line.addAll(variables);
        line.add(user.installation().client().toString());
        line.addAll(Arrays.asList(words));
        return Sandbox.root(line.toArray(String[]::new));
    }

    /** As sudo sets it up, called by the user. */
    private Outcome sudo(String variable, String... words) throws IOException {
        return asRoot(List.of("SUDO_UID=" + OtherUser.UID, "SUDO_USER=alice", "HOME=" + rootHome, variable), words);
    }

    private String filesOf(Path home) throws IOException {
        return Sandbox.root("find", home.toString(), "-printf", "%p %u %T@\n").ok();
    }

    @ParameterizedTest
    @ValueSource(strings = {"HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME",
            "XDG_RUNTIME_DIR"})
    void rootIsRefusedInAFolderOfWhoCalledSudo(String variable) throws IOException {
        Path folder = variable.equals("XDG_DATA_HOME") ? user.home().resolve("not/yet") : user.home();
        String before = filesOf(user.home());
        for (List<String> words : List.of(List.of("ls"), List.of("set", "a=1"), List.of("engine", "start"),
                List.of("engine", "stop"), List.of("engine", "logs"), List.of("plugins", "ls"))) {
            assertEquals("docker-pass: sudo kept " + variable + "=" + folder
                    + ": root would leave files there that you cannot read; " + REMEDY,
                    sudo(variable + "=" + folder, words.toArray(String[]::new)).failed(1));
        }
        assertEquals(125, sudo(variable + "=" + folder, "run", "--", "touch", user.home() + "/started").code());
        assertEquals(before, filesOf(user.home()));
    }

    @Test
    void whatNeedsNoEngineIsServed() throws IOException {
        String before = filesOf(user.home());
        String home = "HOME=" + user.home();
        assertTrue(sudo(home, "docker-cli-plugin-metadata").ok().contains("SchemaVersion"));
        assertTrue(sudo(home, "version").ok().startsWith("Version: "));
        assertTrue(sudo(home, "get", "--help").ok().contains("docker pass get"));
        assertTrue(sudo(home, "setup", "docker", "--nonsense").failed(2).contains("--nonsense"));
        assertEquals(before, filesOf(user.home()));
    }

    @Test
    void theFolderOfSecretsEngineHomeIsServed() throws IOException {
        String own = "SECRETS_ENGINE_HOME=" + rootHome + "/engine";
        List<String> variables = List.of("SUDO_UID=" + OtherUser.UID, "SUDO_USER=alice", "HOME=" + user.home(), own);
        assertEquals(0, asRoot(variables, "ls").code());
        assertEquals("The engine has stopped\n", asRoot(variables, "engine", "stop").ok());
    }

    @Test
    void rootsOwnSecretsAreNamedOnce() throws IOException {
        String note = "docker-pass: note: sudo: this uses root's secrets, not those of alice\n";
        Outcome set = sudo("A=1", "set", "a=1");
        assertEquals(note, set.err());
        Outcome get = sudo("SUDO_COMMAND=/usr/bin/docker pass get --reveal a", "get", "--reveal", "a");
        assertEquals("1", get.out());
        assertEquals(note, get.err());
        assertEquals("a\n", sudo("SUDO_COMMAND=/bin/bash", "ls").ok(), "in a shell of root's");
        assertEquals("", sudo("A=1", "__complete", "get", "").err());
        user.pass("get", "a").failed(3);
    }

    @Test
    void rootWhoCameWithoutSudoIsServedAndWhatIsLeftHasALine() throws IOException {
        List<String> job = List.of("HOME=" + user.home(), "XDG_RUNTIME_DIR=" + user.home());
        assertEquals("", asRoot(job, "set", "ofroot=1").ok());
        assertEquals("The engine has stopped\n", asRoot(job, "engine", "stop").ok());
        String line = user.pass("ls").failed(4);
        assertTrue(
                line.contains(" belongs to root: sudo chown -R nobody ")
                        && line.contains(" " + user.home() + "/.local "),
                line);
        assertEquals(line, user.pass("engine", "logs").failed(4));
        assertEquals(125, user.pass("run", "--", "true").code());
        repair(line);
        assertEquals("ofroot\n", user.pass("ls").ok());
        assertEquals("", user.pass("set", "ofuser=2").ok());
        assertEquals("1", user.pass("get", "--reveal", "ofroot").ok());
        assertTrue(user.pass("engine", "status").ok().contains("/.cache/docker-secrets-engine/engine.sock"));
    }

    @Test
    void anEngineOfRootThatIsLeftIsNamed() throws IOException {
        List<String> job = List.of("HOME=" + user.home(), "XDG_RUNTIME_DIR=" + user.home());
        assertEquals("", asRoot(job, "set", "ofroot=1").ok());
        repair(user.pass("ls").failed(4));
        String line = user.pass("ls").failed(4);
        assertTrue(line.contains(" is another user's, who was told nothing: "
                + (user.installation().isNative() ? "sudo kill " : "end the process that ")), line);
        assertEquals("The engine has stopped\n", asRoot(job, "engine", "stop").ok());
        assertEquals("ofroot\n", user.pass("ls").ok());
    }

    @Test
    void eachFileOfAnotherUserIsNamedWithTheCommandThatGivesItBack() throws IOException {
        assertEquals("", user.pass("set", "a=1").ok());
        user.pass("plugins", "disable", "docker-auth").ok();
        user.pass("engine", "stop").ok();
        for (String file : List.of(".local/state/secrets-engine/engine.lock", ".local/state/secrets-engine/start.lock",
                ".local/state/secrets-engine/store", ".local/state/secrets-engine/plugins",
                ".local/state/secrets-engine/logs", ".local/state/secrets-engine/logs/engine.out",
                ".local/state/secrets-engine/logs/engine.log", ".local/state/secrets-engine",
                ".config/secrets-engine", ".config/secrets-engine/identity.txt", ".local/share/secrets-engine",
                ".local/share/secrets-engine/secrets", ".local/share/secrets-engine/secrets/a.age",
                ".cache/docker-secrets-engine", "secrets-engine")) {
            Sandbox.root("chown", "root:root", user.home().resolve(file).toString()).ok();
            String line = user.pass("get", "--reveal", "a").failed(4);
            assertTrue(line.contains(user.home().resolve(file) + " belongs to root: sudo chown -R nobody "), line);
            repair(line);
            assertEquals("1", user.pass("get", "--reveal", "a").ok(), file);
            assertEquals("The engine has stopped\n", user.pass("engine", "stop").ok());
        }
    }

    @Test
    void aSecretsFileThatBecomesAnotherUsersWhileTheEngineRuns() throws IOException {
        assertEquals("", user.pass("set", "a=1").ok());
        Sandbox.root("chown", "root", user.home() + "/.local/share/secrets-engine/secrets/a.age").ok();
        String line = user.pass("get", "--reveal", "a").failed(4);
        assertTrue(line.contains("/secrets/a.age belongs to root: sudo chown -R nobody "), line);
        assertEquals(line, user.pass("ls").failed(4));
        Outcome run = Outcome.of(user.process("env", "X=se://a", user.installation().client().toString(), "run", "--",
                "true"), new byte[0]);
        assertTrue(run.failed(125).endsWith(line.substring("docker-pass: ".length())), run::toString);
        repair(line);
        assertEquals("1", user.pass("get", "--reveal", "a").ok());
    }

    @Test
    void theLogHasWhyTheEngineDidNotStart() throws IOException {
        user.pass("engine", "start").ok();
        user.pass("engine", "stop").ok();
        Sandbox.root("chown", "root", user.home() + "/.config/secrets-engine").ok();
        String line = user.pass("ls").failed(4);
        String why = line.substring("docker-pass: the engine did not start: ".length());
        List<String> logged = user.pass("engine", "logs").ok().lines().toList();
        assertTrue(logged.getFirst().contains(" INFO "), logged::toString);
        assertEquals(why, logged.getLast());
    }

    /** Runs exactly what a line says. */
    private static void repair(String line) throws IOException {
        String command = line.substring(line.indexOf(": sudo ") + 2);
        Sandbox.root("sh", "-c", "sudo() { \"$@\"; }; " + command).ok();
    }
}
