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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(120)
class DockerSetupTest {

    @TempDir
    Path temporary;

    private Machine machine;
    private String ours;
    private Path file;

    @BeforeEach
    void makeMachine() throws IOException {
        machine = new Machine(temporary);
        ours = "se-" + Machine.uid();
        file = machine.places().daemonJson();
        Files.createDirectories(file.getParent());
    }

    private DaemonConfig written() throws IOException {
        return DaemonConfig.parse(Files.readString(file));
    }

    private String line(String argument) {
        return argument.replace("UID", ours.substring(3)).replace("FOLDER", machine.folder().toString());
    }

    @Test
    void writesTheEntryAndTellsWhatItDoes() throws IOException {
        Files.writeString(file, "{\n  \"debug\": true\n}\n");
        assertEquals(0, machine.setup("docker", "--yes"), machine::err);
        assertEquals(new DaemonConfig.Entry(line("FOLDER/image/bin/secrets-engine-runtime"),
                List.of(line("--se-uid=UID"), line("--se-socket=FOLDER/engine/run/cli.sock"),
                        line("--se-runtime=FOLDER/bin/runc"))),
                written().runtimes().get(ours));
        assertEquals(Optional.empty(), written().defaultRuntime());
        assertTrue(machine.out().startsWith("--- " + file + "\n+++ " + file + "\n@@ -1,3 +1,13 @@\n {\n"),
                machine.out());
        assertTrue(
                machine.out().contains("No dockerd runs that reads " + file + ": it takes this in when it starts\n"));
        assertTrue(machine.out().contains("docker run --runtime " + ours + " "));
        assertEquals("{\n  \"debug\": true\n}\n", machine.read("etc/docker/daemon.json.before-docker-pass"));
    }

    @Test
    void changesNothingUnconfirmed() throws IOException {
        Files.writeString(file, "{}");
        assertEquals(1, machine.setup("docker", "--default"));
        assertEquals("nothing was changed, as nobody is there to confirm it: say --yes\n", machine.err());
        assertTrue(machine.out().contains("+    \"default-runtime\": \"" + ours + "\""), machine.out());
        machine.answers("n");
        assertEquals(1, machine.setup("docker", "--default"));
        assertEquals(1, machine.setup("docker", "--default"));
        assertEquals("nothing was changed\n", machine.err());
        assertEquals(0, machine.setup("docker", "--default", "--dry-run"));
        assertEquals(List.of("Write this? [y/N] ",
                "Write this? [y/N] "), machine.questions());
        assertEquals("{}", Files.readString(file));
        assertEquals(List.of(file), Files.list(file.getParent()).toList());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                               | '' | ? [Y/n]
            {"default-runtime":"runc"}                                       | y  | ? [Y/n]
            {"default-runtime":"kata","runtimes":{"kata":{"path":"/bin/sh"}}} | y  | instead of kata? [y/N]
            """)
    void asksForTheDefaultOnATerminal(String before, String answer, String question) throws IOException {
        Files.writeString(file, before);
        assertEquals(0, machine.answers(answer, "y").setup("docker"), machine::err);
        assertTrue(machine.questions().get(0).contains(question), machine.questions()::toString);
        assertEquals(Optional.of(ours), written().defaultRuntime());
    }

    @Test
    void leavesAnotherDefaultUnlessToldOtherwise() throws IOException {
        Files.writeString(file, "{\"default-runtime\":\"kata\",\"runtimes\":{\"kata\":{\"path\":\"/bin/sh\"}}}");
        assertEquals(0, machine.answers("", "y").setup("docker"), machine::err);
        assertEquals(Optional.of("kata"), written().defaultRuntime());
        assertEquals(Optional.of("/bin/sh"), written().runtimes().get(ours).argument("--se-runtime"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {"default-runtime":"k","runtimes":{"k":{"path":"/bin/sh","runtimeArgs":["-x"]}}} | the default runtime k has arguments
            {"default-runtime":"k","runtimes":{"k":{"runtimeType":"io.k.v1"}}}               | the default runtime k has arguments
            {"default-runtime":"k"}                                                          | nothing says what the default runtime k is
            {"default-runtime":"k","runtimes":{"k":{"path":"/no/such"}}}                     | there is no runtime /no/such
            {"runtimes":7}                                                                   | /daemon.json has "runtimes" that is no object
            {"a":1,"a":2}                                                                    | /daemon.json is no valid JSON
            {"a":1                                                                           | /daemon.json is no valid JSON
            []                                                                               | /daemon.json is no JSON object
            """)
    void refusesWhatItCannotKeep(String before, String reason) throws IOException {
        Files.writeString(file, before);
        assertEquals(1, machine.setup("docker", "--yes"));
        assertTrue(machine.err().contains(reason), machine::err);
        assertEquals(1, machine.err().lines().count());
        assertEquals(before, Files.readString(file));
    }

