package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The wrapper as an OCI runtime, called by hand with a bundle of our own. */
class WrapperIT {

    private static Home home;
    private static Sandbox sandbox;
    private static Path bundle;
    private static String specification;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("runc", "busybox");
        home = Home.withAge();
        home.pass("set", "db/password=s3cr3t").ok();
        Path folder = Files.createTempDirectory("se-oci");
        sandbox = new Sandbox(folder, "sleep", "1200");
        bundle = Files.createDirectories(folder.resolve("bundle"));
        Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
        Files.copy(Path.of(Tools.path("busybox")), bin.resolve("busybox"));
        for (String applet : List.of("sh", "sleep")) {
            Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
        }
        Outcome.of(new ProcessBuilder(Tools.path("runc"), "spec").directory(bundle.toFile()), new byte[0]).ok();
        specification = Files.readString(bundle.resolve("config.json")).replace("\"terminal\": true",
                "\"terminal\": false");
        configure("se://db/password", "echo $X");
    }

    @AfterAll
    static void close() throws IOException {
        sandbox.close();
        home.close();
    }

    /** Writes the bundle's configuration. */
    private static void configure(String value, String command) throws IOException {
        Files.writeString(bundle.resolve("config.json"), specification.replace("\"TERM=xterm\"", "\"X=" + value + "\"")
                .replace("\"sh\"", "\"sh\", \"-c\", \"" + command + "\""));
    }

    /** A command line of the shell, in the bundle's folder, in which {@code wrapped} is the wrapped runtime. */
    private static Outcome sh(String line) throws IOException {
        List<String> wrapped = new ArrayList<>(List.of(home.installation().runtime().toString()));
        wrapped.addAll(DockerDaemon.wrapper(Tools.uid(), home.socket()));
        return sandbox.inside("sh", "-c", "cd " + bundle + "; wrapped() { " + String.join(" ", wrapped)
                + " --root /run/oci \"$@\"; }; " + line);
    }

    @Test
    void bundleIsFoundInEachWayToNameIt() throws Exception {
        for (String way : List.of("--bundle " + bundle, "--bundle=" + bundle, "-b " + bundle, "-b=../bundle", "")) {
            assertEquals("s3cr3t\n", sh("wrapped run " + way + " one").ok(), way);
        }
        for (String way : List.of("run one --bundle " + bundle, "run one -b " + bundle, "run --bundle= one")) {
            assertEquals("s3cr3t\n", sh("wrapped " + way).ok(), way);
        }
        assertEquals("s3cr3t\n", sh("wrapped --log-format json run --bundle . --no-pivot two").ok());
        assertTrue(Files.readString(bundle.resolve("config.json")).contains("X=se://db/password"));
        // What it leaves beside that points into a process that has ended.
        assertEquals("", sh("find dse -type f").ok());
    }

    @Test
    void engineMayDieOnceTheContainerIsCreated() throws Exception {
        sh("wrapped create three > out 2>&1 < /dev/null").ok();
        try {
            endEngines();
            sh("wrapped start three").ok();
            Poll.until("the container", () -> sh("wrapped state three").out().contains("\"stopped\""));
            sh("wrapped delete three").ok();
            assertEquals("s3cr3t\n", sh("cat out; rm out").ok());
            Outcome again = sh("wrapped create four");
            assertTrue(again.failed(1).contains("X=se://db/password: the secrets engine of uid"), again::toString);
        } finally {
            home.pass("engine", "start").ok();
        }
    }

    /** A runtime reports a container as started before its first process has become its command. */
    @Test
    void commandWithoutAnEngineWaitsForTheFirstProcess() throws Exception {
        configure("se://db/password", "sleep 600");
        try {
            writeProcess("echo $X");
            sh("wrapped create nine > /dev/null 2>&1 < /dev/null").ok();
            endEngines();
            assertEquals("s3cr3t\n",
                    sh("(sleep 0.2; wrapped start nine) > /dev/null 2>&1 &"
                            + " wrapped exec --process process.json nine; wait; rm process.json").ok());
        } finally {
            home.pass("engine", "start").ok();
            sh("wrapped delete --force nine");
            configure("se://db/password", "echo $X");
        }
    }

    /** A command of the shell in a container, as a file for {@code exec --process}. */
    private static void writeProcess(String command) throws IOException {
        Files.writeString(bundle.resolve("process.json"), """
                {"terminal": false, "user": {"uid": 0, "gid": 0}, "args": ["sh", "-c", "%s"],
                 "env": [ "PATH=/bin" , "X=se://db/password" ], "cwd": "/"}
                """.formatted(command));
    }

    private static void endEngines() throws IOException {
        for (long engine : home.engines()) {
            ProcessHandle.of(engine).ifPresent(handle -> {
                handle.destroyForcibly();
                handle.onExit().join();
            });
        }
    }

    @Test
    void commandInAContainerIsReadFromItsFile() throws Exception {
        configure("plain", "sleep 600");
        sh("wrapped run --detach five > /dev/null 2>&1 < /dev/null").ok();
        writeProcess("echo \\\"$X Y=se://none\\\"");
        for (String way : List.of("--process process.json", "--process=process.json", "-p process.json")) {
            assertEquals("s3cr3t Y=se://none\n", sh("wrapped exec " + way + " five").ok(), way);
        }
        sh("wrapped delete --force five; rm process.json").ok();
        configure("se://db/password", "echo $X");
    }

    @Test
    void refusalIsTheLastLineOfTheLogAndTheSameOnStandardError() throws Exception {
        configure("se://none/such", "echo started");
        try {
            for (String subcommand : List.of("create", "run")) {
                Outcome refused = sh("echo before > log; wrapped --log log --log-format json " + subcommand + " six");
                assertEquals("", refused.out());
                String message = refused.failed(1);
                assertTrue(message.startsWith("docker-pass: X=se://none/such: there is no secret none/such"), message);
                List<String> log = sh("cat log; rm log").ok().lines().toList();
                assertEquals("before", log.get(0));
                Matcher line = Pattern.compile("\\{\"level\":\"error\",\"msg\":\"(.*)\",\"time\":\"(.*)\"}")
                        .matcher(log.getLast());
                assertTrue(line.matches(), log::toString);
                assertEquals(message, line.group(1));
                assertTrue(Instant.parse(line.group(2)).isAfter(Instant.now().minusSeconds(60)), log::toString);
                assertEquals("", sh("wrapped list --quiet").ok());
            }
        } finally {
            configure("se://db/password", "echo $X");
        }
    }

    /** As rootless podman and rootless dockerd call it, of which the former gives it no arguments of ours. */
    @Test
    void rootOfAUserNamespaceIsTheUserOutsideOfIt() throws Exception {
        try (OtherUser other = new OtherUser()) {
            other.pass("set", "db/password=of the other user").ok();
            Path theirs = other.home().resolve("bundle");
            Sandbox.root("cp", "-a", bundle.toString(), theirs.toString()).ok();
            Sandbox.root("sh", "-c", "cd " + theirs + " && rm config.json && runc spec --rootless && sed -i -e"
                    + " 's/\"TERM=xterm\"/\"X=se:\\/\\/db\\/password\"/' -e 's/\"terminal\": true/\"terminal\": false/'"
                    + " -e 's/\"sh\"/\"sh\", \"-c\", \"echo $X\"/' config.json").ok();
            Sandbox.root("chown", "-R", OtherUser.UID + ":" + OtherUser.UID, theirs.toString()).ok();
            for (List<String> arguments : List.of(List.<String>of(),
                    DockerDaemon.wrapper(OtherUser.UID, other.socket()))) {
                Outcome run = Outcome.of(other.process("unshare", "--user", "--map-root-user", "--mount",
                        "sh", "-c", "cd " + theirs + " && PATH=$PATH:/usr/sbin " + other.installation().runtime() + " "
                                + String.join(" ", arguments) + " --root " + other.home() + "/oci run eight"),
                        new byte[0]);
                assertEquals("of the other user\n", run.ok(), arguments::toString);
            }
        }
    }

    @Test
    void everythingElseIsTheRealRuntimesBusiness() throws Exception {
        for (String line : List.of("--version", "features", "list", "--nonsense", "run --help", "", "state none",
                "exec none true", "run --bundle /no/such seven")) {
            Outcome real = sh(Tools.path("runc") + " --root /run/oci " + line);
            Outcome ours = sh("wrapped " + line);
            assertEquals(real.code(), ours.code(), line);
            assertEquals(real.out(), ours.out(), line);
            assertEquals(withoutTime(real.err()), withoutTime(ours.err()), line);
        }
        assertFalse(sh("wrapped --version").ok().isEmpty());
    }

    private static String withoutTime(String text) {
        return text.replaceAll("time=\"[^\"]*\"", "");
    }
}
