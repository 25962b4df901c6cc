package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.FakeDocker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine in a folder, and its user: an installation, programs, configuration, a terminal. */
final class Machine implements Console {

    private final Path folder;
    private final Places places;
    private final FakeDocker docker;
    private final Map<String, String> environment = new HashMap<>();
    private final Deque<String> answers = new ArrayDeque<>();
    private final List<String> questions = new ArrayList<>();
    private StringBuilder out = new StringBuilder();
    private StringBuilder err = new StringBuilder();
    private boolean terminal;
    private Meanwhile meanwhile = () -> {
    };

    /** What somebody else does. */
    @FunctionalInterface
    interface Meanwhile {

        void run() throws IOException;
    }

    Machine(Path folder) throws IOException {
        this.folder = folder.toRealPath();
        places = new Places(this.folder.resolve("image"),
                List.of(this.folder.resolve("bin"), Path.of("/usr/bin"), Path.of("/bin")),
                this.folder.resolve("etc/docker/daemon.json"), this.folder.resolve("docker.pid"),
                this.folder.resolve("libexec/docker-pass"), this.folder.resolve("etc/containers"),
                this.folder.resolve("run-user"));
        docker = new FakeDocker(this.folder);
        Files.createDirectories(places.image().resolve("bin"));
        program("image/bin/secrets-engine-runtime", "wrapper");
        program("image/bin/docker-pass", "#!/bin/sh\ncd '" + this.folder + "'\n"
                + "case $1 in set) cat > \"secret\" ;; rm) rm -f secret ;; esac\necho \"$*\" >> client.log\n");
        program("bin/runc", "#!/bin/sh\n");
        // No systemd here, whatever the machine of the tests has.
        program("bin/systemctl", "#!/bin/sh\nexit 3\n");
        program("bin/sudo", "#!/bin/sh\necho \"$*\" >> '" + this.folder + "/sudo.log'\nexit 3\n");
        environment.put("PATH", docker.path());
        environment.put("HOME", this.folder.resolve("home").toString());
        environment.put("SECRETS_ENGINE_HOME", this.folder.resolve("engine").toString());
    }

    /** Puts an executable file somewhere below the machine's folder. */
    Path program(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    Path folder() {
        return folder;
    }

    Places places() {
        return places;
    }

    FakeDocker docker() {
        return docker;
    }

    Map<String, String> environment() {
        return environment;
    }

    /** What is typed, an answer a question; makes this a terminal. */
    Machine answers(String... typed) {
        terminal = true;
        answers.addAll(List.of(typed));
        return this;
    }

    /** What happens while a question waits for its answer. */
    Machine meanwhile(Meanwhile others) {
        meanwhile = others;
        return this;
    }

    List<String> questions() {
        return questions;
    }

    /** The uid of this process, which is the user's. */
    static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** Runs {@code setup} with these words; answers its exit code. */
    int setup(String... words) throws IOException {
        return setupAs(uid(), words);
    }

    int setupAs(int uid, String... words) {
        out = new StringBuilder();
        err = new StringBuilder();
        return Setup.run(List.of(words), environment, this, places, uid);
    }

    String out() {
        return out.toString();
    }

    String err() {
        return err.toString();
    }

    /** A file of the machine, empty if it is not there. */
    String read(String name) throws IOException {
        Path file = folder.resolve(name);
        return Files.exists(file) ? Files.readString(file) : "";
    }

    @Override
    public void print(String text) {
        out.append(text);
    }

    @Override
    public void error(String line) {
        err.append(line).append('\n');
    }

    @Override
    public boolean isTerminal() {
        return terminal;
    }

    @Override
    public Optional<String> ask(String question) {
        questions.add(question);
        try {
            meanwhile.run();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Optional.ofNullable(answers.poll());
    }
}
