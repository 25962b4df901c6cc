package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code docker pass setup docker} with a dockerd that runs, by root. */
class SetupIT {

    /** Nobody would write it like this, and so it is to stay. */
    private static final String FOREIGN = """
            {
                "pidfile" :"FOLDER/pid",
              "labels": ["a=b",   "c=d"],
            \t"max-concurrent-downloads":7 ,  "runtimes" : {"other":{"path":"runc"}
              },
                "log-opts" : { "max-size": "1m",

                               "max-file":"3" }, "debug":   false}

            """;

    private Home home;
    private DockerDaemon daemon;
    private RootUser root;
    private Path file;
    private String before;

    @BeforeEach
    void open() throws Exception {
        home = Home.withAge();
        daemon = DockerDaemon.plain(home, FOREIGN);
        root = new RootUser(daemon.sandbox());
        root.set("DOCKER_HOST", home.environment().get("DOCKER_HOST"));
        root.run("docker-pass", "set", "db/password=s3cr3t").ok();
        file = daemon.configuration();
        before = Files.readString(file);
    }

    @AfterEach
    void close() throws IOException {
        root.close();
        daemon.close();
        home.close();
    }

    private Outcome setup(String... options) throws IOException {
        return root.sh("docker-pass setup docker --config " + file + " " + String.join(" ", options));
    }

    private String run(String... options) throws IOException {
        return root.sh("docker run --rm -e X=se://db/password " + String.join(" ", options)
                + " busybox sh -c 'echo $X'").ok();
    }

    private void assertForeignKeysKept() throws IOException {
        String now = Files.readString(file);
        for (String kept : List.of("\n    \"pidfile\" :\"" + daemon.folder() + "/pid\",\n",
                "\n  \"labels\": [\"a=b\",   \"c=d\"],\n\t\"max-concurrent-downloads\":7 ,",
                "\"other\":{\"path\":\"runc\"}",
                "\"log-opts\" : { \"max-size\": \"1m\",\n\n                   \"max-file\":\"3\" }, \"debug\":   false")) {
            assertTrue(now.contains(kept), () -> kept + " is not in " + now);
        }
    }

    @Test
    void setupIsSeenAtOnceAndUndoneExactly() throws Exception {
        Outcome done = setup("--default", "--yes");
        assertTrue(done.ok().contains("\n+") && done.out().contains("Tried: a container of busybox"), done::toString);
        assertForeignKeysKept();
        assertEquals("s3cr3t\n", run());
        assertEquals("se://db/password\n", run("--runtime", "runc"));
        assertEquals("", root.sh("docker-pass ls | grep setup").out());
        String after = Files.readString(file);
        assertTrue(setup("--default", "--yes").ok().contains("already"));
        assertEquals(after, Files.readString(file));

        setup("--undo", "--yes").ok();
        assertEquals(before, Files.readString(file));
        assertEquals("se://db/password\n", run());
        assertEquals(List.of("daemon.json"), besides());
        assertTrue(setup("--undo", "--yes").ok().contains("nothing to undo"));
    }