    @Test
    void takesTheRuntimeThatItIsTold() throws IOException {
        Files.writeString(file,
                "{\"default-runtime\":\"k\",\"runtimes\":{\"k\":{\"path\":\"/x\",\"runtimeArgs\":[\"-x\"]}}}");
        assertEquals(0, machine.setup("docker", "--yes", "--runtime", "/bin/sh", "--no-fill"), machine::err);
        assertEquals(List.of("--se-runtime=/bin/sh", "--se-no-fill"),
                written().runtimes().get(ours).arguments().subList(2, 4));
        assertEquals(1, machine.setup("docker", "--yes", "--runtime", "/no/such"));
    }

    @Test
    void keepsTheSwitchOfAnEntryUnlessItIsGiven() throws IOException {
        assertEquals(0, machine.setup("docker", "--yes", "--no-fill"), machine::err);
        assertEquals(0, machine.setup("docker", "--yes", "--default"), machine::err);
        assertTrue(written().runtimes().get(ours).arguments().contains("--se-no-fill"));
        assertEquals(0, machine.setup("docker", "--yes", "--fill"), machine::err);
        assertFalse(written().runtimes().get(ours).arguments().contains("--se-no-fill"));
    }

    @Test
    void refusesARuntimeThatOthersCanChange() throws IOException {
        Path runtime = machine.program("else/runtime", "#!/bin/sh\n");
        Path link = Files.createSymbolicLink(Files.createDirectory(machine.folder().resolve("links")).resolve("r"),
                runtime);
        for (Path open : List.of(runtime, link.getParent())) {
            var before = Files.getPosixFilePermissions(open);
            assertEquals(0, machine.setup("docker", "--dry-run", "--runtime", link.toString()), machine::err);
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
            assertEquals(1, machine.setup("docker", "--yes", "--runtime", link.toString()));
            assertEquals("the runtime " + link + " is not safe to run: " + open
                    + " can be written by others: run chmod go-w " + open + "\n", machine.err());
            Files.setPosixFilePermissions(open, before);
        }
        assertFalse(Files.exists(file));
    }

    @Test
    void losesNothingThatIsWrittenWhileItAsks() throws IOException {
        Files.writeString(file, "{}");
        machine.answers("y", "y").meanwhile(() -> Files.writeString(file, "{\"debug\": true}"));
        assertEquals(1, machine.setup("docker", "--default"));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        assertEquals("{\"debug\": true}", Files.readString(file));
        assertEquals(List.of(file), Files.list(file.getParent()).toList());
        assertEquals(0, machine.setup("docker", "--default"), machine::err);
        assertTrue(written().text().startsWith("{\"debug\": true, "), written()::text);
    }

    @Test
    void losesNothingThatIsWrittenWhileDockerdValidates() throws IOException {
        Files.writeString(file, "{}");
        machine.program("bin/dockerd", "#!/bin/sh\necho ' --validate'; echo '{\"a\":1}' > '" + file + "'\n");
        assertEquals(1, machine.setup("docker", "--yes"));
        assertEquals(file + " has changed since it was shown: run this again\n", machine.err());
        assertEquals("{\"a\":1}\n", Files.readString(file));
        assertEquals(List.of(file), Files.list(file.getParent()).toList());
    }

