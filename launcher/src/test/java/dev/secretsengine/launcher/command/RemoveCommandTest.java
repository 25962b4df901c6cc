package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RemoveCommandTest {

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

    private void fill(int count) {
        for (int i = 0; i < count; i++) {
            commands.store().with(String.format("s%02d", i), "VALUE");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rm", "delete", "erase", "remove"})
    void removesByEveryName(String name) throws Exception {
        fill(3);
        assertEquals(new Commands.Outcome(0, "RM: s02\nRM: s00\n", ""), commands.run("pass", name, "s02", "s00"));
        assertEquals(List.of("s01"), commands.store().ids());
    }

    @Test
    void goesOnAfterAFailure() throws Exception {
        fill(3);
        commands.store().stick("s00");
        assertEquals(new Commands.Outcome(1, """
                ERR: s00: the disk is full: make room
                ERR: nothing: there is no such secret
                RM: s01
                """, ""), commands.run("rm", "s00", "nothing", "s01"));
        assertEquals(List.of("s00", "s02"), commands.store().ids());
    }

    @Test
    void tellsALockedStoreAndARefusalFromAMissingSecret() throws Exception {
        fill(3);
        commands.store().fail("s00", new SecretsException.Unavailable("s00", "the keychain is locked", "unlock it"));
        commands.store().fail("s01",
                new SecretsException.Denied("s01", "the unlock prompt was dismissed", "answer it"));
        assertEquals(4, commands.run("rm", "s00", "nothing", "s02").code());
        assertEquals(new Commands.Outcome(5, "ERR: s01: the unlock prompt was dismissed: answer it\n", ""),
                commands.run("rm", "s01"));
        assertEquals(1, commands.run("rm", "nothing").code());
    }

    @Test
    void sharesOneDeadlineAmongAllIds() throws Exception {
        fill(3);
        commands.run("rm", "s00", "s01", "s02");
        assertEquals(1, commands.store().removals().size());
    }

    @Test
    void needsEitherIdsOrAll() throws Exception {
        fill(1);
        for (String[] line : List.of(new String[]{"rm"}, new String[]{"rm", "--all", "s00"},
                new String[]{"rm", "-f"})) {
            Commands.Outcome outcome = commands.run(line);
            assertEquals(new Commands.Outcome(2, "",
                    "docker-pass: name the secrets to remove, or give --all, and not both\n"), outcome);
        }
        assertEquals(List.of("s00"), commands.store().ids());
    }

    @Test
    void removesNothingIfOneIdDoesNotParse() throws Exception {
        fill(1);
        assertEquals(2, commands.run("rm", "s00", "bad//id").code());
        assertEquals(5, commands.run("rm", "s00", "docker/secrets-engine/x").code());
        assertEquals(List.of("s00"), commands.store().ids());
    }

    @Test
    void removesAllWithoutAQuestionInAPipe() throws Exception {
        fill(12);
        commands.store().with("docker/secrets-engine/x", "VALUE");
        FakeSession piped = FakeSession.of("rm", "--all");
        assertEquals(0, commands.run(piped));
        assertEquals(List.of("docker/secrets-engine/x"), commands.store().ids(), "what belongs to the engine stays");
        assertEquals(12, piped.printed().lines().filter(line -> line.startsWith("RM: ")).count());
        assertEquals("", piped.errors(), "no progress in a pipe");
        assertEquals(List.of(), piped.questions());
    }

    @ParameterizedTest
    @ValueSource(strings = {"y", "Y", "yes", " Yes "})
    void removesAllOnATerminalOnceConfirmed(String answer) throws Exception {
        fill(2);
        FakeSession session = FakeSession.of("rm", "--all").terminal(0, 1, 2).answers(answer);
        assertEquals(0, commands.run(session));
        assertEquals(List.of("shown Remove all 2 secrets? They cannot be brought back. [y/N] "), session.questions());
        assertEquals("RM: s00\nRM: s01\n", session.printed());
        assertEquals("", session.errors(), "two are gone before anybody could read how far it is");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "n", "ye", "all"})
    void removesNothingOnATerminalUnlessConfirmed(String answer) throws Exception {
        fill(2);
        FakeSession session = FakeSession.of("rm", "--all").terminal(0, 1, 2).answers(answer);
        assertEquals(1, commands.run(session));
        assertEquals("docker-pass: nothing was removed\n", session.errors());
        assertEquals(2, commands.store().ids().size());
    }

    @Test
    void removesNothingWhenTheTerminalEndsBeforeAnAnswer() throws Exception {
        fill(1);
        assertEquals(1, commands.run(FakeSession.of("rm", "--all").terminal(0)));
        assertEquals(List.of("s00"), commands.store().ids());
    }

    @Test
    void doesNotAskWhenForcedOrWhenThereIsNothing() throws Exception {
        FakeSession empty = FakeSession.of("rm", "--all").terminal(0, 1, 2);
        assertEquals(0, commands.run(empty));
        fill(2);
        FakeSession forced = FakeSession.of("rm", "--all", "-f").terminal(0, 1, 2);
        assertEquals(0, commands.run(forced));
        assertEquals(List.of(), commands.store().ids());
        assertEquals(List.of(), empty.questions());
        assertEquals(List.of(), forced.questions());
    }

    @Test
    void showsProgressOfLongWorkOnATerminal() throws Exception {
        fill(11);
        FakeSession session = FakeSession.of("rm", "--all", "-f").terminal(2);
        assertEquals(0, commands.run(session));
        assertTrue(session.errors().contains("removed 1 of 11"), session.errors());
        assertTrue(session.errors().endsWith("removed 11 of 11\r\033[K"), session.errors());
        assertEquals(11, session.printed().lines().count());
    }
}
