package dev.secretsengine.core.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a process, from a folder that looks like /proc. */
class OriginTest {

    private static final String ID = "0123456789abcdef".repeat(4);
    private static final String DOCKER = "0::/system.slice/docker-" + ID + ".scope";
    private static final String FLATPAK = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/app-flatpak-org.x-7.scope";
    private static final Optional<String> CONTAINER = Optional.of("it runs in a container");
    private static final long PID = 7;

    @TempDir
    Path proc;

    private Path peer;

    @BeforeEach
    void makeTwoProcesses() throws IOException {
        Files.createDirectory(proc.resolve("root"));
        Files.createDirectory(proc.resolve("image"));
        peer = process("7");
        process("self");
        is("cgroup", "0::/user.slice/user-1000.slice/session-1.scope");
    }

    private Path process(String name) throws IOException {
        Path process = proc.resolve(name);
        Files.createDirectories(process.resolve("ns"));
        Files.writeString(process.resolve("uid_map"), "         0          0 4294967295\n");
        Files.writeString(process.resolve("status"), "Name:\tx\nNSpid:\t7\nVmSize:\t1 kB\n");
        Files.writeString(process.resolve("stat"), stat(4194304));
        Files.createSymbolicLink(process.resolve("ns/user"), Path.of("user:[1]"));
        Files.createSymbolicLink(process.resolve("root"), proc.resolve("root"));
        return process;
    }

    private static String stat(int flags) {
        return "7 (a) b) S 1 7 7 0 -1 " + flags + " 1 2 3 4 5 6 7 8 9 10 11 12 4711 14\n";
    }

    private void is(String file, String content) throws IOException {
        Files.writeString(peer.resolve(file), content + "\n");
    }

    private void leadsTo(String link, Path target) throws IOException {
        Files.delete(peer.resolve(link));
        Files.createSymbolicLink(peer.resolve(link), target);
    }

    private Optional<String> objection() {
        return new Origin(proc).objection(PID);
    }

    @Test
    void welcomesAnOrdinaryProcess() {
        assertEquals(Optional.empty(), objection());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0::/system.slice/docker-ID.scope", "4:memory:/docker/ID", "0::/../ID",
            "0::/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container",
            "1:cpu:/libpod_parent/libpod-ID", "0::/kubepods/besteffort/pod1/ID",
            "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-ID.scope", "0::/kubepods.slice/crio-ID.scope",
            "0::/system.slice/nerdctl-ID.scope", "0::/default/ID", "0::/docker/buildkit/k3jd9s", "0::/lxc.payload.web",
            "0::/lxc/web", "0::/machine.slice/machine-web.scope/payload",
            "0::/machine.slice/systemd-nspawn@web.service/payload"})
    void refusesAContainersProcessWithAnotherRoot(String group) throws IOException {
        is("cgroup", "12:pids:/\n" + group.replace("ID", ID));
        leadsTo("root", proc.resolve("image"));
        assertEquals(CONTAINER, objection());
    }

    @Test
    void refusesAContainersProcessWithOtherUsers() throws IOException {
        is("cgroup", DOCKER);
        leadsTo("ns/user", Path.of("user:[2]"));
        assertEquals(CONTAINER, objection());
    }

    @Test
    void refusesAContainersProcessWithNumbersOfItsOwn() throws IOException {
        is("cgroup", DOCKER);
        is("status", "NSpid:\t7\t1");
        assertEquals(CONTAINER, objection());
    }

    @Test
    void refusesAContainersProcessWhoseRootMayNotBeSeen() throws IOException {
        is("cgroup", DOCKER);
        Files.delete(peer.resolve("root"));
        assertEquals(CONTAINER, objection());
    }

    /** As the engine itself is then. */
    @Test
    void welcomesAProcessOfTheSameContainer() throws IOException {
        is("cgroup", DOCKER);
        assertEquals(Optional.empty(), objection());
    }

    @ParameterizedTest
    @ValueSource(strings = {FLATPAK, "0::/system.slice/docker.service", "0::/user.slice/docker-desktop.service",
            "0::/system.slice/lxcfs.service", "0::/machine.slice"})
    void welcomesASandbox(String group) throws IOException {
        is("cgroup", group);
        is("status", "NSpid:\t7\t1");
        is("uid_map", "      1000       1000          1");
        leadsTo("ns/user", Path.of("user:[2]"));
        leadsTo("root", proc.resolve("image"));
        assertEquals(Optional.empty(), objection());
    }

    /** Where podman may make no control groups. */
    @Test
    void refusesAContainerOfSubordinateUsersInNoControlGroup() throws IOException {
        is("status", "NSpid:\t7\t1");
        is("uid_map", "         0       1000          1\n         1     100000      65536");
        assertEquals(CONTAINER, objection());
    }

    /** The kernel shows it in the topmost control group, whatever it was in. */
    @Test
    void refusesAProcessThatIsEnding() throws IOException {
        is("cgroup", "4:memory:/");
        is("stat", stat(4194308));
        assertEquals(Optional.of("it has ended"), objection());
    }

    @Test
    void refusesAProcessThatCannotBeSeen() {
        assertEquals(Optional.of("it cannot be seen from here"), new Origin(proc).objection(8));
    }
}