    @Test
    void standsBesideThoseThatSetUpAtTheSameTime() throws Exception {
        // Takes its time between reading and writing.
        machine.program("bin/dockerd", "#!/bin/sh\necho ' --validate'; sleep 0.1\n");
        machine.program("bin/getent", "#!/bin/sh\necho \"u$2:x:$2:$2::" + machine.folder() + "/u$2:/bin/sh\"\n");
        // Made before the first one runs: a program cannot be started while a child of this JVM still has it open to write.
        List<Callable<String>> setups = new ArrayList<>();
        for (int uid = 1001; uid <= 1006; uid++) {
            Machine theirs = new Machine(temporary);
            theirs.environment().put("SUDO_UID", Integer.toString(uid));
            setups.add(() -> theirs.setupAs(0, "docker", "--yes", "--runtime", "/bin/sh") + theirs.err());
        }
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (Future<String> done : threads.invokeAll(setups)) {
                assertEquals("0", done.get());
            }
        }
        assertEquals(IntStream.rangeClosed(1001, 1006).mapToObj(uid -> "se-" + uid).toList(),
                written().runtimes().keySet().stream().sorted().toList());
        assertFalse(Files.exists(file.resolveSibling(".daemon.json.docker-pass-lock")));
    }

    @Test
    void standsBesideOtherUsersAndBeforeTheSameRuntime() throws IOException {
        Files.writeString(file, """
                {"default-runtime": "se-99999", "runtimes": {"se-99999":
                  {"path": "/w", "runtimeArgs": ["--se-uid=99999", "--se-runtime=/bin/sh"]}}}""");
        assertEquals(0, machine.setup("docker", "--yes"), machine::err);
        assertEquals(Optional.of("se-99999"), written().defaultRuntime());
        assertEquals(2, written().runtimes().size());
        assertEquals(Optional.of("/bin/sh"), written().runtimes().get(ours).argument("--se-runtime"));
    }

    @Test
    void refusesPathsThatDockerdWouldBreak() throws IOException {
        machine.environment().put("SECRETS_ENGINE_HOME", machine.folder().resolve("a b").toString());
        assertEquals(1, machine.setup("docker", "--yes"));
        assertTrue(machine.err().contains("a b/run/cli.sock: it may have letters"), machine::err);
        assertFalse(Files.exists(file));
    }

    @Test
    void namesTheSocketOfTheRunningEngine() throws IOException {
        Path socket = Files.createFile(machine.folder().resolve("elsewhere.sock"));
        Path state = Files.createDirectories(machine.folder().resolve("engine/state"));
        Files.writeString(state.resolve("engine.address"), "pid=1\nsocket=" + socket + "\n");
        assertEquals(0, machine.setup("docker", "--yes"), machine::err);
        assertEquals(Optional.of(socket.toString()), written().runtimes().get(ours).argument("--se-socket"));
        Files.delete(socket);
        assertEquals(0, machine.setup("docker", "--yes"), machine::err);
        assertEquals(Optional.of(line("FOLDER/engine/run/cli.sock")),
                written().runtimes().get(ours).argument("--se-socket"));
    }

    @Test
    void needsTheWrapper() throws IOException {
        Files.delete(machine.places().imageWrapper());
        assertEquals(1, machine.setup("docker", "--yes"));
        assertEquals("this installation has no bin/secrets-engine-runtime: install a C compiler (gcc or clang) and run"
                + " quickstart again\n", machine.err());
    }

    @Test
    void hasTheFileValidated() throws IOException {
        FakeDockerd.install(machine.folder().resolve("bin"));
        Files.writeString(file, "{\"unwanted\": 1}");
        assertEquals(1, machine.setup("docker", "--yes"));
        assertEquals("dockerd would not take the new " + file + ", nothing was changed: unable to configure with file "
                + file + ": unwanted\n", machine.err());
        assertEquals("{\"unwanted\": 1}", Files.readString(file));
        assertEquals("-rw-------\n", machine.read("bin/validated"));
        assertEquals(List.of(file), Files.list(file.getParent()).toList());
    }

    @Test
    void keepsModeAndLinkAndNumbersBackups() throws IOException {
        Path real = Files.writeString(machine.folder().resolve("real.json"), "{\"a\":1}");
        Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
        Files.createSymbolicLink(file, real);
        Files.writeString(machine.folder().resolve("real.json.before-docker-pass"), "older");
        assertEquals(0, machine.setup("docker", "--yes"), machine::err);
        assertTrue(Files.isSymbolicLink(file));
        assertTrue(written().runtimes().containsKey(ours));
        assertEquals("older", machine.read("real.json.before-docker-pass"));
        assertEquals("{\"a\":1}", machine.read("real.json.before-docker-pass.1"));
        for (String name : List.of("real.json", "real.json.before-docker-pass.1")) {
            assertEquals("rw-r-----", PosixFilePermissions.toString(
                    Files.getPosixFilePermissions(machine.folder().resolve(name))), name);
        }
    }

    @Test
    void reloadsAndProvesItself() throws IOException {
        machine.docker().images("nginx:1", "<none>:<none>", "busybox:<none>", "alpine:3").run("cat secret; echo");
        try (FakeDockerd dockerd = FakeDockerd.start(file, machine.folder())) {
            Files.writeString(machine.places().dockerPid(), dockerd.pid() + "\n");
            assertEquals(0, machine.setup("docker", "--yes", "--default"), machine::err);
            assertEquals(Files.readString(file), dockerd.reloaded(1));
            assertTrue(machine.out().contains("Reloaded dockerd: kill -HUP " + dockerd.pid() + "\n"), machine.out());
            assertTrue(machine.out().endsWith("Tried: a container of alpine:3 got its secret by " + ours + "\n"),
                    machine.out());
            assertEquals("set docker-pass/setup-check\nrm docker-pass/setup-check\n", machine.read("client.log"));
            assertTrue(machine.docker().log().contains("run --rm --network none --runtime " + ours
                    + " --env CHECK=se://docker-pass/setup-check alpine:3 sh -c echo \"$CHECK\""));

            machine.docker().run("echo se://docker-pass/setup-check");
            assertEquals(1, machine.setup("docker", "--yes"));
            assertTrue(machine.out().contains(" already\n"), machine.out());
            assertTrue(machine.err().contains("did not get its secret"), machine::err);
            machine.docker().run("echo 'docker: no way' >&2; exit 125");
            assertEquals(1, machine.setup("docker", "--yes"));
            assertTrue(machine.err().endsWith(": docker: no way\n"), machine::err);
            assertEquals("", machine.read("secret"));

            machine.docker().images("nginx:1");
            assertEquals(0, machine.setup("docker", "--yes"));
            assertTrue(machine.out().contains("Not tried: none of the images"), machine.out());
            assertFalse(dockerd.wasReloaded(2));
        }
    }

    @Test
    void signalsOnlyTheDockerdOfTheFile() throws IOException {
        Path other = machine.folder().resolve("other.json");
        try (FakeDockerd dockerd = FakeDockerd.start(other, machine.folder())) {
            Files.writeString(machine.places().dockerPid(), dockerd.pid() + "\n");
            assertEquals(0, machine.setup("docker", "--yes", "--config", other.toString()), machine::err);
            assertTrue(machine.out().contains("Now tell the dockerd that reads " + other + ": kill -HUP <pid"),
                    machine.out());
            assertFalse(dockerd.wasReloaded(1));
            Files.writeString(other, "{\"pidfile\": \"" + machine.places().dockerPid() + "\"}");
            assertEquals(0, machine.setup("docker", "--yes", "--config", other.toString()), machine::err);
            assertTrue(dockerd.reloaded(1).contains(ours));
        }
    }

    @Test
    void hasRootWriteWhatIsRoots() throws IOException {
        Files.writeString(file, "{}");
        machine.answers("y");
        assertEquals(0, machine.setupAs(4711, "docker", "--default", "--no-fill", "--runtime", "/bin/sh"),
                machine::err);
        assertEquals("{}", Files.readString(file));
        String told = machine.read("sudo.log").strip();
        assertTrue(told.startsWith(line("FOLDER/image/bin/docker-pass-portable setup docker --config=" + file
                + " --yes --as-uid=4711 --default --no-fill --runtime=/bin/sh --as-socket=FOLDER/engine/run/cli.sock --confirmed=")),
                told);
        assertTrue(machine.out().contains("Root does the rest: sudo " + told + "\n"), machine.out());

        String[] words = told.substring(told.indexOf(" setup ") + " setup ".length()).split(" ");
        machine.environment().put("SUDO_UID", "1");
        assertEquals(SecondPart.NOT_RELOADED, machine.setupAs(0, words), machine::err);
        assertEquals(Optional.of("se-4711"), written().defaultRuntime());
        assertEquals(Optional.of(line("FOLDER/engine/run/cli.sock")),
                written().runtimes().get("se-4711").argument("--se-socket"));
        Files.writeString(file, "{\"debug\": true}");
        assertEquals(1, machine.setupAs(0, words));
        assertTrue(machine.err().contains(" has changed since it was shown: run this again"), machine::err);
        assertEquals(0, machine.setupAs(4711, "docker", "--yes", "--runtime", "/bin/sh"), machine::err);
        assertFalse(machine.read("sudo.log").lines().toList().getLast().contains("--confirmed"));
    }

    @Test
    void saysWhatToRunAsRootWhereThereIsNoSudo() throws IOException {
        Files.setPosixFilePermissions(machine.folder().resolve("bin/sudo"),
                PosixFilePermissions.fromString("rw-r--r--"));
        Places without = new Places(machine.places().image(), List.of(machine.folder().resolve("bin")), file,
                machine.places().dockerPid(), machine.places().wrappers(), machine.places().containersConf(),
                machine.places().userRun());
        assertEquals(1, Setup.run(List.of("docker", "--yes"), machine.environment(), machine, without, 4711));
        assertTrue(
                machine.err().contains("there is no sudo: run as root: " + without.portableClient() + " setup docker"),
                machine::err);
    }
}
