package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DockerCli;
import dev.secretsengine.launcher.docker.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The part of a setup that needs root: this program once more, by sudo, told what was confirmed. */
final class SecondPart {

    /** Its exit code when all is written but no dockerd was told; for its first part only. */
    static final int NOT_RELOADED = 3;

    private final Scene scene;

    SecondPart(Scene scene) {
        this.scene = scene;
    }

    /**
     * Shows the command and runs it.
     *
     * @param more arguments of its own
     * @return its exit code
     * @throws SetupException if there is no sudo; the message has the command
     */
    int run(List<String> more) throws SetupException, IOException {
        List<String> line = new ArrayList<>();
        endpoint().ifPresent(host -> line.addAll(List.of("env", "DOCKER_HOST=" + host)));
        line.addAll(List.of(scene.places().portableClient().toString(), "setup", "docker"));
        if (scene.options().has(Options.UNDO)) {
            line.add(Options.UNDO);
        }
        line.add(Options.CONFIG + "=" + scene.daemonJson());
        line.add(Options.YES);
        line.add(Options.AS_UID + "=" + scene.user().uid());
        line.addAll(more);
        Optional<Path> sudo = scene.places().program("sudo", scene.environment()).map(Program::file);
        if (sudo.isEmpty()) {
            throw new SetupException(scene.daemonJson() + " is not yours and there is no sudo: run as root: "
                    + String.join(" ", line));
        }
        line.addFirst("sudo");
        scene.say("Root does the rest: " + String.join(" ", line));
        line.set(0, sudo.get().toString());
        return wait(line);
    }

    private int wait(List<String> line) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(line).inheritIO();
        builder.environment().clear();
        builder.environment().putAll(scene.environment());
        try {
            return builder.start().waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        }
    }

    /** sudo drops what says where the user's daemon is. */
    private Optional<String> endpoint() {
        try {
            Optional<DockerCli> docker = DockerCli.find(scene.environment());
            return docker.isPresent() && scene.options().has(Options.UNDO)
                    ? Optional.of(docker.get().endpoint()).filter(host -> host.startsWith("unix:///"))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
