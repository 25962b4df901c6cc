package dev.secretsengine.launcher.setup;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** {@code docker pass setup}, done by the client: it changes the machine, of which the engine knows nothing. */
public final class Setup {

    private Setup() {
    }

    /**
     * Runs one command.
     *
     * @param words what was typed behind {@code setup}
     * @param environment the caller's
     * @return the exit code: 0 done, 1 failed, 2 wrong usage
     */
    public static int run(List<String> words, Map<String, String> environment, Console console) {
        try {
            int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            return run(words, environment, console, Places.ofThisMachine(), uid);
        } catch (IOException e) {
            console.error("/proc is not there: mount it");
            return SetupException.FAILED;
        }
    }

    static int run(List<String> words, Map<String, String> environment, Console console, Places places, int uid) {
        try {
            Options options = Options.parse(words);
            EngineUser user = EngineUser.of(options, environment, uid, places);
            Scene scene = new Scene(options, environment, uid, user, places, console);
            if (options.engine().equals("podman")) {
                return new PodmanSetup(scene).run();
            }
            return options.has(Options.UNDO) ? new DockerUndo(scene).run() : new DockerSetup(scene).run();
        } catch (SetupException e) {
            console.error(String.valueOf(e.getMessage()));
            return e.code();
        } catch (FileSystemException e) {
            console.error("cannot use " + e.getFile() + " (" + e.getClass().getSimpleName().replace("Exception", "")
                    + "): check its owner, its mode and the free space");
        } catch (IOException | IllegalArgumentException e) {
            // The paths of an engine, or a program that cannot be run.
            console.error(String.valueOf(e.getMessage()));
        }
        return SetupException.FAILED;
    }
}
