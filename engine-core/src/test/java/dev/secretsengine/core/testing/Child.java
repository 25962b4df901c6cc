package dev.secretsengine.core.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * A child process and what came of it.
 *
 * @param pid its process
 * @param exit its exit code
 * @param output what it wrote on either stream
 */
public record Child(long pid, int exit, String output) {

    /** Runs a command to its end. */
    public static Child run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                throw new IOException(command[0] + " does not end");
            }
            return new Child(process.pid(), process.exitValue(), output);
        } finally {
            process.destroyForcibly();
        }
    }
}
