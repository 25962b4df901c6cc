package dev.secretsengine.it;

import static dev.secretsengine.it.ContainerStage.assertSays;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Containers of a user whose engine is not running, and what happens when it is back. */
class EngineDownIT {

    private static ContainerStage stage;
    private static String down;

    @BeforeAll
    static void open() throws Exception {
        stage = ContainerStage.open();
        down = ": the secrets engine of uid " + Tools.uid() + " is not running: docker pass engine start --resume";
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    @BeforeEach
    void start() throws IOException {
        stage.home().pass("engine", "start").ok();
        stage.set("db/password", "s3cr3t");
        stage.set("GH_TOKEN", "123456789");
    }

    /** As a crash does: its socket stays behind. */
    private static void kill() throws IOException {
        for (long engine : stage.home().engines()) {
            ProcessHandle.of(engine).ifPresent(handle -> {
                handle.destroyForcibly();
                handle.onExit().join();
            });
        }
    }

    private static void stop() throws IOException {
        stage.home().pass("engine", "stop").ok();
    }

    private static void refused() throws IOException {
        stage.assertRefused(stage.docker("run", "--name", "refused", "-e", "X=se://db/password", "busybox", "true"),
                125,
                "refused", "docker-pass: X=se://db/password" + down);
        assertSays(stage.docker("start", "refused"), 1, "docker-pass: X=se://db/password" + down);
        stage.docker("rm", "refused").ok();
    }

    @Test
    void referencesAreRefused() throws Exception {
        stop();
        refused();
    }

    @Test
    void socketThatIsLeftBehindMakesNoDifference() throws Exception {
        kill();
        refused();
    }

    @Test
    void containersWithoutReferencesStart() throws Exception {
        stop();
        assertEquals("plain\n", stage.docker("run", "--rm", "-e", "A=1", "busybox", "echo", "plain").ok());
        assertEquals("X=se://db/password\n", stage.docker("run", "--rm", "busybox", "echo", "X=se://db/password").ok());
        // Whatever might fill it, it is no reason to fail.
        assertEquals("<><>\n", stage.docker("run", "--rm", "-e", "DEBUG=", "-e", "GH_TOKEN=", "busybox", "sh", "-c",
                "echo \"<${DEBUG-unset}><${GH_TOKEN-unset}>\"").ok());
    }

    @Test
    void runningContainersGoOnAndAreNotStartedAgain() throws Exception {
        stage.docker("run", "-d", "--name", "orphan", "-e", "X=se://db/password", "busybox", "sleep", "600").ok();
        kill();
        assertEquals("s3cr3t\n", stage.docker("exec", "orphan", "sh", "-c", "echo $X").ok());
        stage.docker("stop", "-t", "0", "orphan").ok();
        stage.assertRefused(stage.docker("start", "orphan"), 1, "orphan", "X=se://db/password" + down);
        stage.docker("rm", "orphan").ok();
    }

    @Test
    void commandsInARunningContainerKeepItsValue() throws Exception {
        stage.docker("run", "-d", "--name", "kept", "-e", "X=se://db/password", "-e", "Y=plain", "busybox", "sleep",
                "600").ok();
        stop();
        assertEquals("s3cr3t plain\n", stage.docker("exec", "kept", "sh", "-c", "echo $X $Y").ok());
        assertEquals("s3cr3t\n", stage.docker("exec", "-e", "X=se://db/password", "kept", "sh", "-c", "echo $X").ok());
        // Only what its first process has, under the same name, from the same reference; dockerd orders them by chance.
        assertSays(stage.docker("exec", "-e", "X=se://db/other", "kept", "true"), 126, "X=se://db/other", down);
        assertSays(stage.docker("exec", "-e", "Z=se://db/password", "kept", "true"), 126, "Z=se://db/password", down);
        assertSays(stage.docker("exec", "-e", "Y=se://db/password", "kept", "true"), 126, "Y=se://db/password", down);
        stage.docker("rm", "-f", "kept").ok();
    }

    @Test
    void healthCheckGoesOn() throws Exception {
        stage.docker("run", "-d", "--name", "healthy", "-e", "X=se://db/password", "--health-interval", "100ms",
                "--health-retries", "1", "--health-cmd", "test \"$X\" = s3cr3t", "busybox", "sleep", "600").ok();
        stop();
        Instant stopped = Instant.now();
        Poll.until("a later check", () -> {
            String last = stage.daemon().inspect("healthy",
                    "{{range .State.Health.Log}}{{.Start.UTC.Format \"2006-01-02T15:04:05.000Z\"}} {{end}}");
            return !last.isEmpty() && Instant.parse(last.substring(last.lastIndexOf(' ') + 1)).isAfter(stopped);
        });
        assertEquals("healthy 0",
                stage.daemon().inspect("healthy", "{{.State.Health.Status}} {{.State.Health.FailingStreak}}"));
        stage.docker("rm", "-f", "healthy").ok();
    }

    @Test
    void refusedContainersAreStartedWhenTheEngineIsBack() throws Exception {
        stage.docker("create", "--name", "always", "--restart", "always", "-e", "X=se://db/password", "busybox", "sh",
                "-c", "echo $X; exec sleep 600").ok();
        stage.docker("create", "--name", "once", "-e", "X=se://db/password", "busybox", "sleep", "600").ok();
        stage.docker("create", "--name", "hopeless", "--restart", "always", "-e", "X=se://none/such", "busybox", "true")
                .ok();
        assertSays(stage.docker("start", "hopeless"), 1, "there is no secret none/such");
        stop();
        for (String name : new String[]{"always", "once"}) {
            stage.assertRefused(stage.docker("start", name), 1, name, "X=se://db/password" + down);
        }
        Outcome resumed = stage.home().pass("engine", "start", "--resume");
        assertEquals(0, resumed.code(), resumed::toString);
        assertTrue(resumed.out().contains("always"), resumed::toString);
        Poll.until("the container", () -> stage.docker("logs", "always").ok().equals("s3cr3t\n"));
        assertEquals("0", stage.daemon().inspect("once", "{{.State.Pid}}"));
        assertEquals("0", stage.daemon().inspect("hopeless", "{{.State.Pid}}"));
        stage.docker("rm", "-f", "always", "once", "hopeless").ok();
    }
}