    /** The files of a setup. */
    private List<String> besides() throws IOException {
        try (var files = Files.list(file.getParent())) {
            return files.map(path -> path.getFileName().toString()).filter(name -> name.contains("daemon.json"))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void containersOutliveTheUndoing() throws Exception {
        setup("--yes").ok();
        assertEquals("se://db/password\n", run());
        assertEquals("s3cr3t\n", run("--runtime", "se-0"));
        root.sh("docker run -d --runtime se-0 --name old -e X=se://db/password busybox sleep 600").ok();
        assertTrue(setup("--undo", "--yes").ok().contains("old"));
        assertForeignKeysKept();
        assertEquals("s3cr3t\n",
                root.sh("docker exec old cat /proc/1/environ | tr '\\0' '\\n' | sed -n 's/^X=//p'").ok());
        root.sh("docker restart -t 0 old").ok();
        assertEquals("se://db/password\n", root.sh("docker exec old sh -c 'echo $X'").ok());
        root.sh("docker rm -f old").ok();
        setup("--undo", "--yes").ok();
        assertEquals(before, Files.readString(file));
        assertEquals(List.of("daemon.json"), besides());
    }

    /** Nobody can say then which containers need the name. */
    @Test
    void containersOutliveAnUndoingWhileDockerdIsDown() throws Exception {
        setup("--default", "--yes").ok();
        root.sh("docker create --name old -e X=se://db/password busybox sh -c 'echo $X'").ok();
        assertEquals("s3cr3t\n", root.sh("docker start -a old").ok());
        daemon.stop();
        assertTrue(setup("--undo", "--yes").ok().contains("dockerd does not run"));
        assertForeignKeysKept();
        daemon.startAgain();
        try {
            assertEquals("se://db/password\n", root.sh("docker start -a old").ok());
            assertTrue(setup("--undo", "--yes").ok().contains("made with it: old;"));
            root.sh("docker rm old").ok();
            setup("--undo", "--yes").ok();
            assertEquals(before, Files.readString(file));
            assertEquals(List.of("daemon.json"), besides());
        } finally {
            daemon.stop();
        }
    }

    @Test
    void usersWhoSetUpAtTheSameTimeAllGetTheirEntries() throws Exception {
        Path shared = Files.writeString(daemon.folder().resolve("shared.json"), "{\"debug\": true}\n");
        // Users that any machine has.
        root.sh("for uid in 1 2 3 8; do SUDO_UID=$uid docker-pass setup docker --yes --config " + shared
                + " & done; wait").ok();
        String now = Files.readString(shared);
        for (int uid : new int[]{1, 2, 3, 8}) {
            assertTrue(now.contains("\"se-" + uid + "\""), () -> "not all are in " + now);
        }
        assertEquals(2, root.sh("ls " + daemon.folder() + "/.shared.json.docker-pass-lock").code());
    }

    @Test
    void nothingIsChangedUnlessItIsAgreedToAndRight() throws Exception {
        Outcome dry = setup("--default", "--dry-run");
        assertTrue(dry.ok().contains("+") && dry.out().contains("se-0"), dry::toString);
        Outcome silent = setup("--default");
        assertTrue(silent.failed(1).contains("--yes"), silent::toString);
        assertEquals(before, Files.readString(file));
        Path broken = Files.writeString(daemon.folder().resolve("broken.json"), before.replaceFirst(",", ""));
        Outcome refused = root.sh("docker-pass setup docker --yes --config " + broken);
        assertTrue(refused.failed(1).contains("broken.json"), refused::toString);
        assertEquals(before.replaceFirst(",", ""), Files.readString(broken));
        assertEquals("se://db/password\n", run());
    }

    @Test
    void fileThatWasNotThereGoesAgain() throws Exception {
        Path fresh = daemon.folder().resolve("etc/daemon.json");
        Outcome done = root.sh("docker-pass setup docker --yes --default --no-fill --config " + fresh);
        assertTrue(done.ok().contains("kill -HUP"), done::toString);
        String text = root.sh("cat " + fresh).ok();
        for (String word : List.of("\"se-0\"", "\"--se-uid=0\"", "\"--se-socket=" + root.home() + "/run/",
                "\"--se-runtime=" + Tools.path("runc") + "\"", "\"--se-no-fill\"", "\"default-runtime\"")) {
            assertTrue(text.contains(word), () -> word + " is not in " + text);
        }
        root.sh("docker-pass setup docker --undo --yes --config " + fresh);
        root.sh("docker-pass setup docker --undo --yes --config " + fresh);
        assertFalse(Files.exists(fresh), () -> "it is still there");
    }

    /** Root's dockerd must not run what somebody else can change. */
    @Test
    void installationOfAnotherUserIsCopiedToWhereRootAloneCanWrite() throws Exception {
        Path copy = root.installation().copyTo(daemon.folder().resolve("theirs")).folder();
        Sandbox.root("chown", "-R", "65534:65534", copy.toString()).ok();
        root.sh(copy + "/bin/docker-pass setup docker --yes --config " + file);
        assertTrue(Files.readString(file).contains("\"/usr/local/libexec/docker-pass/secrets-engine-runtime\""),
                () -> "its own wrapper was registered");
        assertEquals("0:0 755\n0:0 755\n", root.sh("stat -c '%u:%g %a' /usr/local/libexec/docker-pass"
                + " /usr/local/libexec/docker-pass/secrets-engine-runtime").ok());
        root.sh(copy + "/bin/docker-pass setup docker --undo --yes --config " + file).ok();
        assertEquals(before, Files.readString(file));
        assertEquals(2, root.sh("ls /usr/local/libexec/docker-pass").code());
    }
}
