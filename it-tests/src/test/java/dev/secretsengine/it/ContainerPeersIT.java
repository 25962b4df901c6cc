package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Who is at the other end of the socket: whose engine it may be, and what an engine may not say. */
class ContainerPeersIT {

    private static OtherUser other;
    private static ContainerStage stage;
    private static FakeEngine fake;
    private static Process squatter;
    private static Path record;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("python3");
        other = new OtherUser();
        other.pass("set", "whose=of the other user").ok();
        Home home = Home.withAge();
        Path stale = home.folder().resolve("run/stale.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(stale));
        }
        Path squatted = other.home().resolve("squatted.sock");
        record = other.home().resolve("record");
        squatter = squat(squatted, record);
        fake = new FakeEngine(home.folder().resolve("run/fake.sock"));
        int uid = Tools.uid();
        stage = ContainerStage.open(home,
                Map.of("stale", DockerDaemon.wrapper(uid, stale), "nobody",
                        DockerDaemon.wrapper(uid, home.folder().resolve("run/nobody.sock")), "squatted",
                        DockerDaemon.wrapper(uid, squatted), "foreign", DockerDaemon.wrapper(uid, other.socket()),
                        "other", DockerDaemon.wrapper(OtherUser.UID, other.socket()), "crossed",
                        DockerDaemon.wrapper(OtherUser.UID, home.socket()), "fake",
                        DockerDaemon.wrapper(uid, home.folder().resolve("run/fake.sock"))));
        stage.set("whose", "of the first user");
    }

    private static Process squat(Path socket, Path record) throws Exception {
        Path script = Path.of(ContainerPeersIT.class.getResource("/squatter.py").toURI());
        Path copy = Files.copy(script, other.place().resolve("squatter.py"));
        Process process = other.process("python3", copy.toString(), socket.toString(), record.toString()).start();
        assertEquals("ready", process.inputReader(StandardCharsets.US_ASCII).readLine());
        return process;
    }

    @AfterAll
    static void close() throws Exception {
        fake.close();
        Sandbox.root("kill", Long.toString(squatter.pid()));
        assertTrue(squatter.waitFor(10, TimeUnit.SECONDS));
        stage.close();
        other.close();
    }

    private static Outcome run(String runtime) throws IOException {
        return stage.docker("run", "--name", "peer", "--runtime", runtime, "-e", "X=se://whose", "busybox", "env");
    }

    /** The container is not started; the message says these things. */
    private static void refused(String runtime, String... words) throws IOException {
        try {
            stage.assertRefused(run(runtime), 125, "peer", "docker-pass: X=se://whose: ");
            String error = stage.daemon().inspect("peer", "{{.State.Error}}");
            for (String word : words) {
                assertTrue(error.contains(word), error);
            }
        } finally {
            stage.docker("rm", "peer").ok();
        }
    }

    @Test
    void everyUserHasAnEngineAndARuntimeOfItsOwn() throws Exception {
        for (String runtime : new String[]{"other", "se"}) {
            String expected = runtime.equals("se") ? "X=of the first user" : "X=of the other user";
            assertTrue(run(runtime).ok().lines().toList().contains(expected), runtime);
            stage.docker("rm", "peer").ok();
        }
    }

    @Test
    void anotherUsersEngineIsNotAsked() throws Exception {
        refused("foreign", "uid " + Tools.uid());
        // The wrapper goes there as the other user, whom this home keeps out.
        refused("crossed", "uid " + OtherUser.UID);
    }

    @Test
    void squattedSocketGetsNoQuestionAndGivesNoAnswer() throws Exception {
        refused("squatted", "uid " + Tools.uid());
        assertEquals("", Sandbox.root("cat", record.toString()).out());
    }

    @Test
    void socketWithoutAnEngineIsAnEngineThatIsNotRunning() throws Exception {
        String down = "the secrets engine of uid " + Tools.uid() + " is not running: docker pass engine start --resume";
        refused("stale", down);
        refused("nobody", down);
        for (String runtime : new String[]{"stale", "nobody", "foreign", "crossed", "squatted"}) {
            assertEquals("plain\n", stage.docker("run", "--rm", "--runtime", runtime, "-e", "DEBUG=", "busybox", "echo",
                    "plain").ok(), runtime);
        }
    }

    @Test
    void engineThatDiesBeforeOrInItsAnswerIsRefused() throws Exception {
        byte[] hello = FakeEngine.frame('h', "1\0009.x\0ok");
        byte[] value = FakeEngine.frame('v', "X=half an answer");
        fake.answer();
        refused("fake");
        fake.answer(hello);
        refused("fake");
        // A value is worth nothing until the engine says that this was all.
        fake.answer(hello, value);
        refused("fake");
        fake.answer(hello, FakeEngine.frame('v', "X=half", 1000));
        refused("fake");
        fake.answer(hello, FakeEngine.frame('x', "0"));
        refused("fake");
        fake.answer(hello, value, FakeEngine.frame('x', "1"));
        refused("fake");
        fake.answer(hello, FakeEngine.frame('?', "X=y"), value, FakeEngine.frame('x', "0"));
        refused("fake");
        fake.answer(hello, FakeEngine.frame('v', "X=y", Integer.MAX_VALUE));
        refused("fake");
        fake.answer(hello, FakeEngine.frame('v', "X=y", -1));
        refused("fake");
    }

    /** What is wrong for a container is refused whoever sends it. */
    @Test
    void answerThatNobodyAskedForIsNotTaken() throws Exception {
        byte[] hello = FakeEngine.frame('h', "1\0009.x\0ok");
        byte[] end = FakeEngine.frame('x', "0");
        fake.answer(hello, FakeEngine.frame('v', "X=y"), FakeEngine.frame('v', "LD_PRELOAD=evil"), end);
        Outcome run = run("fake");
        stage.docker("rm", "peer").ok();
        assertFalse(run.out().contains("evil"), run::toString);
        fake.answer(hello, FakeEngine.frame('v', "Y=z"), end);
        refused("fake");
        fake.answer(hello, FakeEngine.frame('v', "X=" + "x".repeat(131_072)), end);
        refused("fake");
        fake.answer(hello, FakeEngine.frame('v', "X=a\0B=c"), end);
        refused("fake");
    }

    @Test
    void slowAnswerIsWaitedFor() throws Exception {
        fake.answer(FakeEngine.frame('h', "1\0009.x\0ok"), FakeEngine.frame('v', "X=after all"),
                FakeEngine.frame('x', "0"));
        fake.delay(2500);
        try {
            assertTrue(run("fake").ok().lines().toList().contains("X=after all"));
            stage.docker("rm", "peer").ok();
        } finally {
            fake.delay(0);
        }
    }
}
