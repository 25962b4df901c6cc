package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code quickstart} on a machine whose container engines start containers by the installation, by root. */
class QuickstartIT {

    private static final String ENTRY = "{\"runtimes\": {\"se-0\": {\"path\": \"/x\", \"runtimeArgs\": [\"--se-uid=0\"]}}}";
    private static final String DROP_IN = "containers/containers.conf.d/50-secrets-engine.conf";
    private static final String RUNTIME = "se = [\"/x/bin/secrets-engine-runtime\"]";

    private Sandbox sandbox;
    private RootUser root;
    private Path home;

    @BeforeEach
    void open() throws IOException {
        sandbox = new Sandbox(Files.createTempDirectory("se-qs"), "sleep", "1200");
        root = new RootUser(sandbox);
        home = root.home();
    }

    @AfterEach
    void close() throws IOException {
        root.close();
        sandbox.close();
    }

    private void write(String file, String text) throws IOException {
        root.run("sh", "-c", "mkdir -p \"$(dirname \"$1\")\" && printf '%s\\n' \"$2\" > \"$1\"", "sh", file, text).ok();
    }

    private Outcome uninstall() throws IOException {
        return root.run(Path.of("../quickstart").toRealPath().toString(), "--uninstall");
    }

    private void assertRefused(String file, String text, String first) throws IOException {
        write(file, text);
        Outcome refused = uninstall();
        assertTrue(refused.failed(1).contains(" still starts containers by it: run " + first + " first"),
                refused::toString);
        root.run("rm", file).ok();
    }

    @Test
    void uninstallsNothingThatContainersAreStartedBy() throws IOException {
        String docker = "docker pass setup docker --undo";
        String podman = "docker pass setup podman --undo";
        assertRefused("/etc/docker/daemon.json", ENTRY, docker);
        assertRefused("/etc/" + DROP_IN, RUNTIME, podman);
        assertRefused(home + "/.config/" + DROP_IN, RUNTIME, podman);
        assertRefused(home + "/.config/docker/daemon.json", ENTRY,
                docker + " --config " + home + "/.config/docker/daemon.json");
        root.set("XDG_CONFIG_HOME", home + "/elsewhere");
        assertRefused(home + "/elsewhere/docker/daemon.json", ENTRY,
                docker + " --config " + home + "/elsewhere/docker/daemon.json");
        assertRefused(home + "/elsewhere/" + DROP_IN, RUNTIME, podman);
        assertRefused(home + "/.config/" + DROP_IN, RUNTIME, "XDG_CONFIG_HOME=" + home + "/.config " + podman);
    }

    @Test
    void uninstallsWhereTheNamesMeanOtherRuntimes() throws IOException {
        write("/etc/docker/daemon.json", ENTRY.replace("--se-uid=0", "--log-format=json"));
        write("/etc/" + DROP_IN, "se = [\"/usr/bin/crun\"]");
        assertTrue(uninstall().ok().contains("docker pass is uninstalled"));
    }

    @Test
    void tellsThatRootsCopyOfTheWrapperIsAnotherOne() throws IOException {
        String line = "docker pass setup docker renews root's copy of the runtime wrapper\n";
        String checkout = sandbox.folder() + "/checkout";
        String image = checkout + "/runtime/target/image/bin/";
        write(image + "docker-pass", "#!/bin/sh\n[ \"$1\" != run ] || echo 123456789");
        write(image + "secrets-engine-runtime", "new");
        root.sh("chmod +x " + image + "*; cp -r " + Path.of("..").toRealPath() + "/quickstart "
                + Path.of("..").toRealPath() + "/build-support " + checkout).ok();
        assertFalse(root.run(checkout + "/quickstart", "--no-build").ok().contains(line));
        String copy = "/usr/local/libexec/docker-pass/secrets-engine-runtime";
        write(copy, "old");
        assertTrue(root.run(checkout + "/quickstart", "--no-build").ok().contains(line));
        write(copy, "new");
        assertFalse(root.run(checkout + "/quickstart", "--no-build").ok().contains(line));
        assertEquals("new\n", root.sh("cat " + copy).ok());
    }
}
