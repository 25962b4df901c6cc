package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/**
 * What a process did.
 *
 * @param code its exit code
 * @param bytes its standard output
 * @param err its standard error
 */
record Outcome(int code, byte[] bytes, String err) {

    private static final long LIMIT_SECONDS = 120;

    /** Runs a process to its end, at most two minutes. */
    static Outcome of(ProcessBuilder builder, byte[] input) throws IOException {
        try {
            return run(builder, input);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static Outcome run(ProcessBuilder builder, byte[] input) throws IOException, InterruptedException {
        Process process = builder.start();
        Sink out = new Sink(process.getInputStream());
        Sink err = new Sink(process.getErrorStream());
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException e) {
            // It does not read what it is given, which may be right: its exit code says so.
        }
        if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
            throw new AssertionError("still running after " + LIMIT_SECONDS + " s: " + builder.command() + "\n"
                    + new String(err.bytes(), StandardCharsets.UTF_8));
        }
        return new Outcome(process.exitValue(), out.bytes(), new String(err.bytes(), StandardCharsets.UTF_8));
    }

    /** Reads a stream to its end. */
    private static final class Sink extends Thread {

        private final InputStream in;
        private final ByteArrayOutputStream content = new ByteArrayOutputStream();

        Sink(InputStream in) {
            this.in = in;
            start();
        }

        @Override
        public void run() {
            try (in) {
                in.transferTo(content);
            } catch (IOException e) {
                // The process was killed.
            }
        }

        byte[] bytes() throws InterruptedException {
            join(TimeUnit.SECONDS.toMillis(10));
            if (isAlive()) {
                throw new AssertionError("the process has ended, and somebody it started keeps its output open");
            }
            return content.toByteArray();
        }
    }

    String out() {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Fails unless the process ended with 0 and had nothing to complain about; answers its standard output. */
    String ok() {
        assertEquals("", err);
        assertEquals(0, code, out());
        return out();
    }

    /** Fails unless the process ended with this code and said why in one line; answers the line. */
    String failed(int expected) {
        assertEquals(expected, code, this::toString);
        assertEquals(1, err.lines().count(), this::toString);
        return err.strip();
    }

    @Override
    public String toString() {
        return "exit " + code + "\nstdout: " + out() + "\nstderr: " + err;
    }
}
