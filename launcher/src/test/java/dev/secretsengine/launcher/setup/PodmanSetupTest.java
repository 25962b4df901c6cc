package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        // Reads the drop-in as podman does; "podman" has ID, runtime and name of each container.
        machine.program("bin/podman", """
                #!/bin/sh
                case $1 in
                    info) sed -n 's/^runtime = "\\(.*\\)"/\\1/p' '%s' ;;
                    ps) cut -f1 '%s' ;;
                    container) cat '%2$s' ;;
                esac
                """.formatted(file, machine.folder().resolve("podman")));
        Files.writeString(machine.folder().resolve("podman"), "1\tcrun\tother\n");
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
        Files.writeString(machine.folder().resolve("podman"), "1\tse\tdb\n2\tcrun\tother\n3\tse\tweb\n");
        assertEquals(0, machine.setup("podman", "--undo", "--yes"), machine::err);
        assertTrue(machine.out().contains("made with it: db, web;"), machine.out());
        assertEquals("[engine.runtimes]\nse = [\"" + machine.folder().resolve("bin/crun") + "\"]\n",
                Files.readString(file));
        assertEquals(0, machine.setup("podman", "--undo"), machine::err);
    }

    @Test
    void leavesTheNameWherePodmanTellsNotAllContainers() throws IOException {
        assertEquals(0, machine.setup("podman", "--yes"), machine::err);
        Path podman = machine.folder().resolve("bin/podman");
        machine.program("bin/podman", Files.readString(podman).replace("container) cat", "container) exit 3 #"));
        assertEquals(0, machine.setup("podman", "--undo", "--yes"), machine::err);
        assertTrue(
                machine.out().contains("se stays as another name of the real runtime: podman could not be asked which"
                        + " containers need it (it ended with exit code 3), so run this again"),
                machine.out());
        assertTrue(Files.readString(file).contains("bin/crun"));
    }

    @Test
    void losesNothingThatIsWrittenWhileItAsks() throws IOException {
        machine.answers("y", "y", "y", "y").meanwhile(() -> {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "# mine\n");
        });
        assertEquals(1, machine.setup("podman"));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        assertEquals("# mine\n", Files.readString(file));
        assertEquals(0, machine.meanwhile(() -> {
        }).setup("podman"), machine::err);
        machine.meanwhile(() -> Files.writeString(file, Files.readString(file) + "# mine\n"));
        assertEquals(1, machine.setup("podman", "--undo"));
        assertTrue(Files.readString(file).endsWith("# mine\n"));
        machine.meanwhile(() -> Files.writeString(machine.folder().resolve("podman"), "1\tse\tdb\n"));
        assertEquals(1, machine.setup("podman", "--undo"));
        assertEquals("podman's containers have changed since this was shown: run this again\n", machine.err());
        assertEquals(List.of(file), Files.list(file.getParent()).toList());
    }

    @Test
    void tellsRootThatOthersHaveContainersToo() throws IOException {
        Path all = machine.places().containersConf().resolve(PodmanSetup.FILE);
        Files.createDirectories(all.getParent());
        Files.writeString(all, "x");
        assertEquals(0, machine.setupAs(0, "podman", "--undo", "--yes"), machine::err);
        assertTrue(machine.out().contains("Containers of other users cannot be seen from here"), machine.out());
        assertFalse(Files.exists(all));
        Path own = machine.folder().resolve("home/.config/containers/containers.conf.d").resolve(PodmanSetup.FILE);
        Files.createDirectories(own.getParent());
        Files.writeString(own, "x");
        assertEquals(0, machine.setupAs(4711, "podman", "--undo", "--yes"), machine::err);
        assertFalse(machine.out().contains("other users"), machine.out());
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
