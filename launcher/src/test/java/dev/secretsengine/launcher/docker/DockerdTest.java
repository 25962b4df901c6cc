package dev.secretsengine.launcher.docker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DockerdTest {

    private static final DaemonConfig EMPTY = DaemonConfig.parse("{}");

    @TempDir
    Path folder;

    private Path pid;
    private Path file;

    @BeforeEach
    void writeFile() throws IOException {
        pid = folder.resolve("docker.pid");
        file = Files.writeString(folder.resolve("daemon.json"), "{}");
    }

    private Dockerd dockerd(boolean usual) {
        return new Dockerd(List.of(folder.resolve("bin"), Path.of("/usr/bin"), Path.of("/bin")), usual, pid);
    }

    private DaemonConfig withPidfile() {
        return DaemonConfig.parse("{\"pidfile\":\"" + pid + "\"}");
    }

    private void systemctl(String script) throws IOException {
        Path program = Files.writeString(Files.createDirectories(folder.resolve("bin")).resolve("systemctl"),
                "#!/bin/sh\necho \"$*\" >> " + folder.resolve("systemctl.log") + "\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void reloadsTheProcessOfThePidFile() throws IOException {
        systemctl("exit 3");
        try (FakeDockerd process = FakeDockerd.start(file, folder)) {
            Files.writeString(pid, process.pid() + "\n");
            assertEquals(Dockerd.State.RUNS, dockerd(true).state(EMPTY));
            assertEquals(Dockerd.State.RUNS, dockerd(false).state(withPidfile()));
            assertEquals(Dockerd.State.UNKNOWN, dockerd(false).state(EMPTY));
            assertEquals("kill -HUP " + process.pid(), dockerd(false).reload(withPidfile()));
            assertEquals("{}", process.reloaded(1));
        }
    }

    @Test
    void signalsNoOtherProcess() throws IOException {
        systemctl("exit 3");
        for (String text : List.of(Long.toString(ProcessHandle.current().pid()), "4194305", "x", "")) {
            Files.writeString(pid, text);
            assertEquals(Dockerd.State.DOWN, dockerd(true).state(EMPTY), text);
            assertEquals(Dockerd.State.DOWN, dockerd(false).state(withPidfile()), text);
        }
        Files.delete(pid);
        assertEquals(Dockerd.State.DOWN, dockerd(true).state(EMPTY));
    }

    @Test
    void leavesItToSystemdWhereThatRunsIt() throws IOException {
        systemctl("exit 0");
        assertEquals(Dockerd.State.RUNS, dockerd(true).state(EMPTY));
        assertEquals("systemctl reload docker", dockerd(true).reload(EMPTY));
        assertEquals(Dockerd.State.UNKNOWN, dockerd(false).state(EMPTY));
        assertEquals(List.of("is-active --quiet docker", "is-active --quiet docker", "reload docker"),
                Files.readAllLines(folder.resolve("systemctl.log")));
    }

    @Test
    void hasANewDockerdLookAtTheFile() throws IOException {
        assertEquals(Optional.empty(), dockerd(false).objection(Files.writeString(file, "unwanted")));
        FakeDockerd.install(folder.resolve("bin"));
        assertEquals(Optional.of("unable to configure with file " + file + ": unwanted"),
                dockerd(false).objection(file));
        assertEquals(Optional.empty(), dockerd(false).objection(Files.writeString(file, "{}")));
    }

    @Test
    void asksNothingOfADockerdThatCannotValidate() throws IOException {
        Path old = Files.writeString(FakeDockerd.install(folder.resolve("bin")), """
                #!/bin/sh
                echo "$*" >> %s
                echo "      --config-file string"
                """.formatted(folder.resolve("log")));
        assertEquals(Optional.empty(), dockerd(false).objection(file));
        assertEquals(List.of("--help"), Files.readAllLines(folder.resolve("log")));
        assertFalse(Files.readString(old).contains("validate"));
    }
}
