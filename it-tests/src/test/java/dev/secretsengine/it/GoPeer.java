package dev.secretsengine.it;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A program on the libraries of the Go SDK, from the module in go/: clients, plugins and peers of yamux. It is built
 * once, when the first test wants it. Closing a running one kills it.
 */
final class GoPeer implements AutoCloseable {

    private static @Nullable Path program;

    private final Process process;
    private final StringBuffer output = new StringBuffer();
    private final StringBuffer errors = new StringBuffer();
    private final List<Thread> readers = new ArrayList<>();

    private GoPeer(Process process) throws IOException {
        this.process = process;
        process.getOutputStream().close();
        readers.add(read(process.getInputStream(), output));
        readers.add(read(process.getErrorStream(), errors));
    }

    /** The built program: plugins that an engine starts are links to it, or scripts that run it. */
    static synchronized Path program() throws IOException {
        if (program == null) {
            Path module = Path.of(System.getProperty("basedir", "")).toAbsolutePath();
            Path built = Files.createDirectories(module.resolve("target/go")).resolve("sdk");
            ProcessBuilder build = new ProcessBuilder(go(), "build", "-trimpath", "-buildvcs=false", "-o",
                    built.toString(), ".").directory(module.resolve("go").toFile());
            Outcome outcome = Outcome.of(build, new byte[0]);
            if (outcome.code() != 0) {
                throw new AssertionError("it-tests/go cannot be built; the first time it downloads Go modules\n"
                        + outcome);
            }
            program = built;
        }
        return program;
    }

    private static String go() {
        for (String folder : (System.getenv("PATH") + ":/usr/local/go/bin").split(":")) {
            Path candidate = Path.of(folder, "go");
            if (Files.isExecutable(candidate)) {
                return candidate.toString();
            }
        }
        throw new AssertionError(
                "the program go is missing: install Go 1.26 or newer, these tests talk to Go programs");
    }

    /** Runs it to its end, at most two minutes. */
    static Outcome run(String... arguments) throws IOException {
        return Outcome.of(command(arguments), new byte[0]);
    }

    /** Starts it. */
    static GoPeer start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    /** The same with more variables. */
    static GoPeer start(Map<String, String> environment, String... arguments) throws IOException {
        ProcessBuilder builder = command(arguments);
        builder.environment().putAll(environment);
        return new GoPeer(builder.start());
    }

    private static ProcessBuilder command(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(program().toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    private static Thread read(InputStream stream, StringBuffer into) {
        return Thread.ofPlatform().daemon().name("go-peer").start(() -> {
            try (BufferedReader lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    into.append(line).append('\n');
                }
            } catch (IOException e) {
                // It was killed.
            }
        });
    }

    /** Waits until it has said this on standard output. */
    void await(String text) throws Exception {
        Poll.until(text, () -> {
            if (!process.isAlive() && !output().contains(text)) {
                throw new AssertionError("it has ended without saying " + text + "\n" + this);
            }
            return output().contains(text);
        });
    }

    /** Its lines on standard output so far. */
    String output() {
        return output.toString();
    }

    /** Its lines on standard error so far. */
    String errors() {
        return errors.toString();
    }

    long pid() {
        return process.pid();
    }

    /** Waits for its end; answers its exit code. */
    int exit() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("still running\n" + this);
        }
        for (Thread reader : readers) {
            reader.join(TimeUnit.SECONDS.toMillis(10));
        }
        return process.exitValue();
    }

    /** As kill -9 does it. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        exit();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    @Override
    public String toString() {
        return "stdout: " + output() + "stderr: " + errors();
    }
}
