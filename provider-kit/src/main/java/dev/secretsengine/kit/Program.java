package dev.secretsengine.kit;

import dev.secretsengine.api.RequestContext;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A program that is started for one question and read to its end. */
public final class Program {

    private static final long POLL_MILLIS = 10;

    private final ProcessBuilder builder;
    private final byte @Nullable [] input;

    private Program(ProcessBuilder builder, byte @Nullable [] input) {
        this.builder = builder;
        this.input = input;
    }

    /**
     * A program with arguments, which everybody on the machine can read.
     *
     * @param command the absolute path of the program, and its arguments
     * @param environment all that it gets to see
     */
    public static Program of(List<String> command, Map<String, String> environment) {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        return new Program(builder, null);
    }

    /**
     * The same program with something to read; without, its standard input is /dev/null: some programs take a pipe for
     * input even if nobody writes.
     *
     * @param bytes less than a pipe takes, which the caller wipes if they are secret
     */
    public Program reading(byte[] bytes) {
        return new Program(builder, bytes);
    }

    /**
     * Runs it to its end, or until it has written more than its buffers take. There is no thread that reads its output,
     * and none that watches the clock: a program left behind by this one could hold the pipe open for ever, and a lookup
     * must leave no thread.
     *
     * @param errors takes its standard error; null to drop that
     * @return its exit code, -1 if it wrote too much
     * @throws TimeoutException if the request was over first; the program and its children were ended
     * @throws IOException if it cannot be started
     */
    public int run(WipedBuffer output, @Nullable WipedBuffer errors, RequestContext context)
            throws IOException, InterruptedException, TimeoutException {
        requireTime(context);
        builder.redirectError(errors == null ? ProcessBuilder.Redirect.DISCARD : ProcessBuilder.Redirect.PIPE);
        builder.redirectInput(input == null
                ? ProcessBuilder.Redirect.from(new File("/dev/null"))
                : ProcessBuilder.Redirect.PIPE);
        Process process = builder.start();
        try (InputStream out = process.getInputStream(); InputStream err = process.getErrorStream()) {
            send(process);
            boolean ended = false;
            while (!output.isOver()) {
                output.readAvailable(out);
                readErrors(err, errors);
                if (ended) {
                    return process.exitValue();
                }
                requireTime(context);
                ended = process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
            }
            return -1;
        } finally {
            if (process.isAlive()) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        }
    }

    private static void readErrors(InputStream err, @Nullable WipedBuffer errors) throws IOException {
        if (errors != null) {
            errors.readAvailable(err);
            if (errors.isOver()) {
                // The program goes on; what else it has to say is dropped.
                err.skipNBytes(err.available());
            }
        }
    }

    private void send(Process process) {
        if (input == null) {
            return;
        }
        try (OutputStream out = process.getOutputStream()) {
            out.write(input);
        } catch (IOException e) {
            // It did not read to the end; what it answers, or its exit code, counts.
        }
    }

    private static void requireTime(RequestContext context) throws TimeoutException {
        if (context.isOver()) {
            throw new TimeoutException("the request is over");
        }
    }
}
