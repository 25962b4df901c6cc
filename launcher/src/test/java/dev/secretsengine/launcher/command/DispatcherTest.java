package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import dev.secretsengine.launcher.testing.MemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DispatcherTest {

    private static final String FALLBACK = "docker-pass: there is no Secret Service: secrets go to the age store from"
            + " now on (store = \"...\" in config.toml chooses another)\n";

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

    private void addAbsentKeychain() {
        MemoryStore keychain = new MemoryStore();
        keychain.become(LocalStore.State.ABSENT, "there is no Secret Service");
        commands.plugins().store("keychain", 10, keychain);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0   | set X=v
            0   | ls
            1   | get se://**
            1   | rm missing
            2   | ''
            2   | frobnicate
            2   | get
            2   | get a//b
            2   | ls --oops
            3   | get missing
            3   | get se://missing
            5   | get docker/secrets-engine/x
            5   | plugins disable docker-pass
            125 | run
            125 | run --oops -- true
            """)
    void answersTheExitCodeOfWhatHappened(int code, String line) throws Exception {
        commands.store().with("a", "v").with("b", "v");
        Commands.Outcome outcome = commands.run(line.isEmpty() ? new String[]{"pass"} : line.split(" "));
        assertEquals(code, outcome.code(), outcome.err());
    }

    @Test
    void ends4WhenTheStoreCannotBeReached() throws Exception {
        commands.store().become(LocalStore.State.LOCKED, "the keyring is locked");
        for (String[] line : List.of(new String[]{"ls"}, new String[]{"get", "X"}, new String[]{"set", "X=hunter2"})) {
            assertEquals(new Commands.Outcome(4, "", "docker-pass: the keyring is locked: unlock it\n"),
                    commands.run(line));
        }
        FakeSession run = FakeSession.of("run", "--", "env").reference("A", "se://x");
        assertEquals(125, commands.run(run));
        assertTrue(run.errors().contains("the keyring is locked"), run.errors());
    }

    @ParameterizedTest
    @ValueSource(strings = {"frobnicate", "sett X=hunter2", "pass -x ls", "ls --oops=hunter2", "engine frob",
            "get a b c", "get --format", "rm --all --oops", "plugins enable a b"})
    void saysInOneLineWhatIsWrongAndWhereToLook(String line) throws Exception {
        Commands.Outcome outcome = commands.run(line.split(" "));
        assertEquals(2, outcome.code());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertTrue(outcome.err().startsWith("docker-pass: ") && outcome.err().endsWith(" --help\n"), outcome.err());
    }

    @Test
    void neverShowsWhatAMistypedSetWouldHaveStored() throws Exception {
        for (String name : List.of("sett", "Set", "put")) {
            Commands.Outcome outcome = commands.run(name, "X=hunter2");
            assertEquals(2, outcome.code());
            assertFalse(outcome.err().contains("hunter2"), outcome.err());
        }
    }

    @Test
    void showsTheStackTraceOnlyWhenAsked() throws Exception {
        assertTrue(commands.run("--debug", "pass", "get", "missing").err().contains("\n    at dev.secretsengine."));
        assertEquals(1, commands.run("pass", "get", "missing").err().lines().count());
    }

    @Test
    void takesArgumentsAsTheyAreAndReadsNoFiles() throws Exception {
        Path file = Files.writeString(folder.resolve("list"), "X=hunter2");
        Commands.Outcome outcome = commands.run("set", "@" + file);
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void remembersNothingOfTheLineBefore() throws Exception {
        commands.store().with("a", "one").with("b", "two");
        assertEquals("one", commands.run("get", "a", "--reveal").out());
        assertEquals("ID: b\nValue: **********\n", commands.run("get", "b").out());
        assertEquals(2, commands.run("get").code());
        assertEquals("a\n", commands.run("ls", "a", "--quiet").out());
        assertEquals("a\nb\n", commands.run("ls").out());
        assertEquals(0, commands.run("rm", "a").code());
        assertEquals(2, commands.run("rm").code());
    }

    @Test
    void announcesTheFallbackOnce() throws Exception {
        addAbsentKeychain();
        assertEquals(new Commands.Outcome(0, "", FALLBACK), commands.run("set", "X=v"));
        assertEquals(new Commands.Outcome(0, "X\n", ""), commands.run("ls"));
        assertTrue(commands.run("plugins", "ls").out().contains("there is no Secret Service"));
    }

    @Test
    void announcesTheFallbackBeforeACommandIsRun() throws Exception {
        addAbsentKeychain();
        commands.store().with("x", "v");
        FakeSession session = FakeSession.of("run", "--", "env").reference("A", "se://x");
        assertEquals(0, commands.run(session));
        assertEquals(2, session.became());
        assertEquals(FALLBACK, session.errors());
    }

    @Test
    void logsNoValue() throws Exception {
        StringBuilder log = new StringBuilder();
        Handler handler = new Handler() {

            @Override
            public void publish(LogRecord record) {
                log.append(new SimpleFormatter().format(record));
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
        Logger root = Logger.getLogger("");
        Level before = root.getLevel();
        root.setLevel(Level.ALL);
        root.addHandler(handler);
        try {
            List<FakeSession> sessions = new ArrayList<>();
            sessions.add(FakeSession.of("set", "X=hunter2", "--metadata", "hunter2=hunter2"));
            sessions.add(FakeSession.of("set", "Y").input("hunter2"));
            sessions.add(FakeSession.of("set", "Z").input("{\"secret\":\"hunter2\",\"metadata\":[\"hunter2\"]}"));
            sessions.add(FakeSession.of("hunter2", "X=hunter2"));
            sessions.add(FakeSession.of("get", "X", "--reveal", "--format", "json"));
            sessions.add(FakeSession.of("run", "--env-file", "f", "--", "hunter2").reference("A", "se://X").file("f",
                    "B='hunter2'\n"));
            for (FakeSession session : sessions) {
                commands.run(session);
            }
        } finally {
            root.removeHandler(handler);
            root.setLevel(before);
        }
        assertTrue(log.toString().contains("set ended with 0"), "it was listened to");
        assertFalse(log.toString().contains("hunter2"), log.toString());
    }
}
