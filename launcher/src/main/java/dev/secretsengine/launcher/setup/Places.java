package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.Program;
import dev.secretsengine.launcher.protocol.Build;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where things lie on a machine.
 *
 * @param image this installation
 * @param programs where the programs of the system are, never taken from anybody's PATH
 * @param daemonJson what dockerd reads unless it is told otherwise
 * @param dockerPid the pid of the dockerd that reads it
 * @param wrappers where root keeps the wrapper when the installation is not root's
 * @param containersConf podman's drop-ins for all users
 * @param userRun the folder of the users' run-time folders
 */
record Places(Path image, List<Path> programs, Path daemonJson, Path dockerPid, Path wrappers, Path containersConf,
        Path userRun) {

    /** The runtime wrapper, in {@link #image} and in {@link #wrappers}. */
    static final String WRAPPER = "secrets-engine-runtime";

    /** In the order in which a dockerd of the system finds its own. */
    private static final List<String> PROGRAMS = List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin",
            "/sbin", "/bin");

    /** Those of this machine. */
    static Places ofThisMachine() {
        return new Places(Build.image(), PROGRAMS.stream().map(Path::of).toList(), Path.of("/etc/docker/daemon.json"),
                Path.of("/var/run/docker.pid"), Path.of("/usr/local/libexec/docker-pass"),
                Path.of("/etc/containers/containers.conf.d"), Path.of("/run/user"));
    }

    Path imageWrapper() {
        return image.resolve("bin").resolve(WRAPPER);
    }

    Path rootWrapper() {
        return wrappers.resolve(WRAPPER);
    }

    Path client() {
        return image.resolve("bin/docker-pass");
    }

    /** The client that runs this code. */
    Path portableClient() {
        return image.resolve("bin/docker-pass-portable");
    }

    /** A program of the system. */
    Optional<Program> program(String name, Map<String, String> environment) {
        return Program.in(programs, name, environment);
    }
}
