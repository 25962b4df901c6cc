package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A container's value over its life: each start and each command in it has the present one. */
class ContainerLifeIT {

    private static ContainerStage stage;

    @BeforeAll
    static void open() throws Exception {
        stage = ContainerStage.open();
        stage.set("fixed", "s3cr3t");
        stage.set("TOKEN", "123456789");
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    @Test
    void createdContainerIsResolvedWhenItStarts() throws Exception {
        stage.set("later", "early");
        stage.docker("create", "--name", "created", "-e", "X=se://later", "busybox", "sh", "-c", "echo $X").ok();
        stage.set("later", "in time");
        assertEquals("in time\n", stage.docker("start", "-a", "created").ok());
        stage.docker("rm", "created").ok();
    }

    @Test
    void everyStartHasThePresentValue() throws Exception {
        stage.set("rotated", "one");
        stage.docker("run", "-d", "--name", "rotating", "-e", "X=se://rotated", "busybox", "sh", "-c",
                "echo $X; exec sleep 600").ok();
        awaitLog("rotating", "one\n");
        stage.set("rotated", "two");
        stage.docker("restart", "-t", "0", "rotating").ok();
        awaitLog("rotating", "one\ntwo\n");
        stage.set("rotated", "three");
        stage.docker("stop", "-t", "0", "rotating").ok();
        stage.docker("start", "rotating").ok();
        awaitLog("rotating", "one\ntwo\nthree\n");
        stage.docker("rm", "-f", "rotating").ok();
    }

    @Test
    void restartPolicyResolvesAgain() throws Exception {
        stage.set("policy", "old");
        stage.docker("run", "-d", "--name", "policy", "--restart", "always", "-e", "X=se://policy", "busybox", "sh",
                "-c", "echo $X; exec sleep 600").ok();
        awaitLog("policy", "old\n");
        stage.set("policy", "new");
        Sandbox.root("kill", "-KILL", stage.daemon().inspect("policy", "{{.State.Pid}}")).ok();
        awaitLog("policy", "old\nnew\n");
        assertEquals("1", stage.daemon().inspect("policy", "{{.RestartCount}}"));
        stage.docker("rm", "-f", "policy").ok();
    }

    private static void awaitLog(String container, String expected) throws Exception {
        long lines = expected.lines().count();
        Poll.until("line " + lines, () -> stage.docker("logs", container).ok().lines().count() >= lines);
        assertEquals(expected, stage.docker("logs", container).ok());
    }

    @Test
    void commandsInARunningContainerGetValuesToo() throws Exception {
        stage.set("exec", "at the start");
        stage.docker("run", "-d", "--name", "running", "-e", "X=se://exec", "busybox", "sleep", "600").ok();
        assertEquals("s3cr3t at the start plain\n", stage.docker("exec", "-e", "Y=se://fixed", "-e", "Z=plain",
                "running", "sh", "-c", "echo $Y $X $Z").ok());
        assertEquals("123456789\n", stage.docker("exec", "-e", "TOKEN=", "running", "sh", "-c", "echo $TOKEN").ok());
        assertEquals("65534 s3cr3t\n", stage.docker("exec", "--user", "65534", "-e", "Y=se://fixed", "running", "sh",
                "-c", "echo $(id -u) $Y").ok());
        stage.set("exec", "changed");
        assertEquals("changed\n", stage.docker("exec", "running", "sh", "-c", "echo $X").ok());
        stage.docker("rm", "-f", "running").ok();
    }

    @Test
    void healthCheckSeesTheValue() throws Exception {
        stage.docker("run", "-d", "--name", "healthy", "-e", "X=se://fixed", "--health-interval", "100ms",
                "--health-retries", "1", "--health-cmd", "test \"$X\" = s3cr3t", "busybox", "sleep", "600").ok();
        Poll.until("the health check",
                () -> !stage.daemon().inspect("healthy", "{{.State.Health.Status}}").equals("starting"));
        assertEquals("healthy", stage.daemon().inspect("healthy", "{{.State.Health.Status}}"));
        stage.docker("rm", "-f", "healthy").ok();
    }
}
