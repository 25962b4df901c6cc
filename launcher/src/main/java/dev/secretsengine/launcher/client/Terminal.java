package dev.secretsengine.launcher.client;

import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The three streams of this process, without buffers that would keep a secret. */
final class Terminal {

    private static final OutputStream OUT = new FileOutputStream(FileDescriptor.out);
    private static final OutputStream ERR = new FileOutputStream(FileDescriptor.err);
    private static final InputStream IN = new FileInputStream(FileDescriptor.in);

    /** What a shell says of a process that SIGPIPE ended. */
    private static final int BROKEN_PIPE = 141;

    private static final String TTY = "/dev/tty";

    /** What a terminal hands over as one line, at most. */
    private static final int LONGEST_LINE = 4096;

    private Terminal() {
    }

    static void out(byte[] bytes) {
        write(OUT, bytes);
    }

    static void err(byte[] bytes) {
        write(ERR, bytes);
    }

    private static void write(OutputStream stream, byte[] bytes) {
        try {
            stream.write(bytes);
        } catch (IOException e) {
            // Nobody reads on: as quiet as any program in a pipe.
            Runtime.getRuntime().halt(BROKEN_PIPE);
        }
    }

    static void error(@Nullable String message) {
        err(("docker-pass: " + message + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** At most so many bytes of stdin; none at its end. */
    static byte[] read(int most) throws IOException {
        byte[] buffer = new byte[most];
        try {
            int length = IN.read(buffer);
            return length <= 0 ? new byte[0] : Arrays.copyOf(buffer, length);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    /**
     * Asks on the terminal itself, whatever stdin and stdout are; null where there is none, or its input has ended. The
     * caller wipes the answer. Not by java.io.Console: that gives characters, and nothing when stdout is a pipe.
     */
    static byte @Nullable [] prompt(String text, boolean hidden) {
        Thread restore = new Thread(() -> stty("echo"));
        try (InputStream terminal = new FileInputStream(TTY)) {
            if (hidden) {
                Runtime.getRuntime().addShutdownHook(restore);
                stty("-echo");
            }
            // The prompt goes to stderr: stdout may be piped.
            err(text.getBytes(StandardCharsets.UTF_8));
            return line(terminal);
        } catch (IOException e) {
            return null;
        } finally {
            if (hidden) {
                stty("echo");
                Runtime.getRuntime().removeShutdownHook(restore);
            }
        }
    }

    private static byte @Nullable [] line(InputStream terminal) throws IOException {
        byte[] buffer = new byte[LONGEST_LINE];
        int length = 0;
        try {
            int b = terminal.read();
            if (b < 0) {
                return null;
            }
            while (b >= 0 && b != '\n' && length < buffer.length) {
                buffer[length++] = (byte) b;
                b = terminal.read();
            }
            return Arrays.copyOf(buffer, length);
        } finally {
            Arrays.fill(buffer, (byte) 0);
        }
    }

    private static void stty(String mode) {
        try {
            new ProcessBuilder("stty", mode).redirectInput(new File(TTY)).start().waitFor();
        } catch (IOException e) {
            err("docker-pass: stty is not there, what you type will be seen\n".getBytes(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
