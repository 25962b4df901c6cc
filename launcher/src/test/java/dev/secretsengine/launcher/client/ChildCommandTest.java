package dev.secretsengine.launcher.client;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChildCommandTest {

    @TempDir
    Path folder;

    private final List<byte[]> variables = new ArrayList<>();

    private int run(String... command) throws IOException {
        List<byte[]> arguments = new ArrayList<>(List.of("run".getBytes(UTF_8), "--".getBytes(UTF_8)));
        List.of(command).forEach(word -> arguments.add(word.getBytes(UTF_8)));
        return new ChildCommand(arguments, 2, variables).run();
    }

    private void set(String nameAndValue) {
        variables.add(nameAndValue.getBytes(UTF_8));
    }

    private Path script(String name, String text, String mode) throws IOException {
        Path file = Files.writeString(folder.resolve(name), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
    }

    private void assertRefused(int code, String message, String command) {
        ClientException error = assertThrows(ClientException.class, () -> run(command));
        assertEquals(code, error.code());
        assertEquals(message, error.getMessage());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 77, 125, 127, 255})
    void answersTheCommandsOwnExitCode(int code) throws IOException {
        assertEquals(code, run("sh", "-c", "exit " + code));
    }

    @Test
    void answers128AndTheSignalThatEndedTheCommand() throws IOException {
        assertEquals(143, run("sh", "-c", "kill -TERM $$"));
        assertEquals(137, run("sh", "-c", "kill -KILL $$"));
    }

    @Test
    void handsOverArgumentsAndVariablesByteForByte() throws IOException {
        set("A=one two\n=ü");
        set("EMPTY=");
        Path file = folder.resolve("out");
        assertEquals(0, run("sh", "-c", "printf '%s|' \"$A\" \"$EMPTY\" \"$@\" > " + file, "sh", "a b", "", "ü$"));
        assertEquals("one two\n=ü||a b||ü$|", Files.readString(file));
    }

    @Test
    void wipesTheValuesOnceTheyAreSet() throws IOException {
        set("A=value");
        run("true");
        assertArrayEquals("A=\0\0\0\0\0".getBytes(UTF_8), variables.get(0));
    }

    @Test
    void looksForTheCommandOnItsOwnPath() throws IOException {
        script("own-command", "#!/bin/sh\nexit 9\n", "rwxr-xr-x");
        assertRefused(127, "there is no command own-command", "own-command");
        set("PATH=/nowhere:" + folder);
        assertEquals(9, run("own-command"));
    }

    @Test
    void answers127WhereThereIsNoCommand() {
        assertRefused(127, "there is no command no-such-command-here", "no-such-command-here");
        assertRefused(127, "there is no command " + folder + "/no", folder + "/no");
        assertRefused(127, "there is no command /etc/passwd/x", "/etc/passwd/x");
    }

    @Test
    void answers126WhereItIsNotExecutable() throws IOException {
        Path file = script("data", "#!/bin/sh\n", "rw-------");
        assertRefused(126, file + " is not executable", file.toString());
        assertRefused(126, folder + " is not executable", folder.toString());
        set("PATH=" + folder);
        assertRefused(126, "data is not executable", "data");
    }

    @Test
    void answers126WhereTheSystemRefusesToExecuteIt() throws IOException {
        Path file = script("lost", "#!/no/such/interpreter\n", "rwx------");
        assertRefused(126, file + " cannot be executed", file.toString());
    }

    @Test
    void namesAVariableThatIsTooLongForTheSystem() throws IOException {
        set("FIRST=1");
        set("X=" + "x".repeat(131_069));
        assertEquals(0, run("true"));
        variables.clear();
        set("FIRST=1");
        set("LONG=" + "x".repeat(131_067));
        assertRefused(125, "LONG is too long for an environment variable (Linux takes less than 128 KiB with its name):"
                + " pipe it, docker pass get --reveal ID | COMMAND", "true");
    }

    @Test
    void tellsWhenAllVariablesTogetherAreTooLargeForTheSystem() {
        // No limit of a stack gives a command more than six MiB.
        for (int i = 0; i < 64; i++) {
            set("V" + i + "=" + "x".repeat(100_000));
        }
        assertRefused(125, "the environment and arguments of true are together larger than Linux takes: unset variables"
                + " that it does not need, or raise ulimit -s", "true");
    }

    @Test
    void passesOverAFolderAndAFileThatIsNotExecutable() throws IOException {
        Files.createDirectories(folder.resolve("first/tool"));
        Files.createDirectories(folder.resolve("second"));
        script("second/tool", "", "rw-------");
        Files.createDirectories(folder.resolve("third"));
        script("third/tool", "#!/bin/sh\nexit 3\n", "rwx------");
        set("PATH=" + folder + "/first:" + folder + "/second:" + folder + "/third");
        assertEquals(3, run("tool"));
    }

    @Test
    void refusesAnArgumentThatIsNotUtf8() {
        ClientException error = assertThrows(ClientException.class,
                () -> new ChildCommand(List.of("true".getBytes(UTF_8), new byte[]{(byte) 0xFF}), 0, List.of()));
        assertEquals(125, error.code());
    }
}
