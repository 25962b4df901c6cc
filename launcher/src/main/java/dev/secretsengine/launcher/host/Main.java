package dev.secretsengine.launcher.host;

import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.ForeignFiles;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.config.SudoCaller;
import dev.secretsengine.launcher.command.HelpFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;

/** {@code secrets-engine}: the engine's process. */
public final class Main {

    private static final int OUT_OF_MEMORY = 3;

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
            Runtime.getRuntime().halt(OUT_OF_MEMORY);
        }
        say("thread " + thread.getName() + " ended with " + thrown.getClass().getName());
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
