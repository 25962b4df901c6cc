package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.FakeDockerd;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DockerUndoTest {

    @TempDir
    Path temporary;

    private Machine machine;
    private FakeDockerd dockerd;
    private String ours;
    private Path file;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(temporary);
        ours = "se-" + Machine.uid();
        file = machine.places().daemonJson();
        Files.createDirectories(file.getParent());
        dockerd = FakeDockerd.start(file, machine.folder());
    }

    @AfterEach
    void close() {
        dockerd.close();
    }

    private void run() throws IOException {
        Files.writeString(machine.places().dockerPid(), dockerd.pid() + "\n");
    }

    private DaemonConfig written() throws IOException {
        return DaemonConfig.parse(Files.readString(file));
    }

    private void assertDone(String... words) throws IOException {
        assertEquals(0, machine.setup(words), machine::err);
        assertEquals("", machine.err());
    }

    private List<Path> left() throws IOException {
        try (var files = Files.list(file.getParent())) {
            return files.toList();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{ }\n", "", "{\"runtimes\":{}}", "{\r\n\t\"debug\":true}",
            "{\n  \"default-runtime\": \"kata\",\n  \"runtimes\": {\"kata\": {\"path\":\"/bin/sh\"}}\n}\n"})
    void bringsBackTheVeryBytes(String before) throws IOException {
        run();
        Files.writeString(file, before);
        assertDone("docker", "--yes", "--default");
        assertDone("docker", "--yes", "--no-fill");
        assertDone("docker", "--yes", "--undo");
        assertEquals(before, Files.readString(file));
        assertEquals(List.of(file), left());
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("there is nothing to undo"), machine.out());
    }

    @Test
    void removesTheFileThatItMade() throws IOException {
        run();
        assertDone("docker", "--yes");
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("+++ /dev/null"), machine.out());
        assertEquals(List.of(), left());
    }

    @Test
    void keepsWhatOthersWroteSince() throws IOException {
        run();
        Files.writeString(file,
                "{\n  \"default-runtime\": \"kata\",\n  \"runtimes\": {\"kata\": {\"path\":\"/bin/sh\"}}\n}");
        assertDone("docker", "--yes", "--default");
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{ \"debug\": true,"));
        assertDone("docker", "--yes", "--undo");
        assertEquals(
                "{ \"debug\": true,\n  \"default-runtime\": \"kata\",\n  \"runtimes\": {\"kata\": {\"path\":\"/bin/sh\"}}\n}",
                Files.readString(file));
    }

    @Test
    void leavesOtherUsersAlone() throws IOException {
        run();
        Files.writeString(file, "{\"debug\": true}");
        assertDone("docker", "--yes", "--default");
        Files.writeString(file, written().with("se-99999", new DaemonConfig.Entry("/w", List.of("--se-uid=99999")))
                .withDefault("se-99999").text());
        assertDone("docker", "--yes", "--undo");
        assertEquals(Optional.of("se-99999"), written().defaultRuntime());
        assertEquals(List.of("se-99999"), List.copyOf(written().runtimes().keySet()));
        assertFalse(left().contains(file.resolveSibling("daemon.json.docker-pass-" + ours)));
    }

    /** Its dockerd would crash otherwise. */
    @Test
    void takesTheDefaultAwayBeforeTheName() throws IOException {
        Files.writeString(file, "{\"debug\": true}");
        run();
        assertDone("docker", "--yes", "--default");
        assertDone("docker", "--yes", "--undo");
        DaemonConfig first = DaemonConfig.parse(dockerd.reloaded(2));
        assertEquals(Optional.of("runc"), first.defaultRuntime());
        assertEquals(new DaemonConfig.Entry(machine.folder().resolve("bin/runc").toString(),
                List.of("--log-format=json")), first.runtimes().get(ours));
        assertEquals("{\"debug\": true}", dockerd.reloaded(3));
        assertEquals("{\"debug\": true}", Files.readString(file));
    }

    @Test
    void leavesTheNameToTheContainersThatRecordedIt() throws IOException {
        Files.writeString(file, "{\"debug\": true}");
        run();
        assertDone("docker", "--yes", "--default");
        machine.docker().containers("1 /db " + ours + " true always \"\"", "2 /web runc true no \"\"");
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("these containers were made with it: db;"), machine.out());
        assertEquals(Optional.of("runc"), written().defaultRuntime());
        assertTrue(written().runtimes().containsKey(ours));
        assertDone("docker", "--yes", "--undo");
        assertFalse(dockerd.wasReloaded(3));
        machine.docker().containers("2 /web runc true no \"\"");
        assertDone("docker", "--yes", "--undo");
        assertEquals("{\"debug\": true}", Files.readString(file));
        assertEquals(List.of(file), left());
    }

    @Test
    void takesOurOwnRuncAwayEvenIfOthersWroteSince() throws IOException {
        Files.writeString(file, "{}");
        run();
        assertDone("docker", "--yes", "--default");
        machine.docker().containers("1 /db " + ours + " true always \"\"");
        assertDone("docker", "--yes", "--undo");
        Files.writeString(file, Files.readString(file).replaceFirst("\\{", "{ \"debug\": true,"));
        machine.docker().containers();
        assertDone("docker", "--yes", "--undo");
        assertEquals("{ \"debug\": true\n}", Files.readString(file));
    }

    @Test
    void leavesTheNameWhereDockerDoesNotSayWhoNeedsIt() throws IOException {
        run();
        assertDone("docker", "--yes");
        dockerd.reloaded(1);
        machine.docker().info("runc", "runc");
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("(docker info does not list " + ours + ")"), machine.out());
        assertTrue(written().runtimes().containsKey(ours));
        dockerd.reloaded(2);
        Files.delete(machine.folder().resolve("info"));
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("(Cannot connect to the Docker daemon"), machine.out());
        assertTrue(written().runtimes().containsKey(ours));
    }

    @Test
    void goesInTwoStepsWhereNobodyCanBeAsked() throws IOException {
        Path other = Files.writeString(machine.folder().resolve("other.json"), "{ }");
        assertDone("docker", "--yes", "--config", other.toString());
        assertDone("docker", "--yes", "--undo", "--config", other.toString());
        assertTrue(machine.out().contains("run this again once dockerd has reloaded the file"), machine.out());
        assertTrue(Files.readString(other).contains("--log-format"));
        assertDone("docker", "--yes", "--undo", "--config", other.toString());
        assertEquals("{ }", Files.readString(other));
    }

    @Test
    void goesStepByStepWhereNobodyKnowsTheDaemon() throws IOException {
        Path other = Files.writeString(machine.folder().resolve("other.json"), "{ }");
        machine.docker().info("runc", "runc", ours);
        assertDone("docker", "--yes", "--default", "--config", other.toString());
        machine.docker().info(ours, "runc", ours);
        assertDone("docker", "--yes", "--undo", "--config", other.toString());
        assertTrue(machine.out().contains("run this again once dockerd has reloaded the file"), machine.out());
        assertDone("docker", "--yes", "--undo", "--config", other.toString());
        assertTrue(Files.readString(other).contains("\"default-runtime\": \"runc\""));
        machine.docker().info("runc", "runc", ours);
        assertDone("docker", "--yes", "--undo", "--config", other.toString());
        assertEquals("{ }", Files.readString(other));
        assertFalse(dockerd.wasReloaded(1));
    }

    @Test
    void changesNothingUnconfirmed() throws IOException {
        run();
        assertDone("docker", "--yes");
        String before = Files.readString(file);
        assertEquals(1, machine.setup("docker", "--undo"));
        assertEquals("nothing was changed, as nobody is there to confirm it: say --yes\n", machine.err());
        assertDone("docker", "--undo", "--dry-run");
        assertTrue(machine.out().contains("-        \"" + ours + "\": {"), machine.out());
        assertEquals(before, Files.readString(file));
    }

    @Test
    void hasRootWriteWhatIsRoots() throws IOException {
        Files.delete(machine.folder().resolve("bin/dockerd"));
        assertDone("docker", "--yes");
        Files.writeString(file, Files.readString(file).replace(ours, "se-4711"));
        assertEquals(1, machine.setupAs(4711, "docker", "--yes", "--undo"));
        assertEquals("env DOCKER_HOST=unix:///run/docker.sock " + machine.places().portableClient()
                + " setup docker --undo --config=" + file + " --yes --as-uid=4711\n", machine.read("sudo.log"));
        assertEquals(0, machine.setup("docker", "--undo", "--config=" + file, "--yes", "--as-uid=4711"), machine::err);
        assertFalse(written().runtimes().containsKey("se-4711"));
    }

    @Test
    void tellsRootWhatWasAgreedTo() throws IOException {
        assertDone("docker", "--yes");
        Files.writeString(file, Files.readString(file).replace(ours, "se-4711"));
        machine.answers("y");
        assertEquals(1, machine.setupAs(4711, "docker", "--undo"));
        String told = machine.read("sudo.log").strip();
        String[] words = told.substring(told.indexOf(" setup ") + " setup ".length()).split(" ");
        String shown = Files.readString(file);
        Files.writeString(file, shown + "\n");
        assertEquals(1, machine.setupAs(0, words));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        Files.writeString(file, shown);
        assertEquals(0, machine.setupAs(0, words), machine::err);
        assertEquals(List.of(), written().runtimes().get("se-4711").argument("--se-uid").stream().toList());
    }

    /** A dockerd that does not run may have containers all the same. */
    @Test
    void leavesTheNameWhileDockerdDoesNotRun() throws IOException {
        Files.writeString(file, "{ }");
        assertDone("docker", "--yes", "--default");
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains(ours + " stays as another name of the real runtime: dockerd does not run"),
                machine.out());
        assertTrue(machine.out().contains("start dockerd, then run this again"), machine.out());
        assertEquals(Optional.of("runc"), written().defaultRuntime());
        assertEquals(machine.folder().resolve("bin/runc").toString(), written().runtimes().get(ours).path());
        String kept = Files.readString(file);
        assertDone("docker", "--yes", "--undo");
        assertEquals(kept, Files.readString(file));
        run();
        machine.docker().info("runc", "runc", ours);
        assertDone("docker", "--yes", "--undo");
        assertEquals("{ }", Files.readString(file));
        assertEquals(List.of(file), left());
    }

    @Test
    void takesTheNameAwayWhereThereIsNoDockerd() throws IOException {
        Files.delete(machine.folder().resolve("bin/dockerd"));
        Files.writeString(file, "{ }");
        assertDone("docker", "--yes", "--default");
        assertDone("docker", "--yes", "--undo");
        assertEquals("{ }", Files.readString(file));
    }

    @Test
    void leavesTheNameWhereDockerTellsNotAllContainers() throws IOException {
        run();
        assertDone("docker", "--yes");
        dockerd.reloaded(1);
        machine.docker().containers("1 /db " + ours + " true always \"\"", "2 /web runc true no \"\"");
        Path docker = machine.folder().resolve("bin/docker");
        String usual = Files.readString(docker);
        machine.program("bin/docker", usual.replace("    container)\n", "    container) exit 1\n"));
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("docker could not be asked which containers need it (it ended with exit code"
                + " 1), so run this again"), machine.out());
        assertTrue(written().runtimes().containsKey(ours));
        machine.program("bin/docker", usual.replace("    container)\n", "    container) sed -n 2p containers; exit\n"));
        assertDone("docker", "--yes", "--undo");
        assertTrue(machine.out().contains("(docker does not tell all of its containers), so"), machine.out());
        assertTrue(written().runtimes().containsKey(ours));
    }

    @Test
    void losesNothingThatIsWrittenWhileItAsks() throws IOException {
        run();
        assertDone("docker", "--yes");
        dockerd.reloaded(1);
        String changed = Files.readString(file).replaceFirst("\\{", "{ \"debug\": true,");
        machine.answers("y", "y").meanwhile(() -> Files.writeString(file, changed));
        assertEquals(1, machine.setup("docker", "--undo"));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        assertEquals(changed, Files.readString(file));
        machine.meanwhile(() -> machine.docker().containers("1 /db " + ours + " true always \"\""));
        assertEquals(1, machine.setup("docker", "--undo"));
        assertEquals("dockerd or its containers have changed since this was shown: run this again\n", machine.err());
        assertEquals(changed, Files.readString(file));
    }

    @Test
    void losesNothingThatIsWrittenBetweenItsSteps() throws IOException {
        Files.writeString(file, "{}");
        run();
        assertDone("docker", "--yes", "--default");
        dockerd.reloaded(1);
        // When it is asked for the runtimes once more, after the first step.
        machine.program("bin/docker", Files.readString(machine.folder().resolve("bin/docker")).replace("info) cat info",
                "info) cat info; ! grep -q ^runc info || echo '{\"late\": 1}' > '" + file + "'"));
        assertEquals(1, machine.setup("docker", "--yes", "--undo"));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        assertEquals("{\"late\": 1}\n", Files.readString(file));
    }

    @Test
    void leavesNoRuntimeThatOthersCanChange() throws IOException {
        Path runtime = machine.program("else/runtime", "#!/bin/sh\n");
        assertDone("docker", "--yes", "--runtime", runtime.toString());
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertDone("docker", "--yes", "--undo");
        assertEquals(machine.folder().resolve("bin/runc").toString(), written().runtimes().get(ours).path());
    }

    @Test
    void removesTheWrapperThatNothingNames() throws IOException {
        run();
        assertDone("docker", "--yes");
        Path copy = machine.program("libexec/docker-pass/secrets-engine-runtime", "wrapper");
        Files.writeString(file, written().with("se-99999", new DaemonConfig.Entry(copy.toString(), List.of())).text());
        assertDone("docker", "--yes", "--undo");
        assertTrue(Files.exists(copy));
        Files.writeString(file, "{}");
        assertDone("docker", "--yes");
        assertDone("docker", "--yes", "--undo");
        assertFalse(Files.exists(copy.getParent()));
        assertTrue(machine.out().contains("Removed " + copy), machine.out());
    }
}
