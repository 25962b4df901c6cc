package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import dev.secretsengine.launcher.testing.MemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From the active store, age, to another one. */
class MigrateCommandTest {

    private static final String HINT = "docker-pass: what was moved is found once keychain is the active store:"
            + " set store = \"keychain\" in config.toml\n";
    private static final String TOKEN = "docker/secrets-engine/plugins/vault/token";

    @TempDir
    Path folder;

    private final MemoryStore keychain = new MemoryStore();
    private Commands commands;
    private MemoryStore age;

    @BeforeEach
    void makeCommands() throws Exception {
        commands = new Commands(folder);
        commands.plugins().store("keychain", 0, keychain);
        age = commands.store();
        commands.run("ls");
    }

    @AfterEach
    void close() {
        commands.close();
    }

    private Commands.Outcome migrate(String... more) throws Exception {
        String[] line = new String[more.length + 5];
        System.arraycopy(new String[]{"migrate", "--from", "age", "--to", "keychain"}, 0, line, 0, 5);
        System.arraycopy(more, 0, line, 5, more.length);
        return commands.run(line);
    }

    @Test
    void movesEverythingAndSaysWhatToDoNext() throws Exception {
        commands.run("set", "b=2", "--metadata", "owner=alice");
        age.with("a", "1").with(TOKEN, "t");
        assertEquals(new Commands.Outcome(0, "MOVED: a\nMOVED: b\nMOVED: " + TOKEN + "\n", HINT), migrate());
        assertEquals(List.of(), age.ids());
        assertEquals(List.of("a", "b", TOKEN), keychain.ids());
        assertEquals("2", keychain.text("b"));
        assertEquals(Map.of("owner", "alice"), keychain.metadata("b"));
        assertEquals("", commands.run("ls").out(), "age is the active store still");
        Files.createDirectories(folder.resolve("config"));
        Files.writeString(folder.resolve("config/config.toml"), "store = \"keychain\"\n");
        assertEquals("a\nb\n", commands.run("ls").out(), "the hint is true");
    }

    @Test
    void movesWhatThePatternMatchesButNothingOfTheEngines() throws Exception {
        age.with("x/a", "1").with("x/b/c", "2").with("y", "3").with(TOKEN, "t");
        assertEquals(new Commands.Outcome(0, "MOVED: x/a\n", HINT), migrate("x/*"));
        assertEquals(new Commands.Outcome(0, "", "docker-pass: there is nothing to move in age\n"),
                migrate("docker/**"));
        assertEquals(List.of(TOKEN, "x/b/c", "y"), age.ids());
    }

    @Test
    void goesOnAfterAFailure() throws Exception {
        age.with("a", "1").with("b", "2").with("c", "3");
        keychain.with("b", "other");
        age.stick("c");
        assertEquals(new Commands.Outcome(1, """
                MOVED: a
                ERR: b: keychain has another value or other metadata of it: --force replaces that
                ERR: c: the disk is full: make room
                """, HINT), migrate());
        assertEquals(List.of("b", "c"), age.ids());
        assertEquals("other", keychain.text("b"));
        assertEquals(new Commands.Outcome(1, """
                MOVED: b
                ERR: c: the disk is full: make room
                """, HINT), migrate("--force"));
        assertEquals("2", keychain.text("b"));
        assertEquals("3", keychain.text("c"), "it is in both");
    }

    @Test
    void takesUpWhereItWasKilled() throws Exception {
        age.with("both", "1").with("left", "2");
        keychain.with("both", "1").with("moved", "0");
        assertEquals(new Commands.Outcome(0, "MOVED: both\nMOVED: left\n", HINT), migrate());
        assertEquals(List.of("both", "left", "moved"), keychain.ids());
        assertEquals(List.of(), age.ids());
    }

    @Test
    void changesNothingWhenItOnlyLooks() throws Exception {
        age.with("a", "1").with("b", "2");
        keychain.with("b", "other");
        assertEquals(new Commands.Outcome(1, """
                MOVE: a
                ERR: b: keychain has another value or other metadata of it: --force replaces that
                """, ""), migrate("--dry-run"));
        assertEquals(List.of("a", "b"), age.ids());
        assertEquals(List.of("b"), keychain.ids());
    }

    @Test
    void printsFailuresOnlyWhenQuiet() throws Exception {
        age.with("a", "1").with("b", "2");
        keychain.with("b", "other");
        assertEquals(new Commands.Outcome(1, "ERR: b: keychain has another value or other metadata of it:"
                + " --force replaces that\n", ""), migrate("-q"));
        assertEquals(new Commands.Outcome(0, "", ""), migrate("-q", "none"));
    }

    @Test
    void needsNoHintWhereTheNewStoreIsTheActiveOne() throws Exception {
        keychain.with("a", "1");
        assertEquals(new Commands.Outcome(0, "MOVED: a\n", ""),
                commands.run("migrate", "--from", "keychain", "--to", "age"));
        assertEquals("a\n", commands.run("ls").out());
    }

    @Test
    void refusesWhatMakesNoSense() throws Exception {
        age.with("a", "1");
        assertEquals(new Commands.Outcome(2, "", "docker-pass: --from and --to name the same store\n"),
                commands.run("migrate", "--from", "age", "--to", "age"));
        assertEquals(new Commands.Outcome(2, "", "docker-pass: there is no such store: take one of age, keychain\n"),
                commands.run("migrate", "--from", "age", "--to", "vault"));
        assertEquals(2, commands.run("migrate", "--from", "age").code());
        assertEquals(2, migrate("bad//pattern").code());
        assertEquals(2, migrate("a", "b").code());
        assertEquals(List.of("a"), age.ids());
    }

    @Test
    void saysThatAStoreCannotBeUsed() throws Exception {
        age.with("a", "1");
        keychain.become(State.ABSENT, "there is no session bus");
        assertEquals(new Commands.Outcome(4, "",
                "docker-pass: the store keychain cannot be used: there is no session bus\n"), migrate());
        keychain.become(State.LOCKED, "it is locked");
        assertEquals(new Commands.Outcome(4, "", "docker-pass: it is locked: unlock it\n"), migrate());
        assertEquals(List.of("a"), age.ids());
    }

    @Test
    void showsProgressOfLongWorkOnATerminal() throws Exception {
        for (int i = 0; i < 11; i++) {
            age.with(String.format("s%02d", i), "1");
        }
        FakeSession session = FakeSession.of("migrate", "--from", "age", "--to", "keychain").terminal(2);
        assertEquals(0, commands.run(session));
        assertTrue(session.errors().contains("moved 1 of 11"), session.errors());
        assertTrue(session.errors().endsWith("moved 11 of 11\r\033[K" + HINT), session.errors());
        assertEquals(11, session.printed().lines().count());
    }

    @Test
    void completesTheStores() throws Exception {
        assertEquals("age\nkeychain\n:4\n", commands.run("__complete", "pass", "migrate", "--from", "").out());
        assertEquals("keychain\n:4\n",
                commands.run("__complete", "pass", "migrate", "--from", "age", "--to", "k").out());
    }
}
