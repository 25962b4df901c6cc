package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GetCommandTest {

    @TempDir
    Path folder;

    private Commands commands;

    @BeforeEach
    void makeCommands() {
        commands = new Commands(folder);
        commands.store().with("X", "VALUE");
    }

    @AfterEach
    void close() {
        commands.close();
    }

    /** Answers one ID. */
    private record Vault() implements SecretsProvider {

        @Override
        public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
            return List.of(Envelope.of(SecretId.parse("vault/x"), SecretValue.wrap("from vault".getBytes())));
        }
    }

    private String printed(String... line) throws Exception {
        Commands.Outcome outcome = commands.run(line);
        assertEquals("", outcome.err());
        assertEquals(0, outcome.code());
        return outcome.out();
    }

    @Test
    void masksTheValue() throws Exception {
        assertEquals("ID: X\nValue: **********\n", printed("get", "X"));
        assertEquals("ID: X\nValue: **********\n", printed("get", "se://X"));
    }

    @Test
    void revealsTheValueByteForByte() throws Exception {
        byte[] value = {0, (byte) 0xFF, 'a'};
        commands.store().with("binary", value);
        FakeSession piped = FakeSession.of("get", "--reveal", "binary");
        assertEquals(0, commands.run(piped));
        assertArrayEquals(value, piped.printedBytes());
        FakeSession terminal = FakeSession.of("get", "binary", "--reveal").terminal(1);
        assertEquals(0, commands.run(terminal));
        assertArrayEquals(new byte[]{0, (byte) 0xFF, 'a', '\n'}, terminal.printedBytes());
        assertEquals("VALUE", printed("get", "--reveal", "se://X"));
    }

    @Test
    void saysNothingOfTheValueInJsonUnlessItIsRevealed() throws Exception {
        String facts = "{\"id\":\"X\",\"plugin\":\"docker-pass\",\"version\":\"1.0\","
                + "\"createdAt\":\"2026-01-02T03:04:05Z\",\"metadata\":{}";
        assertEquals(facts + "}\n", printed("get", "X", "--format", "json"));
        assertEquals(facts + "}\n", printed("get", "X", "--format", "{{json .}}"));
        assertEquals(facts + ",\"value\":\"VALUE\"}\n", printed("get", "X", "--format", "json", "--reveal"));
        assertEquals(facts + "}\n", printed("get", "se://X", "--format", "json"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {{.ID}}                 | X
            {{.Value}}              | **********
            {{.ID}} {{.Plugin}}     | X docker-pass
            {{json .Value}}         | "**********"
            """)
    void rendersTemplates(String template, String expected) throws Exception {
        assertEquals(expected + "\n", printed("get", "X", "--format", template));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', value = {"{{.Value}}|VALUE", "{{json .Value}}|\"VALUE\""})
    void revealsInTemplates(String template, String expected) throws Exception {
        assertEquals(expected + "\n", printed("get", "X", "--reveal", "--format", template));
    }

    @ParameterizedTest
    @ValueSource(strings = {"table", "table {{.ID}}\\t{{.Value}}"})
    void revealsInTables(String format) throws Exception {
        String[] lines = printed("get", "X", "--reveal", "--format", format).split("\n");
        assertTrue(lines[0].startsWith("ID   VALUE"), lines[0]);
        assertTrue(lines[1].startsWith("X    VALUE"), lines[1]);
    }

    @Test
    void printsTheIdOnlyWhenQuiet() throws Exception {
        assertEquals("X\n", printed("get", "-q", "X"));
        assertEquals("X\n", printed("get", "--quiet", "--reveal", "se://X"));
    }

    @Test
    void asksThePluginsForAReference() throws Exception {
        commands.plugins().plugin("vault", new Vault());
        assertEquals("from vault", printed("get", "se://vault/*", "--reveal"));
        assertEquals("{\"id\":\"vault/x\",\"plugin\":\"vault\",\"version\":\"2.1\",\"metadata\":{}}\n",
                printed("get", "se://vault/x", "--format", "json"));
        assertEquals(3, commands.run("get", "vault/x").code(), "an ID is about the local store");
    }

    @Test
    void refusesAReferenceToSeveralSecrets() throws Exception {
        commands.store().with("Y", "other");
        Commands.Outcome outcome = commands.run("get", "se://*", "--reveal");
        assertEquals(new Commands.Outcome(1, "",
                "docker-pass: matches 2 secrets (X from docker-pass, Y from docker-pass): name exactly one\n"),
                outcome);
    }

    @Test
    void saysThatThereIsNoSuchSecret() throws Exception {
        for (String[] line : List.of(new String[]{"get", "no"}, new String[]{"get", "no", "--reveal"})) {
            assertEquals(new Commands.Outcome(3, "",
                    "docker-pass: there is no secret no: docker pass ls lists them, docker pass set no stores one\n"),
                    commands.run(line));
        }
        assertEquals(3, commands.run("get", "se://no").code());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a//b", "se://a//b", "*"})
    void refusesWhatDoesNotParse(String name) throws Exception {
        Commands.Outcome outcome = commands.run("get", name);
        assertEquals(2, outcome.code(), outcome.err());
        assertEquals(1, outcome.err().lines().count());
        assertTrue(outcome.err().contains("position"), outcome.err());
    }

    @Test
    void refusesAnIdWithALineEndInOneLine() throws Exception {
        Commands.Outcome outcome = commands.run("get", "a\nb");
        assertEquals(2, outcome.code());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
    }

    @Test
    void listsTheFieldsWhereATemplateNamesAnother() throws Exception {
        assertEquals(new Commands.Outcome(2, "", "docker-pass: the template does not know {{.Nope}}: the fields are"
                + " .ID, .Value, .Plugin, .Version, .CreatedAt, .ModifiedAt, .Metadata\n"),
                commands.run("get", "X", "--format", "{{.Nope}}"));
    }

    @Test
    void hidesTheEnginesOwnSecrets() throws Exception {
        commands.store().with("docker/secrets-engine/x", "VALUE");
        assertEquals(5, commands.run("get", "docker/secrets-engine/x").code());
        assertEquals(3, commands.run("get", "se://docker/secrets-engine/x").code());
    }
}
