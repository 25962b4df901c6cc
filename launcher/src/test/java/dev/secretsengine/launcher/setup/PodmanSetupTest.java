package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodmanSetupTest {

    @TempDir
    Path folder;

    private Machine machine;
    private Path file;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(folder);
        file = (Machine.uid() == 0
                ? machine.places().containersConf()
                : machine.folder().resolve("home/.config/containers/containers.conf.d")).resolve(PodmanSetup.FILE);
        machine.program("bin/crun", "#!/bin/sh\n");
        // Reads the drop-in as podman does; "containers" has the runtime and name of each.
        machine.program("bin/podman", """
                #!/bin/sh
                case $1 in
                    info) sed -n 's/^runtime = "\\(.*\\)"/\\1/p' '%s' ;;
                    ps) cut -f2 '%s' ;;
                    container) cat '%2$s' ;;
                esac
                """.formatted(file, machine.folder().resolve("podman")));
        Files.writeString(machine.folder().resolve("podman"), "crun\tother\n");
    }

    @Test
    void writesADropInAndTakesItAway() throws IOException {
        assertEquals(0, machine.setup("podman", "--dry-run"), machine::err);
        assertFalse(Files.exists(file));
        assertEquals(1, machine.setup("podman"));
        assertFalse(Files.exists(file));
        assertEquals(0, machine.setup("podman", "--yes"), machine::err);
        assertEquals("[engine]\nruntime = \"se\"\n\n[engine.runtimes]\nse = [\"" + machine.places().imageWrapper()
                + "\"]\n", Files.readString(file));
        assertEquals(0, machine.setup("podman"), machine::err);
        assertEquals(1, machine.setup("podman", "--undo"));
        assertEquals(0, machine.setup("podman", "--undo", "--yes"), machine::err);
        assertFalse(Files.exists(file));
        assertEquals(0, machine.setup("podman", "--undo"), machine::err);
    }

    @Test
    void leavesTheNameToTheContainersThatRecordedIt() throws IOException {
        assertEquals(0, machine.setup("podman", "--yes"), machine::err);
        Files.writeString(machine.folder().resolve("podman"), "se\tdb\ncrun\tother\nse\tweb\n");
        assertEquals(0, machine.setup("podman", "--undo", "--yes"), machine::err);
        assertTrue(machine.out().contains("made with it: db, web;"), machine.out());
        assertEquals("[engine.runtimes]\nse = [\"" + machine.folder().resolve("bin/crun") + "\"]\n",
                Files.readString(file));
        assertEquals(0, machine.setup("podman", "--undo"), machine::err);
    }

    @Test
    void saysWhenPodmanReadsAnotherFile() throws IOException {
        machine.program("bin/podman", "#!/bin/sh\necho crun\n");
        assertEquals(1, machine.setup("podman", "--yes"));
        assertTrue(machine.err().contains("but uses crun"), machine::err);
        Files.delete(machine.folder().resolve("bin/podman"));
        machine.environment().put("PATH", machine.folder().resolve("bin").toString());
        assertEquals(1, machine.setup("podman", "--yes"));
        assertEquals("there is no podman on the PATH: install it first\n", machine.err());
    }
}
