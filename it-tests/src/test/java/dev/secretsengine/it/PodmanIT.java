package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Root's podman, which passes the wrapper no arguments of ours. */
class PodmanIT {

    private static final String OPTIONS = " --network none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 ";

    private static Sandbox sandbox;
    private static RootUser root;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("podman", "crun", "busybox", "curl");
        Path folder = Files.createTempDirectory("se-pm");
        Path podman = Files.writeString(folder.resolve("podman"), """
                #!/bin/sh
                exec /usr/bin/env podman --root FOLDER/root --runroot FOLDER/runroot --tmpdir FOLDER/tmp \\
                    --cgroup-manager=cgroupfs --events-backend=file "$@"
                """.replace("FOLDER", folder.toString()).replace("/usr/bin/env podman", Tools.path("podman")));
        assertTrue(podman.toFile().setExecutable(true));
        Files.writeString(folder.resolve("end.sh"), podman + " kill --all; " + podman + " rm --force --all\n");
        sandbox = new Sandbox(folder, "sleep", "1200");
        root = new RootUser(sandbox);
        // crun does not like this on a machine with the cgroups of both versions.
        root.sh("umount /sys/fs/cgroup/unified");
        root.sh("ln -s " + podman + " $HOME/bin/podman").ok();
        root.sh("mkdir -p img/bin && cp /bin/busybox img/bin && for name in sh env echo cat sleep true; do"
                + " ln -s busybox img/bin/$name; done; tar -C img -c . | podman import --quiet - busybox");
        for (String secret : new String[]{"db/password=s3cr3t", "GH_TOKEN=123456789", "rotated=old"}) {
            root.run("docker-pass", "set", secret).ok();
        }
    }

    @AfterAll
    static void close() throws IOException {
        root.close();
        sandbox.close();
    }

    private static Outcome podman(String line) throws IOException {
        return root.sh("podman --runtime " + root.installation().runtime() + " "
                + line.replaceFirst("^(run|create) ", "$1" + OPTIONS));
    }

    @Test
    void containersAndCommandsInThemGetTheirSecrets() throws Exception {
        assertEquals("s3cr3t 123456789 <>\n",
                podman("run --rm -e X=se://db/password -e GH_TOKEN= -e DEBUG= busybox"
                        + " sh -c 'echo $X $GH_TOKEN \"<$DEBUG>\"'").ok());
        podman("run -d --name running -e X=se://rotated busybox sleep 600").ok();
        assertEquals("old 123456789\n",
                podman("exec -e Y=se://GH_TOKEN running sh -c 'echo $X $Y'").ok());
        String known = podman("inspect running").ok();
        assertTrue(known.contains("X=se://rotated") && !known.contains("X=old"), known);
        root.run("docker-pass", "set", "rotated=new").ok();
        podman("restart --time 0 running").ok();
        assertEquals("new\n", podman("exec running sh -c 'echo $X'").ok());
        podman("rm --force --time 0 running").ok();
    }

    @Test
    void refusalNamesVariableAndReference() throws Exception {
        Outcome run = podman("run --name refused -e X=se://none/such busybox echo started");
        assertFalse(run.code() == 0 || run.out().contains("started"), run::toString);
        assertTrue(run.err().contains("docker-pass: X=se://none/such: there is no secret none/such"), run::toString);
        podman("rm --force refused");

        podman("run -d --name plain busybox sleep 600").ok();
        Outcome exec = podman("exec -e X=se://none/such plain echo started");
        assertFalse(exec.code() == 0 || exec.out().contains("started"), exec::toString);
        assertTrue(exec.err().contains("docker-pass: X=se://none/such: "), exec::toString);
        podman("rm --force --time 0 plain").ok();
    }

    /** With the host's processes, and with its network, by which an abstract name is reached. */
    @Test
    void containerIsNotServedByTheSocketsOfTheSdk() throws Exception {
        root.run("docker-pass", "engine", "start").ok();
        String call = Tools.path("curl") + " -s --abstract-unix-socket docker-secrets-engine/0/daemon.sock"
                + " -H Content-Type:application/json -d {} http://unix/health.v1.VersionService/GetVersion";
        Poll.until("the name", () -> root.sh(call).out().startsWith("{\"version\":"));
        Outcome contained = root.sh("podman run --rm" + OPTIONS.replace("none", "host") + "--pid host -v /usr:/usr:ro"
                + " -v /usr/lib:/lib:ro -v /usr/lib64:/lib64:ro busybox " + call);
        assertEquals("", contained.out());
        assertTrue(root.run("docker-pass", "engine", "logs").ok().contains("it runs in a container"),
                contained::toString);
    }

    @Test
    void noFileHasTheValue() throws Exception {
        Canary canary = new Canary();
        root.run("docker-pass", "set", "canary=" + canary.text()).ok();
        podman("run -d --name leak -e X=se://canary busybox sleep 600").ok();
        assertEquals(canary.text() + "\n", podman("exec leak sh -c 'echo $X'").ok());
        podman("commit --quiet leak committed").ok();
        String patterns = String.join(" -e ", canary.forms());
        // Without what crun keeps in /run, which is memory: it writes the whole configuration there.
        String found = root.sh("grep -rlaF --devices=skip -e " + patterns + " " + sandbox.folder()
                + " /tmp /dev/shm /var/lib/containers /etc/containers").out();
        assertEquals("", found);
        podman("rm --force --time 0 leak").ok();
    }

    @Test
    void dropInMakesItTheRuntimeOfEveryContainer() throws Exception {
        Outcome dry = root.run("docker-pass", "setup", "podman", "--dry-run");
        assertTrue(dry.ok().contains("+runtime = \"se\""), dry::toString);
        root.run("docker-pass", "setup", "podman", "--yes").ok();
        assertEquals("s3cr3t\n",
                root.sh("podman run --rm" + OPTIONS + "-e X=se://db/password busybox sh -c 'echo $X'").ok());
        root.run("docker-pass", "setup", "podman", "--undo", "--yes").ok();
        assertEquals("se://db/password\n",
                root.sh("podman run --rm" + OPTIONS + "-e X=se://db/password busybox sh -c 'echo $X'").ok());
        assertEquals(2, root.sh("ls /etc/containers/containers.conf.d/50-secrets-engine.conf").code());
    }
}
