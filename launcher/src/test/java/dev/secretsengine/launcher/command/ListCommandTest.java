package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.MemoryStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ListCommandTest {

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

    private void fill() {
        MemoryStore store = commands.store();
        for (String id : new String[]{"b", "a/b", "a", "B", "a/b/c", "docker/secrets-engine/x", "docker/x"}) {
            store.with(id, "VALUE");
        }
    }

    @Test
    void listsIdsSortedAndHidesTheEnginesOwn() throws Exception {
        fill();
        Commands.Outcome expected = new Commands.Outcome(0, "B\na\na/b\na/b/c\nb\ndocker/x\n", "");
        assertEquals(expected, commands.run("ls"));
        assertEquals(expected, commands.run("pass", "list"));
        assertEquals(expected, commands.run("ls", "-q"));
        assertEquals(expected, commands.run("ls", "--quiet", "--format", "json"));
    }

    @ParameterizedTest
    @CsvSource({"a/*,a/b", "a,a", "docker/**,docker/x", "docker/secrets-engine/**,''", "nothing/*,''"})
    void listsWhatThePatternMatches(String pattern, String expected) throws Exception {
        fill();
        assertEquals(expected, commands.run("ls", pattern).out().strip());
    }

    @Test
    void printsNothingForAnEmptyStore() throws Exception {
        assertEquals(new Commands.Outcome(0, "", ""), commands.run("ls"));
        assertEquals(new Commands.Outcome(0, "", ""), commands.run("ls", "--format", "json"));
        assertEquals(new Commands.Outcome(0, "ID   CREATED AT   MODIFIED AT   METADATA\n", ""),
                commands.run("ls", "--format", "table"));
    }

    @Test
    void printsOtherForms() throws Exception {
        assertEquals(0, commands.run("set", "x/y=VALUE", "--metadata", "b=2", "--metadata", "a=1").code());
        assertEquals("""
                ID    CREATED AT             MODIFIED AT   METADATA
                x/y   2026-01-02T03:04:05Z                 a=1,b=2
                """, commands.run("ls", "--format", "table").out());
        assertEquals("{\"id\":\"x/y\",\"createdAt\":\"2026-01-02T03:04:05Z\",\"metadata\":{\"a\":\"1\",\"b\":\"2\"}}\n",
                commands.run("ls", "--format", "json").out());
        assertEquals("x/y: a=1,b=2\n", commands.run("ls", "--format", "{{.ID}}: {{.Metadata}}").out());
        assertEquals("ID\nx/y\n", commands.run("ls", "--format", "table {{.ID}}").out());
    }

    @Test
    void refusesAPatternOrTemplateThatMakesNoSense() throws Exception {
        Commands.Outcome pattern = commands.run("ls", "a**");
        assertEquals(2, pattern.code());
        assertTrue(pattern.err().contains("a wildcard must be a whole component at position 2"), pattern.err());
        assertEquals(new Commands.Outcome(2, "", "docker-pass: the template does not know {{.Value}}: the fields are"
                + " .ID, .CreatedAt, .ModifiedAt, .Metadata\n"), commands.run("ls", "--format", "{{.Value}}"));
        assertEquals(2, commands.run("ls", "a", "b").code());
    }
}
