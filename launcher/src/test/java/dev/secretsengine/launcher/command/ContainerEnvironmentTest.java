package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContainerEnvironmentTest {

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

    @Test
    void answersReferencesAndNamesOfSecrets() throws Exception {
        commands.store().with("a/b", "one=1\n").with("GH_TOKEN", "123");
        FakeSession session = FakeSession.of("__environment", "GH_TOKEN", "DEBUG").reference("A", "se://a/b");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of("A=one=1\n", "GH_TOKEN=123"), session.variables());
        assertEquals("", session.printed() + session.errors());
        assertEquals(-1, session.became());
    }

    @Test
    void sendsNothingWhenOneReferenceFails() throws Exception {
        commands.store().with("a", "hunter2").with("GH_TOKEN", "hunter2");
        FakeSession session = FakeSession.of("__environment", "GH_TOKEN").reference("A", "se://a").reference("NONE",
                "se://no");
        assertEquals(1, commands.run(session));
        assertEquals(List.of(), session.variables());
        assertTrue(session.errors().startsWith("NONE=se://no: there is no secret no: "), session.errors());
        assertEquals(1, session.errors().lines().count());
    }

    @Test
    void tellsAStoreThatCannotBeUsedFromASecretThatIsNotThere() throws Exception {
        commands.store().become(LocalStore.State.LOCKED, "the keychain is locked");
        FakeSession session = FakeSession.of("__environment").reference("A", "se://a");
        assertEquals(4, commands.run(session));
        assertTrue(session.errors().startsWith("A=se://a: the keychain is locked"), session.errors());
    }

    @Test
    void leavesNamesAloneThatItCannotAnswer() throws Exception {
        commands.store().with("docker/secrets-engine/x", "hunter2").with("a", "1");
        assertEquals(0, commands.run("ls").code(), "the store is chosen");
        FakeSession session = FakeSession.of("__environment", "docker/secrets-engine/x", "no ID", "**", "a/*", "", "a");
        assertEquals(0, commands.run(session), session.errors());
        assertEquals(List.of("a=1"), session.variables());
        commands.store().become(LocalStore.State.LOCKED, "the keychain is locked");
        FakeSession locked = FakeSession.of("__environment", "a");
        assertEquals(0, commands.run(locked), locked.errors());
        assertEquals(List.of(), locked.variables());
        assertEquals("", locked.errors());
    }

    @Test
    void choosesNoStoreForANameThatNobodyNeeds() throws Exception {
        commands.store().with("a", "1");
        FakeSession session = FakeSession.of("__environment", "b");
        assertEquals(0, commands.run(session));
        FakeSession status = FakeSession.of("plugins", "ls", "--format", "{{.Message}}");
        assertEquals(0, commands.run(status));
        assertTrue(status.printed().contains("the first use chooses the store"), status.printed());
    }
}
