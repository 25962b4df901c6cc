package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The value of a container's secret is in its processes, and on no file system, in no image and in no answer. */
class ContainerLeakIT {

    private static ContainerStage stage;
    private static Canary canary;

    @BeforeAll
    static void open() throws Exception {
        stage = ContainerStage.open();
        canary = new Canary();
        stage.set("canary", canary.bytes());
        stage.docker("run", "-d", "--name", "leak", "-e", "X=se://canary", "-e", "canary=", "--health-interval",
                "100ms",
                "--health-cmd", "test -n \"$X\"", "busybox", "sleep", "600").ok();
        assertEquals(canary.text() + "\n", stage.docker("exec", "leak", "sh", "-c", "echo $X").ok());
        stage.docker("exec", "-d", "-e", "Y=se://canary", "leak", "sleep", "500").ok();
        stage.docker("commit", "leak", "committed").ok();
    }

    @AfterAll
    static void close() throws IOException {
        stage.close();
    }

    private static String[] search(String... places) {
        List<String> line = new ArrayList<>(List.of("grep", "-rlaF", "--devices=skip", "--exclude-dir=image"));
        canary.forms().forEach(form -> line.addAll(List.of("-e", form)));
        line.addAll(List.of(places));
        return line.toArray(String[]::new);
    }

    /** Files with the canary in them, looked for in dockerd's namespace. */
    private static List<String> found(String... places) throws IOException {
        return found(stage.daemon().sandbox().inside(search(places)));
    }

    private static List<String> found(Outcome search) {
        // Files that went meanwhile are complaints, which there may be; a search that did not take place is not.
        assertTrue(search.code() <= 2 && !search.err().contains("Usage"), search::toString);
        return search.out().lines().toList();
    }

    @Test
    void noFileHasIt() throws Exception {
        String folder = stage.daemon().folder().toString();
        assertEquals(List.of(), found(folder, "/run", "/tmp", "/dev/shm", "/var/run", "/var/lib", "/etc/docker"));
        assertEquals(List.of(), found(Sandbox.root(search("/run", "/dev/shm"))));
        stage.docker("restart", "-t", "0", "leak").ok();
        stage.docker("run", "--rm", "-e", "X=se://canary", "busybox", "true").ok();
        assertEquals(125, stage.docker("run", "-e", "X=se://canary", "-e", "Y=se://none", "busybox", "true").code());
        assertEquals(127, stage.docker("run", "-e", "X=se://canary", "busybox", "/no/such").code());
        assertEquals(List.of(), found(folder, "/run", "/tmp", "/dev/shm"));
    }

    /** The looking itself. */
    @Test
    void searchWouldFindIt() throws Exception {
        for (String form : canary.forms()) {
            Path leak = Files.writeString(stage.daemon().folder().resolve("leak"), "before " + form + " after\n");
            assertEquals(List.of(leak.toString()), found(leak.getParent().toString()), form);
            Files.delete(leak);
        }
        // Container's file systems are mounted in there, and are looked into.
        stage.docker("exec", "leak", "sh", "-c", "echo $X > /leak").ok();
        assertFalse(found(stage.daemon().folder().resolve("root").toString()).isEmpty());
        stage.docker("exec", "leak", "sh", "-c", "echo > /leak").ok();
    }

    @Test
    void inspectAndTheImageHaveTheReference() throws Exception {
        for (String name : List.of("leak", "committed")) {
            String known = stage.docker("inspect", name).ok();
            assertTrue(known.contains("\"X=se://canary\"") && known.contains("\"canary=\""), known);
            assertFalse(known.contains(canary.text()), known);
        }
        String id = stage.daemon().inspect("leak", "{{.Id}}");
        for (String file : List.of("config.v2.json", "hostconfig.json")) {
            String content = Sandbox
                    .root("cat", stage.daemon().folder().resolve("root/containers/" + id + "/" + file).toString()).ok();
            assertFalse(content.contains(canary.text()), content);
            assertEquals(file.startsWith("config"), content.contains("X=se://canary"), content);
        }
        assertFalse(stage.docker("history", "--no-trunc", "committed").ok().contains(canary.text()));
        assertFalse(stage.docker("events", "--since", "10m", "--until", "0s").ok().contains(canary.text()));
        assertFalse(Files.readString(stage.daemon().folder().resolve("log")).contains(canary.text()));
    }

    @Test
    void nobodyElsesProcessHasIt() throws Exception {
        String container = stage.daemon().inspect("leak", "{{.State.Pid}}");
        String daemon = stage.daemon().pid();
        List<String> processes = new ArrayList<>(List.of(daemon));
        processes.addAll(ProcessHandle.of(Long.parseLong(container)).flatMap(ProcessHandle::parent)
                .map(shim -> Long.toString(shim.pid())).stream().toList());
        processes.addAll(ProcessHandle.of(Long.parseLong(daemon)).orElseThrow().descendants()
                .map(child -> Long.toString(child.pid())).toList());
        assertTrue(processes.size() >= 3, processes::toString);
        for (String process : processes) {
            for (String file : List.of("environ", "cmdline")) {
                Outcome content = Sandbox.root("cat", "/proc/" + process + "/" + file);
                assertFalse(content.out().contains(canary.text()), file + " of " + process);
            }
        }
    }

    @Test
    void noDescriptorOfOursIsLeftOpen() throws Exception {
        String container = stage.daemon().inspect("leak", "{{.State.Pid}}");
        for (String process : List.of(container, stage.daemon().pid(),
                Long.toString(
                        ProcessHandle.of(Long.parseLong(container)).orElseThrow().parent().orElseThrow().pid()))) {
            String descriptors = Sandbox.root("ls", "-l", "/proc/" + process + "/fd").ok();
            assertFalse(descriptors.contains("memfd") || descriptors.contains("/dse"), descriptors);
        }
        assertEquals("0\n1\n2\n3\n", stage.docker("exec", "leak", "ls", "/proc/self/fd").ok());
        assertEquals("0\n1\n2\n3\n",
                stage.docker("run", "--rm", "-e", "X=se://canary", "busybox", "ls", "/proc/self/fd")
                        .ok());
    }

    @Test
    void containerSeesNoTraceOfTheWrapper() throws Exception {
        String environment = stage.docker("run", "--rm", "--hostname", "h", "-e", "X=se://canary", "busybox", "env")
                .ok();
        assertEquals("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nHOSTNAME=h\nX="
                + canary.text() + "\nHOME=/\n", environment);
        String seen = stage.docker("run", "--rm", "-e", "X=se://canary", "busybox", "sh", "-c",
                "cat /proc/1/cmdline /proc/mounts; ls -a /").ok();
        assertFalse(seen.contains("dse") || seen.contains("--se-") || seen.contains("secrets-engine"), seen);
    }

    @Test
    void nothingIsLeftOfContainersThatAreGone() throws Exception {
        stage.docker("run", "--rm", "-e", "X=se://canary", "busybox", "true").ok();
        stage.docker("run", "--rm", "-e", "X=se://none", "busybox", "true");
        String running = stage.daemon().inspect("leak", "{{.Id}}");
        List<String> left = stage.daemon().sandbox()
                .inside("find", stage.daemon().folder().resolve("exec").toString(), "/run", "-name", "dse").ok().lines()
                .filter(path -> !path.contains(running)).toList();
        assertEquals(List.of(), left);
    }
}
