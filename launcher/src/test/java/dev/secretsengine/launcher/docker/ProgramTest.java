package dev.secretsengine.launcher.docker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProgramTest {

    private static final Duration LONG = Duration.ofSeconds(50);

    @TempDir
    Path folder;

    private static Program shell(Map<String, String> environment) {
        return new Program(Path.of("/bin/sh"), environment);
    }

    @Test
    void givesOutputComplaintAndExitCode() throws IOException {
        Program.Result bad = shell(Map.of()).run(LONG, "-c", "echo ' out '; echo; echo ' why ' >&2; exit 7");
        assertEquals("out", bad.text());
        assertEquals("why", bad.complaint());
        assertFalse(bad.isGood());
        assertTrue(shell(Map.of()).run(LONG, "-c", "true").isGood());
        assertEquals("it ended with exit code 3", shell(Map.of()).run(LONG, "-c", "exit 3").complaint());
    }

    @Test
    void losesNothingOfALongOutput() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertEquals(300_000, shell(Map.of("PATH", "/usr/bin:/bin"))
                    .run(LONG, "-c", "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2").out().length);
        }
    }

    @Test
    void passesInputAndOnlyTheGivenEnvironment() throws IOException {
        Program.Result result = shell(Map.of("A", "b")).run(LONG, "x y".getBytes(UTF_8),
                List.of("-c", "read -r line; echo \"$line $A ${HOME-none}\""));
        assertEquals("x y b none", result.text());
    }

    @Test
    void goesOnWhenTheProgramTakesNoInput() throws IOException {
        assertTrue(shell(Map.of()).run(LONG, new byte[1 << 20], List.of("-c", "exec <&-; exit 0")).isGood());
    }

    @Test
    void killsWhatIsNotDoneInTime() throws IOException {
        Program.Result late = shell(Map.of("PATH", "/usr/bin:/bin")).run(Duration.ofMillis(300), "-c", "exec sleep 40");
        assertFalse(late.isGood());
        assertEquals("sh does not answer", late.complaint());
    }

    @Test
    void findsTheFirstExecutable() throws IOException {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path second = Files.createDirectory(folder.resolve("second"));
        Files.writeString(first.resolve("tool"), "not executable");
        Path tool = Files.writeString(second.resolve("tool"), "#!/bin/sh\n");
        Files.setPosixFilePermissions(tool, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertEquals(Optional.of(tool), Program.onPath("tool", Map.of("PATH", "rel::" + first + ":" + second))
                .map(Program::file));
        assertEquals(Optional.empty(), Program.onPath("tool", Map.of("PATH", first.toString())));
        assertEquals(Optional.empty(), Program.onPath("tool", Map.of()));
        assertEquals(Optional.empty(), Program.in(List.of(folder), "second", Map.of()));
    }

    @Test
    void saysWhenItCannotBeStarted() {
        assertThrows(IOException.class, () -> new Program(folder.resolve("none"), Map.of()).run(LONG));
    }
}
