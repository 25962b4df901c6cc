package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;

/** A script that answers as the docker client does, from files: {@code info}, {@code containers}, {@code images}. */
public final class FakeDocker {

    private static final String SCRIPT = """
            #!/bin/sh
            cd "$(dirname "$0")/.." || exit 1
            echo "$*" >> docker.log
            [ -f info ] || { echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2
                exit 1; }
            case "$1" in
                info) cat info ;;
                ps) cut -f1 containers ;;
                container)
                    shift 4
                    for id; do grep "^$id" containers || { echo "Error: No such container: $id" >&2; code=1; }; done
                    exit ${code-0} ;;
                start)
                    [ ! -f "refuse-$2" ] || { cat "refuse-$2" >&2; echo "Error: failed to start containers: $2" >&2
                        exit 1; }
                    echo "$2" ;;
                context) echo unix:///run/docker.sock ;;
                image) cat images ;;
                run) sh ./run ;;
                *) exit 64 ;;
            esac
            """;

    private final Path folder;

    /** Puts {@code docker} into {@code folder/bin}; a daemon answers once {@link #info} says what. */
    public FakeDocker(Path folder) throws IOException {
        this.folder = folder;
        Path bin = Files.createDirectories(folder.resolve("bin"));
        Path script = Files.writeString(bin.resolve("docker"), SCRIPT);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(folder.resolve("containers"), "");
        Files.writeString(folder.resolve("images"), "");
    }

    /** What is to be the PATH. */
    public String path() {
        return folder.resolve("bin") + ":/usr/bin:/bin";
    }

    /** The daemon's runtimes. */
    public FakeDocker info(String defaultRuntime, String... runtimes) throws IOException {
        Files.writeString(folder.resolve("info"), defaultRuntime + "\t" + String.join("\t", runtimes) + "\n");
        return this;
    }

    /** Containers as rows: ID, name, runtime, running, restart policy, error. */
    public FakeDocker containers(String... rows) throws IOException {
        Files.write(folder.resolve("containers"), Arrays.stream(rows).map(row -> row.replace(' ', '\t')
                .replace('_', ' ')).toList());
        return this;
    }

    /** The images that are there. */
    public FakeDocker images(String... names) throws IOException {
        Files.write(folder.resolve("images"), List.of(names));
        return this;
    }

    /** What the client complains about when this container is to be started. */
    public FakeDocker refuse(String id, String complaint) throws IOException {
        Files.writeString(folder.resolve("refuse-" + id), complaint + "\n");
        return this;
    }

    /** The script that {@code docker run} is. */
    public FakeDocker run(String script) throws IOException {
        Files.writeString(folder.resolve("run"), script);
        return this;
    }

    /** The command lines so far. */
    public List<String> log() throws IOException {
        Path log = folder.resolve("docker.log");
        return Files.exists(log) ? Files.readAllLines(log) : List.of();
    }
}
