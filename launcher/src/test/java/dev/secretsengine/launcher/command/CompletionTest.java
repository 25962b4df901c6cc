package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.launcher.testing.Commands;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CompletionTest {

    @TempDir
    Path folder;

    private Commands commands;

    @BeforeEach
    void makeCommands() {
        commands = new Commands(folder);
        commands.plugins().plugin("vault", new Nothing());
        commands.store().with("b/x", "hunter2").with("a", "hunter2").with("docker/secrets-engine/x", "hunter2");
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

    private String complete(String... words) throws Exception {
        String[] line = Stream.concat(Stream.of("__complete", "pass"), Stream.of(words)).toArray(String[]::new);
        Commands.Outcome outcome = commands.run(line);
        assertEquals(0, outcome.code());
        assertEquals("", outcome.err());
        return outcome.out();
    }

    private static String names(String completion) {
        return completion.lines().map(line -> line.split("\t")[0]).collect(Collectors.joining(" "));
    }

    @ParameterizedTest
    @CsvSource({"get,'a b/x :4'", "rm,'a b/x :4'", "erase,'a b/x :4'", "set,'a b/x :4'"})
    void completesSecrets(String command, String expected) throws Exception {
        assertEquals(expected, names(complete(command, "")));
    }

    @Test
    void completesWhatStartsWithThePrefix() throws Exception {
        assertEquals("b/x\n:4\n", complete("get", "b"));
        assertEquals("b/x\n:4\n", complete("rm", "a", "b/"));
        assertEquals(":4\n", complete("get", "no"));
        assertEquals(":4\n", complete("get", "docker/"));
    }

    @Test
    void completesCommandsWithTheirDescriptions() throws Exception {
        assertEquals("engine get identity ls migrate plugins rm run set setup unlock :4", names(complete("")));
        assertEquals("ls\tList the secrets of the local store.\n:4\n", complete("l"));
        assertEquals("disable enable inspect ls new purge setup vault :4", names(complete("plugins", "")));
    }

    @Test
    void completesBothSidesOfASwitch() throws Exception {
        assertEquals("--no-fill :4", names(complete("setup", "docker", "--no")));
        assertEquals("--fill :4", names(complete("setup", "docker", "--f")));
    }

    @Test
    void completesPluginsThatMayBeSwitched() throws Exception {
        assertEquals("vault\trunning\n:4\n", complete("plugins", "enable", ""));
        assertEquals("vault\trunning\n:4\n", complete("plugins", "disable", "v"));
    }

    @Test
    void completesOptions() throws Exception {
        String options = names(complete("get", "--"));
        assertTrue(options.contains("--format") && options.contains("--reveal"), options);
        assertEquals("--metadata :4", names(complete("set", "--m")));
    }

    @Test
    void leavesTheCommandOfRunToTheShell() throws Exception {
        assertEquals(":0\n", complete("run", ""));
        assertEquals(":0\n", complete("run", "--", "ca"));
        assertEquals("--env-file :4", names(complete("run", "--e")));
    }

    @Test
    void isSilentWhenTheStoreCannotAnswer() throws Exception {
        commands.store().become(LocalStore.State.LOCKED, "it is locked");
        assertEquals(":4\n", complete("get", ""));
    }

    @Test
    void answersWithoutThePrefixOfTheDockerClient() throws Exception {
        assertEquals("a\n:4\n", commands.run("__completeNoDesc", "get", "a").out());
        assertEquals("a\n:4\n", commands.run("__complete", "--debug", "pass", "get", "a").out());
    }
}
