package dev.secretsengine.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CallerEnvironmentTest {

    @TempDir
    private Path folder;

    private static CallerEnvironment environment(Map<String, String> caller, Map<String, String> engine) {
        return new CallerEnvironment(RequestContext.of(Duration.ofSeconds(1), new Cancellation(), caller), engine);
    }

    @Test
    void theCallersVariablesComeFirstAndEmptyOnesDoNotCount() {
        CallerEnvironment environment = environment(Map.of("A", "caller", "B", ""),
                Map.of("A", "engine", "B", "engine", "C", "engine", "D", ""));
        assertEquals(Map.of("A", "caller", "B", "engine", "C", "engine"),
                environment.select(List.of("A", "B", "C", "D", "E")));
    }

    @Test
    void findsExecutableFilesInAbsoluteFoldersOnly() throws Exception {
        Path program = Files.writeString(folder.resolve("tool"), "");
        String relative = Path.of("").toAbsolutePath().relativize(folder).toString();
        CallerEnvironment environment = environment(Map.of("PATH", relative + "::.:" + folder), Map.of());
        assertEquals(Optional.empty(), environment.onPath("tool"), "not executable");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        assertEquals(Optional.of(program), environment.onPath("tool"));
        assertEquals(Optional.empty(), CallerEnvironment.onPath("tool", relative + "::."));
    }
}
