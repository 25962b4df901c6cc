package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RunCommandTest {

    @TempDir
    Path folder;

    private Commands commands;

    @BeforeEach
    void makeCommands() {
        commands = new Commands(folder);
    }

    @AfterEach
    void close() {
        commands.close();
    }

    private static FakeSession line(String line) {
        return FakeSession.of(line.split(" "));
    }

    private void assertFails(FakeSession session, String errors) throws IOException {
        assertEquals(125, commands.run(session));
        assertEquals(errors, session.errors());
        assertEquals(List.of(), session.variables(), "nothing is sent");
        assertEquals(-1, session.became());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            run -- env                             | 2
            run env                                | 1
            pass run -- env                        | 3
            -D --context x pass run -- env -u A    | 6
            run -- sh -c true -- x                 | 2
            run sh -- x                            | 1
            run -- -x                              | 2
            run sh --env-file a -h                 | 1
            run -- run -- run                      | 2
            run --env-file f --env-file=f -- env   | 5
            run --env-file f env                   | 3
            run -- help                            | 2
            run -- X=hunter2 se://x                | 2
            """)
    void becomesTheCommand(String line, int index) throws Exception {
        FakeSession session = line(line).file("f", "");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(index, session.became());
        assertEquals(List.of(), session.variables());
        assertEquals("", session.printed() + session.errors());
    }

    @Test
    void passesArgumentsOnThatLookLikeNamesOfFiles() throws Exception {
        Path words = Files.writeString(folder.resolve("words"), "some words of a file");
        FakeSession session = FakeSession.of("run", "--", "curl", "-d", "@" + words);
        assertEquals(0, commands.run(session));
        assertEquals(2, session.became());
    }

    @Test
    void sendsTheResolvedVariables() throws Exception {
        commands.store().with("a/b", "one=1\n").with("c", "");
        FakeSession session = line("run -- env").reference("A", "se://a/b").reference("B", "se://*/b")
                .reference("C", "se://c");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of("A=one=1\n", "B=one=1\n", "C="), session.variables());
        assertEquals(2, session.became());
    }

    @Test
    void letsLaterFilesWinOverEarlierOnesAndOverTheEnvironment() throws Exception {
        commands.store().with("a", "of a").with("b", "of b");
        FakeSession session = line("run --env-file 1 --env-file 2 -- env").reference("KEPT", "se://a")
                .reference("PLAIN", "se://missing").reference("OTHER", "se://missing")
                .file("1", "# first\nPLAIN=se://missing\nONE=1\nBOTH=1\nOTHER=plain\n")
                .file("2", "export PLAIN='text'\nBOTH=\"2\\n\"\nOTHER=se://b\nEMPTY=\n");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of("BOTH=2\n", "EMPTY=", "KEPT=of a", "ONE=1", "OTHER=of b", "PLAIN=text"),
                session.variables());
        assertEquals(6, session.became());
    }

    @Test
    void sendsNothingWhenOneReferenceFails() throws Exception {
        commands.store().with("a", "hunter2").with("b", "hunter2");
        FakeSession session = line("run --env-file f -- env").reference("A", "se://a").reference("NONE", "se://no")
                .reference("MANY", "se://*").reference("BAD", "se://x//y").reference("BARE", "se://")
                .file("f", "PLAIN=hunter2\nFILE=se://nope\n");
        assertEquals(125, commands.run(session));
        assertEquals(List.of(), session.variables());
        assertEquals(-1, session.became());
        List<String> lines = session.errors().lines().sorted().toList();
        assertEquals(5, lines.size(), session.errors());
        assertTrue(lines.get(0).startsWith("docker-pass: BAD=se://x//y: "), lines.get(0));
        assertTrue(lines.get(1).startsWith("docker-pass: BARE=se://: "), lines.get(1));
        assertTrue(lines.get(2).startsWith("docker-pass: FILE=se://nope: "), lines.get(2));
        assertEquals("docker-pass: MANY=se://*: matches 2 secrets (a from docker-pass, b from docker-pass):"
                + " name exactly one", lines.get(3));
        assertTrue(lines.get(4).startsWith("docker-pass: NONE=se://no: "), lines.get(4));
        assertFalse(session.errors().contains("hunter2"));
    }

    @Test
    void refusesANulOnItsWayIntoTheEnvironment() throws Exception {
        commands.store().with("x", new byte[]{'h', 0, 'i'});
        assertFails(line("run -- env").reference("A", "se://x"),
                "docker-pass: A=se://x: has a NUL byte in its value and cannot go into an environment:"
                        + " store it without\n");
        assertFails(line("run --env-file f -- env").file("f", "A=1\nB=h\0i\n"),
                "docker-pass: f: the value of B has a NUL byte\n");
    }

    @Test
    void namesTheFileThatCannotBeUsed() throws Exception {
        assertFails(line("run --env-file no -- env"), "docker-pass: cannot read no: No such file or directory\n");
        FakeSession session = line("run --env-file f --env-file g -- env").file("f", "A=hunter2\n").file("g",
                "A=1\nB='hunter2\n");
        assertEquals(125, commands.run(session));
        assertTrue(session.errors().startsWith("docker-pass: g:2: "), session.errors());
        assertFalse(session.errors().contains("hunter2"), session.errors());
        assertEquals(1, session.errors().lines().count());
    }

    @Test
    void endsWith125WhenItIsMisused() throws Exception {
        assertFails(line("run"), "docker-pass: a command is missing: docker pass run -- COMMAND [ARG...]\n");
        assertFails(line("run --"), "docker-pass: a command is missing: docker pass run -- COMMAND [ARG...]\n");
        FakeSession session = line("run --oops -- env");
        assertEquals(125, commands.run(session));
        assertEquals(-1, session.became());
        assertEquals(1, session.errors().lines().count());
    }

    @Test
    void neverResolvesTheEnginesOwnIds() throws Exception {
        commands.store().with("docker/secrets-engine/x", "hunter2");
        FakeSession session = line("run -- env").reference("A", "se://docker/secrets-engine/x");
        assertEquals(125, commands.run(session));
        assertEquals(List.of(), session.variables());
    }
}
