package dev.secretsengine.launcher.host;

import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.ForeignFiles;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.config.SudoCaller;
import dev.secretsengine.launcher.command.HelpFiles;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code secrets-engine}: the engine's process. */
public final class Main {

    private static final Logger LOG = LoggerFactory.getLogger(Main.class);

    private static final int OUT_OF_MEMORY = 3;
    private static final int RESERVE = 128 << 10;

    private static final FileOutputStream ERRORS = new FileOutputStream(FileDescriptor.err);
    private static final byte[] NO_MEMORY = "secrets-engine: out of memory: this engine ends\n"
            .getBytes(StandardCharsets.US_ASCII);

    // Held, not read.
    @SuppressWarnings("unused")
    private static volatile byte @Nullable [] reserve = new byte[RESERVE];

    private Main() {
    }

    /**
     * Runs an engine until it is told to stop.
     *
     * @param args nothing, or {@code --help-files FOLDER} while the installation is built
     */
    public static void main(String[] args) {
        int code = 1;
        Thread.setDefaultUncaughtExceptionHandler(Main::uncaught);
        try {
            if (args.length == 2 && args[0].equals("--help-files")) {
                HelpFiles.write(Path.of(args[1]));
                code = 0;
            } else {
                code = run();
            }
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
        } catch (IOException e) {
            say("cannot use the engine's folders: " + e.getClass().getSimpleName() + " " + e.getMessage());
        } catch (BundleException | RuntimeException e) {
            say("cannot start: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // The framework leaves threads behind that would keep the process alive.
        System.exit(code);
    }

    /**
     * An engine without memory for its own work is of no use: the next request starts a new one. A bundle's thread may end
     * without harm to the others.
     */
    private static void uncaught(Thread thread, Throwable thrown) {
        ClassLoader loader = thread.getContextClassLoader();
        boolean ours = loader == null || loader.equals(Main.class.getClassLoader());
        if (ours && thrown instanceof OutOfMemoryError) {
            endWithoutMemory();
        }
        say("thread " + thread.getName() + " ended with " + thrown.getClass().getName());
    }

    /** Says why, with memory that was kept for that: a line without a log is made of none at all. */
    private static void endWithoutMemory() {
        try {
            ERRORS.write(NO_MEMORY);
            reserve = null;
            LOG.error("out of memory: this engine ends, and the next command starts another one");
        } catch (IOException | OutOfMemoryError e) {
            // It is said, or cannot be.
        } finally {
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
    }

    private static void say(@Nullable String message) {
        System.err.println("secrets-engine: " + message);
    }

    private static int run() throws IOException, BundleException, InterruptedException {
        EnginePaths paths = EnginePaths.of(System.getenv());
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        Optional<String> objection = SudoCaller.of(System.getenv(), uid).flatMap(SudoCaller::objection)
                .or(new ForeignFiles(paths, SdkPaths.of(System.getenv(), paths))::objection);
        if (objection.isPresent()) {
            say(objection.get());
            return 1;
        }
        try (EngineLock lock = EngineLock.take(paths.lockFile()).orElse(null)) {
            if (lock == null) {
                say("another engine of this user is running");
                return 0;
            }
            try (EngineProcess engine = new EngineProcess(paths)) {
                engine.run();
            }
        }
        return 0;
    }
}
