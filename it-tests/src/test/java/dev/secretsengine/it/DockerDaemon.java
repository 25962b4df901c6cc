package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A throw-away dockerd with one image, {@code busybox}, for the docker client of this home. Its runtimes are the wrapper
 * of the home's installation.
 */
final class DockerDaemon implements AutoCloseable {

    private final Home home;
    private final Sandbox sandbox;
    private final Path folder;
    private final List<String> line;

    private DockerDaemon(Home home, String configuration) throws Exception {
        Tools.require("dockerd", "runc", "iptables", "busybox", "tar");
        this.home = home;
        folder = Files.createTempDirectory("se-dk");
        String socket = "unix://" + folder.resolve("sock");
        home.set("DOCKER_HOST", socket);
        Files.writeString(configuration(), configuration.replace("FOLDER", folder.toString()));
        Files.writeString(folder.resolve("end.sh"),
                "docker -H " + socket + " ps -q | xargs -r docker -H " + socket + " kill\n");
        line = List.of("dockerd", "--config-file", configuration().toString(), "--data-root",
                folder.resolve("root").toString(), "--exec-root", folder.resolve("exec").toString(), "--group",
                Files.getAttribute(folder, "unix:gid").toString(), "-H", socket);
        sandbox = new Sandbox(folder, line.toArray(String[]::new));
        try {
            awaitReady();
            importImage("busybox", "CMD [\"sh\"]");
        } catch (Exception | AssertionError e) {
            String log = sandbox.log();
            sandbox.close();
            throw new AssertionError("dockerd does not work: " + log, e);
        }
    }

    /** A daemon whose default runtime is the wrapper, for the engine of this home. */
    static DockerDaemon start(Home home) throws Exception {
        return start(home, Map.of());
    }

    /** The same, with more runtimes: their names, and the wrapper's arguments. */
    static DockerDaemon start(Home home, Map<String, List<String>> more) throws Exception {
        Path program = home.installation().runtime();
        String runtimes = Stream
                .concat(Stream.of(Map.entry("se", wrapper(Tools.uid(), home.socket()))), more.entrySet().stream())
                .map(entry -> """
                        "%s": {"path": "%s", "runtimeArgs": [%s]}""".formatted(entry.getKey(), program,
                        entry.getValue().stream().map(argument -> '"' + argument + '"')
                                .collect(Collectors.joining(", "))))
                .collect(Collectors.joining(",\n    "));
        return new DockerDaemon(home, """
                {
                  "pidfile": "FOLDER/pid",
                  "default-runtime": "se",
                  "runtimes": {
                    %s
                  }
                }
                """.formatted(runtimes));
    }

    /** A daemon that knows nothing of us; in its configuration FOLDER stands for its folder. */
    static DockerDaemon plain(Home home, String configuration) throws Exception {
        return new DockerDaemon(home, configuration);
    }

    /** What the wrapper is called with, to serve this user by the engine at this socket. */
    static List<String> wrapper(int uid, Path socket, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("--se-uid=" + uid, "--se-socket=" + socket,
                "--se-runtime=" + Tools.path("runc")));
        arguments.addAll(Arrays.asList(more));
        return arguments;
    }

    private void awaitReady() throws Exception {
        Poll.until("dockerd", () -> {
            sandbox.requireAlive();
            return Files.exists(folder.resolve("sock"));
        });
        // Answered when it is ready.
        Outcome version = docker("version");
        assertTrue(version.code() == 0, () -> version + "\n");
    }

    /** Ends it; its containers stay. */
    void stop() throws Exception {
        sandbox.inside("sh", "-c", "kill " + pid()).ok();
        Poll.until("the end of dockerd", () -> !Files.exists(folder.resolve("pid")));
    }

    /** Starts it once more: it has to be stopped before this is closed. */
    void startAgain() throws Exception {
        sandbox.inside("sh", "-c", "env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin setsid " + String.join(" ", line) + " >>"
                + folder.resolve("log") + " 2>&1 </dev/null &").ok();
        Poll.until("dockerd", () -> docker("version").code() == 0);
    }

    /** Makes an image of nothing but busybox, with these instructions of a Dockerfile. */
    void importImage(String name, String... changes) throws IOException {
        Path bin = folder.resolve("image/bin");
        if (!Files.exists(bin)) {
            Files.createDirectories(bin);
            Files.copy(Path.of(Tools.path("busybox")), bin.resolve("busybox"));
            for (String applet : List.of("sh", "echo", "env", "sleep", "cat", "true", "ls", "id")) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            Outcome.of(new ProcessBuilder("tar", "-C", folder.resolve("image").toString(), "-cf",
                    folder.resolve("image.tar").toString(), "."), new byte[0]).ok();
        }
        List<String> line = new ArrayList<>(List.of("import"));
        Stream.of(changes).forEach(change -> line.addAll(List.of("--change", change)));
        line.addAll(List.of(folder.resolve("image.tar").toString(), name));
        docker(line.toArray(String[]::new)).ok();
    }

    /** Runs the docker client. */
    Outcome docker(String... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of("docker"));
        line.addAll(Arrays.asList(arguments));
        return Outcome.of(home.process(line.toArray(String[]::new)), new byte[0]);
    }

    /** One line, which a template makes of what {@code docker inspect} knows. */
    String inspect(String container, String template) throws IOException {
        return docker("inspect", "--format", template, container).ok().strip();
    }

    Path configuration() {
        return folder.resolve("daemon.json");
    }

    Path folder() {
        return folder;
    }

    Sandbox sandbox() {
        return sandbox;
    }

    String pid() throws IOException {
        return Files.readString(folder.resolve("pid")).strip();
    }

    @Override
    public void close() throws IOException {
        sandbox.close();
    }
}
