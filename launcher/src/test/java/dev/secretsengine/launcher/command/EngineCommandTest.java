package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(20)
class EngineCommandTest {

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

    private void log(String text) throws Exception {
        Files.writeString(commands.log(), text);
    }

    @ParameterizedTest
    @CsvSource({"-1,a;b;ü;", "0,''", "1,ü;", "2,b;ü;", "3,a;b;ü;", "9,a;b;ü;"})
    void showsTheLastLines(int tail, String expected) throws Exception {
        log("a\nb\nü\n");
        assertEquals(expected.replace(';', '\n'), commands.run("engine", "logs", "--tail", "" + tail).out());
    }

    @Test
    void countsALastLineWithoutItsEnd() throws Exception {
        log("a\nb\nc");
        assertEquals("c", commands.run("engine", "logs", "-n", "1").out());
        assertEquals("b\nc", commands.run("engine", "logs", "-n", "2").out());
        log("\n\n");
        assertEquals("\n", commands.run("engine", "logs", "-n", "1").out());
    }

    @Test
    void showsAllOfTheLogOrNothingWhereThereIsNone() throws Exception {
        assertEquals(new Commands.Outcome(0, "", ""), commands.run("engine", "logs"));
        log("a\nb\n");
        assertEquals("a\nb\n", commands.run("engine", "logs").out());
        assertEquals(2, commands.run("engine", "logs", "--tail", "few").code());
    }

    @Test
    void followsTheLogUntilTheClientGoes() throws Exception {
        log("a\nb\n");
        FakeSession session = FakeSession.of("engine", "logs", "-f", "-n", "1");
        Thread writer = Thread.ofPlatform().start(() -> {
            await(session, "b\n");
            append("c\n");
            await(session, "b\nc\n");
            session.cancellation().cancel();
        });
        assertEquals(0, commands.run(session));
        writer.join();
        assertEquals("b\nc\n", session.printed());
    }

    private void append(String text) {
        try {
            Files.writeString(commands.log(), text, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void await(FakeSession session, String printed) {
        while (!session.printed().equals(printed)) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    @Test
    void showsItsStatus() throws Exception {
        assertEquals("Status:  running\nPID:     12\n", commands.run("engine", "status").out());
        assertEquals("12\n", commands.run("engine", "status", "--format", "{{.PID}}").out());
        assertEquals("STATUS    PID\nrunning   12\n", commands.run("engine", "status", "--format", "table").out());
    }

    @Test
    void stopsWhenItIsTold() throws Exception {
        assertEquals(0, commands.run("engine", "start").code());
        assertFalse(commands.isStopped());
        assertEquals(new Commands.Outcome(0, "The engine has stopped\n", ""), commands.run("engine", "stop"));
        assertTrue(commands.isStopped());
    }

    @Test
    void resumesNothingWithoutADockerClient() throws Exception {
        Commands.Outcome outcome = commands.run("engine", "start", "--resume");
        assertEquals(0, outcome.code());
        assertEquals(commands.run("engine", "start").out()
                + "There is no docker client on the PATH: no container was resumed\n", outcome.out());
    }

    @Test
    void needsACommand() throws Exception {
        assertEquals(new Commands.Outcome(2, "",
                "docker-pass: a command is missing: see docker pass engine --help\n"), commands.run("engine"));
    }
}
