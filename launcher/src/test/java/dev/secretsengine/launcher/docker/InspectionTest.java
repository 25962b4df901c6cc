package dev.secretsengine.launcher.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class InspectionTest {

    @TempDir
    Path folder;

    /** Asks an engine that lists with one command and inspects with another; {@code $5} is the first ID. */
    private List<List<String>> rows(Duration patience, String list, String inspect) throws IOException {
        Path script = Files.writeString(folder.resolve("engine"), """
                #!/bin/sh
                cd "$(dirname "$0")"
                case "$1" in
                    ps) %s ;;
                    container) %s ;;
                esac
                """.formatted(list, inspect));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Inspection.rows(new Program(script, Map.of("PATH", "/usr/bin:/bin")), patience,
                List.of("{{.Id}}", "{{.Name}}"));
    }

    private String complaint(String list, String inspect) {
        return String.valueOf(assertThrows(IOException.class, () -> rows(Duration.ofSeconds(20), list, inspect))
                .getMessage());
    }

    @Test
    void hasARowForEach() throws IOException {
        assertEquals(List.of(List.of("a", "x"), List.of("b", "y")),
                rows(Duration.ofSeconds(20), "printf 'a\\nb\\n'", "printf 'a\\tx\\nb\\ty\\n'"));
        assertEquals(List.of(), rows(Duration.ofSeconds(20), "true", "exit 1"));
    }

    @Test
    void forgetsOneThatHasGoneMeanwhile() throws IOException {
        assertEquals(List.of(List.of("a", "x")), rows(Duration.ofSeconds(20),
                "echo a; [ -e asked ] || echo b", "touch asked; printf 'a\\tx\\n'; exit 1"));
    }

    @Test
    void isNoAnswerIfItComesTooLate() {
        assertEquals("engine does not answer",
                assertThrows(IOException.class, () -> rows(Duration.ofSeconds(2), "echo a", "exec sleep 50"))
                        .getMessage());
    }

    @Test
    void isNoAnswerIfOneIsMissing() {
        assertEquals("engine does not tell all of its containers",
                complaint("printf 'a\\nb\\n'", "printf 'a\\tx\\n'"));
        assertEquals("no", complaint("echo a", "echo no >&2; exit 1"));
        assertEquals("down", complaint("echo down >&2; exit 1", "true"));
    }
}
