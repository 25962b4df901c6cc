package dev.secretsengine.launcher.docker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The dockerd that reads a configuration file: a daemon that is not known to read it is never signalled.
 *
 * @param programs the folders of dockerd, systemctl and kill
 * @param usual whether it is the file that dockerd reads unless it is told otherwise
 * @param usualPidFile where the pid of a dockerd is that reads the usual file
 */
public record Dockerd(List<Path> programs, boolean usual, Path usualPidFile) {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** What is known of it. */
    public enum State {
        /** It runs and can be told to read its file. */
        RUNS,
        /** It does not run: it will read its file when it starts. */
        DOWN,
        /** Nothing says which dockerd reads the file. */
        UNKNOWN
    }

    /** Whether this file's dockerd runs. */
    public State state(DaemonConfig config) throws IOException {
        if (isUnderSystemd() || pid(config).isPresent()) {
            return State.RUNS;
        }
        return usual || config.pidfile().isPresent() ? State.DOWN : State.UNKNOWN;
    }

    /** Whether there is no dockerd that could start with this file. */
    public boolean isAbsent() {
        return usual && program("dockerd").isEmpty();
    }

    private boolean isUnderSystemd() throws IOException {
        Optional<Program> systemctl = usual ? program("systemctl") : Optional.empty();
        return systemctl.isPresent() && systemctl.get().run(PATIENCE, "is-active", "--quiet", "docker").isGood();
    }

    private Optional<Program> program(String name) {
        return Program.in(programs, name, Map.of("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"));
    }

    /** The pid, if there is a pid file and that process is a dockerd. */
    private Optional<Long> pid(DaemonConfig config) {
        Optional<Path> file = config.pidfile().map(Path::of)
                .or(() -> usual ? Optional.of(usualPidFile) : Optional.empty());
        try {
            if (file.isEmpty() || !Files.exists(file.get())) {
                return Optional.empty();
            }
            long pid = Long.parseLong(Files.readString(file.get()).strip());
            boolean dockerd = Files.readString(Path.of("/proc", Long.toString(pid), "comm")).startsWith("dockerd");
            return dockerd ? Optional.of(pid) : Optional.empty();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /**
     * Has a running dockerd read its file again.
     *
     * @return how that was done
     * @throws IOException if it could not be done; the message says why
     */
    public String reload(DaemonConfig config) throws IOException {
        Optional<Program> systemctl = isUnderSystemd() ? program("systemctl") : Optional.empty();
        long pid = systemctl.isPresent() ? 0 : pid(config).orElseThrow(() -> new IOException("dockerd has gone"));
        Program.Result result = systemctl.isPresent()
                ? systemctl.get().run(PATIENCE, "reload", "docker")
                : program("kill").orElseThrow(() -> new IOException("there is no kill command"))
                        .run(PATIENCE, "-HUP", Long.toString(pid));
        if (!result.isGood()) {
            throw new IOException(result.complaint());
        }
        return systemctl.isPresent() ? "systemctl reload docker" : "kill -HUP " + pid;
    }

    /**
     * Has dockerd look at a file, where it can do that (from 23.0).
     *
     * @return its complaint, empty if there is none
     */
    public Optional<String> objection(Path file) throws IOException {
        Optional<Program> dockerd = program("dockerd");
        if (dockerd.isEmpty() || !dockerd.get().run(PATIENCE, "--help").text().contains("--validate")) {
            return Optional.empty();
        }
        Program.Result result = dockerd.get().run(PATIENCE, "--validate", "--config-file", file.toString());
        return result.isGood() ? Optional.empty() : Optional.of(result.complaint());
    }
}
