package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A swarm of one node: references in a service's environment, and secrets that the engine serves as a driver. */
class SwarmIT {

    private static ContainerStage stage;

    @BeforeAll
    static void open() throws Exception {
        Home home = Home.withAge();
        Path configuration = home.folder().resolve(".config/secrets-engine/config.toml");
        Files.writeString(configuration, Files.readString(configuration) + "[swarm]\ndriver = true\n");
        stage = ContainerStage.open(home, Map.of());
        stage.set("db/password", "s3cr3t");
        stage.set("by-name", "found by its name");
        // The sandbox has an /etc of its own.
        stage.daemon().sandbox().inside("sh", "-c", "mkdir -p /etc/docker/plugins && echo unix://"
                + home.folder().resolve("run/secrets-engine/swarm.sock") + " > /etc/docker/plugins/pass.spec").ok();
        assertEquals(0, stage.docker("swarm", "init", "--advertise-addr", "127.0.0.1").code());
    }

    @AfterAll
    static void close() throws IOException {
        stage.docker("swarm", "leave", "--force");
        stage.close();
    }

    private static void create(String name, String... options) throws IOException {
        String[] before = {"service", "create", "--detach", "--no-resolve-image", "--name", name};
        String[] line = new String[before.length + options.length];
        System.arraycopy(before, 0, line, 0, before.length);
        System.arraycopy(options, 0, line, before.length, options.length);
        stage.docker(line).ok();
    }

    /** What the service's first task prints. */
    private static String output(String service) throws Exception {
        Poll.until("task of " + service, () -> !task(service).isEmpty()
                && stage.docker("logs", task(service)).code() == 0
                && !stage.docker("logs", task(service)).out().isEmpty());
        return stage.docker("logs", task(service)).ok();
    }

    private static String task(String service) throws IOException {
        return stage.docker("ps", "-aq", "--filter", "label=com.docker.swarm.service.name=" + service).ok().lines()
                .findFirst().orElse("");
    }

    @Test
    void environmentOfAServiceIsResolved() throws Exception {
        create("env", "-e", "X=se://db/password", "busybox", "sh", "-c", "echo got $X; exec sleep 600");
        assertEquals("got s3cr3t\n", output("env"));
        String known = stage.docker("service", "inspect", "env").ok() + stage.docker("inspect", task("env")).ok();
        assertTrue(known.contains("X=se://db/password"), known);
        assertFalse(known.contains("s3cr3t"), known);
        stage.docker("service", "rm", "env").ok();
    }

    @Test
    void taskWithoutItsSecretSaysWhy() throws Exception {
        create("broken", "--restart-condition", "none", "-e", "X=se://none/such", "busybox", "true");
        String[] tasks = {"service", "ps", "--no-trunc", "--format", "{{.Error}}", "broken"};
        Poll.until("the refusal", () -> stage.docker(tasks).ok().contains("X=se://none/such"));
        assertTrue(stage.docker(tasks).ok().contains("there is no secret none/such"));
        stage.docker("service", "rm", "broken").ok();
    }

    @Test
    void driverServesFiles() throws Exception {
        stage.docker("secret", "create", "--driver", "pass", "-l", "reference=se://db/password", "labelled").ok();
        stage.docker("secret", "create", "--driver", "pass", "by-name").ok();
        create("files", "--secret", "labelled", "--secret", "source=by-name,target=other", "busybox", "sh", "-c",
                "cat /run/secrets/labelled; echo; cat /run/secrets/other; echo; exec sleep 600");
        assertEquals("s3cr3t\nfound by its name\n", output("files"));
        stage.docker("service", "rm", "files").ok();
        stage.docker("secret", "rm", "labelled", "by-name").ok();
    }

    /** Swarm keeps the driver's reason to itself. */
    @Test
    void driverRefusesWhatItCannotServe() throws Exception {
        stage.docker("secret", "create", "--driver", "pass", "-l", "reference=se://none/such", "unknown").ok();
        create("waiting", "--restart-condition", "none", "--secret", "unknown", "busybox", "echo", "started");
        String[] tasks = {"service", "ps", "--no-trunc", "--format", "{{.CurrentState}} {{.Error}}", "waiting"};
        Poll.until("the refusal", () -> stage.docker(tasks).ok().matches("(?s)(Failed|Rejected) .* secret .*"));
        assertEquals("", stage.docker("logs", task("waiting")).ok());
        assertTrue(stage.home().pass("engine", "logs").ok().contains("none/such"));
        stage.docker("service", "rm", "waiting").ok();
        stage.docker("secret", "rm", "unknown").ok();
    }
}
