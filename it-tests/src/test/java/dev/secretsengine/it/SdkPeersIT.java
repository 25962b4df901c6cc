package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes of root's on the sockets of root's engine: containers of dockerd beside it are refused, sandboxes are not. */
class SdkPeersIT {

    private static final String CALL = " -H Content-Type:application/json -d {}"
            + " http://unix/health.v1.VersionService/GetVersion";
    private static final String ABSTRACT = "--abstract-unix-socket docker-secrets-engine/0/daemon.sock";

    private static final String CLIENT = "$SIG{PIPE} = 'IGNORE';"
            + " my $s = IO::Socket::UNIX->new(Peer => $ARGV[0] =~ s/^@/\\0/r) or die qq(no: $!\\n);"
            + " print qq(connected\\n); print $s qq(GET / HTTP/1.0\\r\\n\\r\\n); print while <$s>;";

    private static Home home;
    private static DockerDaemon daemon;
    private static RootUser root;
    private static String folder;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("curl", "unshare", "dockerd", "runc");
        home = Home.withAge();
        daemon = DockerDaemon.plain(home, "{\"pidfile\": \"FOLDER/pid\"}");
        root = new RootUser(daemon.sandbox());
        folder = root.home() + "/.cache/docker-secrets-engine";
        root.run("docker-pass", "engine", "start").ok();
        Poll.until("the sockets", () -> root.run("docker-pass", "engine", "status").ok().contains("daemon.sock"));
    }

    @AfterAll
    static void close() throws IOException {
        root.close();
        daemon.close();
        home.close();
    }

    /** How the two sockets are reached, by curl's options. */
    private static String[] sockets() {
        return new String[]{ABSTRACT, "--unix-socket " + folder + "/engine.sock"};
    }

    private static String curl(String socket) {
        return Tools.path("curl") + " -s --max-time 20 " + socket + CALL;
    }

    /** By this command of root's, with the curl of the line behind it. */
    private static void served(String before) throws Exception {
        for (String socket : sockets()) {
            Outcome outcome = root.sh(before + curl(socket));
            assertTrue(outcome.ok().startsWith("{\"version\":\"v"), outcome::toString);
        }
    }

    /** Perl of the host's, in a container: it gets to the sockets, and nothing out of them. */
    private static void refused(String... options) throws Exception {
        for (String socket : new String[]{"@docker-secrets-engine/0/daemon.sock", folder + "/engine.sock"}) {
            List<String> line = new ArrayList<>(List.of("run", "--rm", "-v", "/usr:/usr:ro", "-v", "/usr/lib:/lib:ro",
                    "-v", "/usr/lib64:/lib64:ro", "-v", folder + ":" + folder));
            line.addAll(List.of(options));
            line.addAll(List.of("busybox", Tools.path("perl"), "-MIO::Socket::UNIX", "-e", CLIENT, socket));
            assertEquals("connected\n", daemon.docker(line.toArray(String[]::new)).ok());
        }
        String logs = root.run("docker-pass", "engine", "logs").ok();
        assertTrue(logs.contains("refused a connection of uid 0 ") && logs.contains("it runs in a container"), logs);
    }

    @Test
    void containerWithTheHostsNetworkAndProcessesIsRefused() throws Exception {
        refused("--network", "host", "--pid", "host");
        refused("--network", "host", "--pid", "host", "--cgroupns", "private");
    }

    @Test
    void containerWithTheHostsNetworkIsRefused() throws Exception {
        refused("--network", "host");
    }

    @Test
    void containerInAControlGroupOfTheUsersChoiceIsRefused() throws Exception {
        refused("--network", "host", "--pid", "host", "--cgroup-parent", "/elsewhere");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "unshare --mount ", "unshare --mount --pid --fork --mount-proc ",
            "unshare --user --map-current-user --mount --pid --fork "})
    void sandboxIsServed(String before) throws Exception {
        served(before);
    }

    /** As Flatpak has it. */
    @Test
    void sandboxWithARootOfItsOwnIsServed() throws Exception {
        String place = root.home() + "/root";
        served("unshare --user --map-current-user --mount --pid --fork sh -c 'mkdir -p " + place
                + " && mount -t tmpfs none "
                + place + " && cd " + place + " && mkdir usr proc && ln -s usr/lib usr/lib64 usr/bin . && mkdir -p ."
                + folder
                + " && mount --rbind /usr usr && mount --rbind " + folder + " ." + folder
                + " && exec chroot . \"$@\"' sh ");
    }
}
