package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A daemon in a network and a mount namespace of its own: see sandbox.sh. Its folder is an ordinary one, so that sockets
 * in it are reached from outside. Closing it ends the daemon and removes the folder.
 */
final class Sandbox implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];

    private final Path folder;
    private final Process process;
    private final String pid;

    /** Starts a daemon, which may keep its files in the folder. */
    Sandbox(Path folder, String... daemon) throws IOException {
        Tools.require("unshare", "nsenter", "ip", "mount", daemon[0]);
        this.folder = folder;
        List<String> command = new ArrayList<>(
                List.of("unshare", "--net", "--mount", "--propagation", "private", "sh", script(), folder.toString()));
        command.addAll(Arrays.asList(daemon));
        Path complaints = folder.resolve("sandbox.log");
        process = asRoot(command.toArray(String[]::new)).redirectError(complaints.toFile()).start();
        pid = process.inputReader(StandardCharsets.US_ASCII).readLine();
        assertNotNull(pid, "there is no sandbox: " + Files.readString(complaints));
    }

    private static String script() throws IOException {
        try {
            return Path.of(Sandbox.class.getResource("/sandbox.sh").toURI()).toString();
        } catch (URISyntaxException e) {
            throw new IOException(e);
        }
    }

    /** A command of root's, outside. */
    static ProcessBuilder asRoot(String... command) throws IOException {
        List<String> line = new ArrayList<>(Tools.asRoot());
        line.addAll(Arrays.asList(command));
        return new ProcessBuilder(line);
    }

    static Outcome root(String... command) throws IOException {
        return Outcome.of(asRoot(command), NOTHING);
    }

    /** Runs a command inside, as root, with this environment and no other. */
    Outcome inside(Map<String, String> environment, String... command) throws IOException {
        List<String> line = new ArrayList<>(List.of("nsenter", "--target", pid, "--mount", "--net", "env", "-i"));
        environment.forEach((name, value) -> line.add(name + "=" + value));
        line.addAll(Arrays.asList(command));
        return root(line.toArray(String[]::new));
    }

    Outcome inside(String... command) throws IOException {
        return inside(Map.of("PATH", System.getenv("PATH")), command);
    }

    Path folder() {
        return folder;
    }

    /** What the daemon has said so far. */
    String log() throws IOException {
        return Files.readString(folder.resolve("log"));
    }

    void requireAlive() throws IOException {
        if (!process.isAlive()) {
            throw new AssertionError(log());
        }
    }

    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the sandbox in " + folder + " does not end: " + log());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // What was mounted there is gone with the namespace.
            root("rm", "-rf", "--one-file-system", folder.toString()).ok();
        }
    }
}
