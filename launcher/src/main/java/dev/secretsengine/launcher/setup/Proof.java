package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DockerCli;
import dev.secretsengine.launcher.docker.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Shows that a setup works: a throw-away container gets a throw-away secret. */
final class Proof {

    /** Small, well known, and each has a shell. */
    private static final List<String> IMAGES = List.of("busybox", "alpine", "debian", "ubuntu");

    private static final String SECRET = "docker-pass/setup-check";
    private static final Duration PATIENCE = Duration.ofSeconds(110);
    private static final int RELOAD_TRIES = 25;
    private static final long RELOAD_PAUSE_MILLIS = 200;
    private static final int RANDOM_BYTES = 16;

    private final Scene scene;
    private final String runtime;

    Proof(Scene scene) {
        this.scene = scene;
        this.runtime = scene.user().runtime();
    }

    /**
     * Tries it as far as that can be done here.
     *
     * @param reloaded whether dockerd was just told to reload, so that it has to know the runtime soon
     * @throws SetupException if it does not work
     */
    int run(boolean reloaded) throws SetupException {
        Optional<DockerCli> docker = DockerCli.find(scene.environment());
        if (docker.isEmpty()) {
            scene.say("Not tried: there is no docker client on the PATH");
            return 0;
        }
        try {
            if (knows(docker.get(), reloaded)) {
                tryWithAnImage(docker.get());
            } else if (reloaded) {
                throw new SetupException("dockerd was told to reload, and docker info does not list " + runtime
                        + ": look into dockerd's log, and whether docker context show names that daemon");
            } else {
                scene.say("docker info does not list " + runtime
                        + " yet: systemctl reload docker, or kill -HUP <pid of dockerd>");
            }
        } catch (IOException e) {
            scene.say("Not tried, docker does not answer: " + e.getMessage());
        }
        return 0;
    }

    private boolean knows(DockerCli docker, boolean patient) throws IOException {
        for (int i = 0; i < (patient ? RELOAD_TRIES : 1); i++) {
            if (docker.runtimes().names().contains(runtime)) {
                return true;
            }
            pause();
        }
        return false;
    }

    static void pause() throws IOException {
        try {
            Thread.sleep(RELOAD_PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }

    private void tryWithAnImage(DockerCli docker) throws SetupException, IOException {
        Optional<String> image = docker.images().stream().filter(name -> !name.contains("<none>"))
                .filter(name -> IMAGES.contains(name.split(":", 2)[0])).findFirst();
        if (image.isEmpty()) {
            scene.say("Not tried: none of the images " + String.join(", ", IMAGES) + " is here");
            return;
        }
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        byte[] value = HexFormat.of().formatHex(random).getBytes(StandardCharsets.US_ASCII);
        try {
            Program.Result stored = client(value, "set", SECRET);
            if (!stored.isGood()) {
                throw failure("its secret cannot be stored: " + stored.complaint());
            }
            check(docker, image.get(), value);
        } finally {
            Arrays.fill(value, (byte) 0);
            client(new byte[0], "rm", SECRET);
        }
        scene.say("Tried: a container of " + image.get() + " got its secret by " + runtime);
    }

    private void check(DockerCli docker, String image, byte[] value) throws SetupException, IOException {
        Program.Result result = docker.runOnce(runtime, "CHECK=se://" + SECRET, image,
                List.of("sh", "-c", "echo \"$CHECK\""));
        byte[] printed = result.out();
        int length = printed.length;
        while (length > 0 && (printed[length - 1] == '\n' || printed[length - 1] == '\r')) {
            length--;
        }
        boolean same = Arrays.equals(printed, 0, length, value, 0, value.length);
        Arrays.fill(printed, (byte) 0);
        if (!result.isGood()) {
            throw failure(result.complaint());
        }
        if (!same) {
            throw failure("it did not get its secret, look into docker pass engine logs");
        }
    }

    private static SetupException failure(String why) {
        return new SetupException("the runtime is registered, but a container of it failed: " + why);
    }

    /** The installation's own client, as the user whose engine is meant. */
    private Program.Result client(byte[] input, String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(arguments));
        Optional<String> name = scene.user().name();
        if (name.isEmpty()) {
            return new Program(scene.places().client(), scene.environment()).run(PATIENCE, input, line);
        }
        line.addAll(0, List.of("-u", name.get(), "--", scene.places().client().toString()));
        Program runuser = scene.places().program("runuser", scene.user().environment())
                .orElseThrow(() -> new IOException("there is no runuser"));
        return runuser.run(PATIENCE, input, line);
    }
}
