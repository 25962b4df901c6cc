package dev.secretsengine.launcher.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.testing.Commands;
import dev.secretsengine.launcher.testing.FakeSession;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SetCommandTest {

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

    @ParameterizedTest
    @ValueSource(strings = {"set", "store", "save"})
    void storesAValueByEveryName(String name) throws Exception {
        assertEquals(new Commands.Outcome(0, "", ""), commands.run("pass", name, "a/b=x=y", "--metadata", "k=v=w",
                "--metadata", "l="));
        assertEquals("x=y", commands.store().text("a/b"));
        assertEquals(Map.of("k", "v=w", "l", ""), commands.store().metadata("a/b"));
    }

    @Test
    void storesAnEmptyValue() throws Exception {
        assertEquals(0, commands.run("set", "X=").code());
        assertEquals("", commands.store().text("X"));
    }

    @Test
    void replacesWhatIsThereWithAndWithoutForce() throws Exception {
        commands.store().with("X", "old");
        assertEquals(0, commands.run("set", "X=new").code());
        assertEquals("new", commands.store().text("X"));
        assertEquals(0, commands.run("set", "-f", "X=newer").code());
        assertEquals(0, commands.run("set", "Y=y", "--force").code());
        assertEquals(List.of("X", "Y"), commands.store().ids());
        assertEquals("newer", commands.store().text("X"));
    }

    @Test
    void keepsEveryByteOfAnArgument() throws Exception {
        byte[] argument = {'X', '=', (byte) 0xFF, '\n', (byte) 0x80};
        assertEquals(0, commands.run(FakeSession.ofBytes(List.of("set".getBytes(), argument))));
        assertArrayEquals(new byte[]{(byte) 0xFF, '\n', (byte) 0x80}, commands.store().value("X"));
    }

    @Test
    void readsStdinWhereNoValueIsGiven() throws Exception {
        assertEquals(0, commands.run(FakeSession.of("set", "X").input("v\n")));
        assertEquals("v", commands.store().text("X"));
        assertEquals(0, commands.run(FakeSession.of("set", "X", "--raw").input("v\n")));
        assertEquals("v\n", commands.store().text("X"));
    }

    @Test
    void letsMetadataOfTheCommandLineWinOverJson() throws Exception {
        FakeSession session = FakeSession.of("set", "X", "--metadata", "a=line")
                .input("{\"secret\":\"v\",\"metadata\":{\"a\":\"json\",\"b\":\"json\"}}");
        assertEquals(0, commands.run(session));
        assertEquals("v", commands.store().text("X"));
        assertEquals(Map.of("a", "line", "b", "json"), commands.store().metadata("X"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"set bad//id=hunter2", "set /X=hunter2", "set X=hunter2 --metadata broken",
            "set X=hunter2 --metadata =v", "set X=hunter2 --oops", "set X=hunter2 Y=hunter2",
            "set X=hunter2 --metadata",
            "set =hunter2", "set --oops=hunter2 X", "set -xhunter2 X", "set X hunter2", "set a*=hunter2",
            "set X=hunter2 --raw=hunter2"})
    void refusesWhatMakesNoSenseWithoutShowingTheValue(String line) throws Exception {
        Commands.Outcome outcome = commands.run(line.split(" "));
        assertEquals(2, outcome.code());
        assertEquals("", outcome.out());
        assertTrue(outcome.err().startsWith("docker-pass: "), outcome.err());
        assertEquals(1, outcome.err().lines().count(), outcome.err());
        assertFalse(outcome.err().contains("hunter2"), outcome.err());
        assertEquals(List.of(), commands.store().ids());
    }

    @ParameterizedTest
    @ValueSource(strings = {"{'secret':'\\ud800x'}", "{'secret':'x\\udc00\\ud800'}", "{'secret':'x\\ud800'",
            "{'secret':'\u00ff'}", "{'secret':'x','metadata':{'k':'\\ud800'}}",
            "{'metadata':{'\u00ff':'v'},'secret':'x'}"})
    void refusesJsonWhoseTextsAreNone(String json) throws Exception {
        commands.store().with("X", "old");
        FakeSession session = FakeSession.of("set", "X").input(json.replace('\'', '"').getBytes(ISO_8859_1));
        assertEquals(2, commands.run(session));
        String field = json.matches(".*metadata.*") ? "metadata" : "secret";
        assertEquals("docker-pass: standard input is JSON whose \"" + field
                + "\" is not valid UTF-8 or has half of a surrogate pair, and nothing was stored: "
                + "correct it, or store the input as it is with --raw\n", session.errors());
        assertEquals("old", commands.store().text("X"));
        assertEquals(List.of("X"), commands.store().ids());
    }

    @Test
    void refusesMetadataThatIsNotUtf8() throws Exception {
        FakeSession session = FakeSession.ofBytes(
                Stream.of("set", "X=v", "--metadata", "k=\u00ff").map(word -> word.getBytes(ISO_8859_1)).toList());
        assertEquals(2, commands.run(session));
        assertEquals("docker-pass: the value of --metadata is not valid UTF-8, and nothing was done: "
                + "type it in a UTF-8 locale\n", session.errors());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void deniesTheEnginesOwnIds() throws Exception {
        Commands.Outcome outcome = commands.run("set", "docker/secrets-engine/x=hunter2");
        assertEquals(5, outcome.code());
        assertEquals("docker-pass: docker/secrets-engine/x belongs to the engine itself: choose another realm\n",
                outcome.err());
        assertEquals(List.of(), commands.store().ids());
    }

    @Test
    void refusesAValueThatIsTooLarge() throws Exception {
        Commands.Outcome outcome = commands.run("set", "X=" + "v".repeat((1 << 20) + 1));
        assertEquals(2, outcome.code());
        assertEquals("docker-pass: the value is larger than 1 MiB (1048576 bytes): nothing was stored\n",
                outcome.err());
        assertEquals(0, commands.run("set", "X=" + "v".repeat(1 << 20)).code());
    }
}
