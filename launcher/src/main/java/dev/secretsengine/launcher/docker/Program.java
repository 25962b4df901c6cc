package dev.secretsengine.launcher.docker;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A program of this machine, run to its end within a time limit.
 *
 * @param file the executable
 * @param environment all that it gets as its environment
 */
public record Program(Path file, Map<String, String> environment) {

    /** The exit code of a program that was not done in time. */
    private static final int LATE = 124;

    private static final int MOST_OUTPUT = 8 << 20;
    private static final long LAST_WORDS_MILLIS = 1000;

    /** What came of it. */
    public static final class Result {

        private final int code;
        private final byte[] out;
        private final String err;

        private Result(int code, byte[] out, String err) {
            this.code = code;
            this.out = out;
            this.err = err;
        }

        /** Its standard output, not a copy: whoever knows of a secret in it wipes it. */
        public byte[] out() {
            return out;
        }

        /** Whether it says that all went well. */
        public boolean isGood() {
            return code == 0;
        }

        /** Standard output as text, without white space around it. */
        public String text() {
            return new String(out, StandardCharsets.UTF_8).strip();
        }

        /** What it complains about: the first line of standard error. */
        public String complaint() {
            return err.lines().map(String::strip).filter(line -> !line.isEmpty()).findFirst()
                    .orElse("it ended with exit code " + code);
        }
    }

    /** The program of this name on the PATH of an environment. */
    public static Optional<Program> onPath(String name, Map<String, String> environment) {
        return in(Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> folder.startsWith("/")).map(Path::of).toList(), name, environment);
    }

    /** The program of this name in the first of these folders that has it. */
    public static Optional<Program> in(List<Path> folders, String name, Map<String, String> environment) {
        return folders.stream().map(folder -> folder.resolve(name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file)).findFirst()
                .map(file -> new Program(file, environment));
    }

    /** Runs it with no input. */
    public Result run(Duration limit, String... arguments) throws IOException {
        return run(limit, new byte[0], List.of(arguments));
    }

    /**
     * Runs it; when the time is over it is killed.
     *
     * @param input its standard input
     * @throws IOException if it cannot be started
     */
    public Result run(Duration limit, byte[] input, List<String> arguments) throws IOException {
        List<String> line = new ArrayList<>(arguments);
        line.addFirst(file.toString());
        ProcessBuilder builder = new ProcessBuilder(line);
        builder.environment().clear();
        builder.environment().putAll(environment);
        Process process = builder.start();
        try {
            Reader out = new Reader(process.getInputStream());
            Reader err = new Reader(process.getErrorStream());
            feed(process, input);
            // To destroy it would close the pipes: not before they are read.
            return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)
                    ? new Result(process.exitValue(), out.all(), new String(err.all(), StandardCharsets.UTF_8))
                    : new Result(LATE, new byte[0], file.getFileName() + " does not answer");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        } finally {
            process.destroyForcibly();
        }
    }

    private static void feed(Process process, byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It does not want all of its input: its exit code says whether that is right.
        }
    }

    /** Takes what a program says while it runs, so that it never waits for a reader. */
    private static final class Reader {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final Thread thread;

        Reader(InputStream in) {
            thread = Thread.ofVirtual().start(() -> {
                try (in) {
                    byte[] buffer = new byte[8192];
                    int length = in.read(buffer);
                    while (length >= 0) {
                        add(buffer, length);
                        length = in.read(buffer);
                    }
                } catch (IOException e) {
                    // It was killed: what came until then is what there is.
                }
            });
        }

        private synchronized void add(byte[] buffer, int length) {
            bytes.write(buffer, 0, Math.min(length, MOST_OUTPUT - bytes.size()));
        }

        /** A grandchild may hold the pipe open: it is not waited for. */
        byte[] all() throws InterruptedException {
            thread.join(LAST_WORDS_MILLIS);
            synchronized (this) {
                return bytes.toByteArray();
            }
        }
    }
}
