package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.docker.Inspection;
import dev.secretsengine.launcher.docker.Program;
import dev.secretsengine.launcher.format.UnifiedDiff;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** {@code setup podman}: a drop-in of the user's, or of all users as root. */
final class PodmanSetup {

    /** The drop-in's name. */
    static final String FILE = "50-secrets-engine.conf";

    private static final String RUNTIME = "se";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> FACTS = List.of("{{.ID}}", "{{.OCIRuntime}}", "{{.Name}}");

    private final Scene scene;
    private final Program podman;
    private final Path path;

    PodmanSetup(Scene scene) throws SetupException {
        this.scene = scene;
        podman = Program.onPath("podman", scene.environment())
                .orElseThrow(() -> new SetupException("there is no podman on the PATH: install it first"));
        path = (scene.ownUid() == 0 ? scene.places().containersConf() : userFolder()).resolve(FILE);
    }

    private Path userFolder() throws SetupException {
        String config = scene.environment().getOrDefault("XDG_CONFIG_HOME", "");
        String home = scene.environment().getOrDefault("HOME", "");
        if (!config.startsWith("/") && !home.startsWith("/")) {
            throw new SetupException("HOME is not set: set it to your home folder");
        }
        return (config.startsWith("/") ? Path.of(config) : Path.of(home, ".config"))
                .resolve("containers/containers.conf.d");
    }

    int run() throws SetupException, IOException {
        return scene.options().has(Options.UNDO) ? undo() : setup();
    }

    private int setup() throws SetupException, IOException {
        Wrapper wrapper = scene.ownUid() == 0
                ? Wrapper.choose(scene.places(), new FolderTrust(0), true)
                : Wrapper.choose(scene.places(), FolderTrust.ofThisProcess(), false);
        String text = "[engine]\nruntime = \"" + RUNTIME + "\"\n\n" + runtimes(wrapper.path());
        ConfigFile file = ConfigFile.read(path);
        if (!text.equals(file.text()) || !wrapper.isReady()) {
            if (!agreed(file, Optional.of(text))) {
                return 0;
            }
            try (ConfigLock _ = ConfigLock.of(file)) {
                file.requireUnchanged();
                wrapper.install();
                file.write(text.getBytes(StandardCharsets.UTF_8));
            }
            scene.say("Wrote " + path);
        }
        String used = ask("info", "--format", "{{.Host.OCIRuntime.Name}}");
        if (!used.equals(RUNTIME)) {
            throw new SetupException("podman does not take its runtime from " + path + " but uses " + used
                    + ": look for another containers.conf that names one, or into CONTAINERS_CONF");
        }
        scene.say("Every new container of podman gets its secrets: podman run -e NAME=se://ID IMAGE");
        return 0;
    }

    private static String runtimes(Path program) {
        return "[engine.runtimes]\n" + RUNTIME + " = [\"" + program + "\"]\n";
    }

    private boolean agreed(ConfigFile file, Optional<String> text) throws SetupException {
        scene.console().print(UnifiedDiff.of(file.bytes().isPresent() ? path.toString() : "/dev/null", file.text(),
                text.isPresent() ? path.toString() : "/dev/null", text.orElse("")));
        if (scene.options().has(Options.DRY_RUN)) {
            scene.say("Nothing was changed: this was a dry run");
            return false;
        }
        scene.confirm("Write this?");
        return true;
    }

    private String ask(String... arguments) throws SetupException, IOException {
        Program.Result result = podman.run(PATIENCE, arguments);
        if (!result.isGood()) {
            throw new SetupException("podman does not answer: " + result.complaint());
        }
        return result.text();
    }

    private int undo() throws SetupException, IOException {
        ConfigFile file = ConfigFile.read(path);
        if (file.bytes().isEmpty()) {
            scene.say(path + " is not there: there is nothing to undo");
            return 0;
        }
        // Without the name they could neither be started nor stopped.
        Optional<String> why = whyToKeep();
        Optional<String> left = why.isEmpty() ? Optional.empty() : Optional.of(runtimes(realRuntime()));
        if (left.filter(file.text()::equals).isPresent()) {
            scene.say(why.orElseThrow());
            return 0;
        }
        if (scene.ownUid() == 0) {
            scene.say("Containers of other users cannot be seen from here: where one was made with " + RUNTIME
                    + ", its user has to run docker pass setup podman, or to make it anew");
        }
        if (!agreed(file, left)) {
            return 0;
        }
        try (ConfigLock _ = ConfigLock.of(file)) {
            file.requireUnchanged();
            if (whyToKeep().isPresent() != why.isPresent()) {
                throw new SetupException("podman's containers have changed since this was shown: run this again");
            }
            write(file, left);
        }
        why.ifPresent(scene::say);
        return 0;
    }

    private void write(ConfigFile file, Optional<String> left) throws SetupException, IOException {
        if (left.isPresent()) {
            file.write(left.get().getBytes(StandardCharsets.UTF_8));
            scene.say("Wrote " + path);
            return;
        }
        Files.delete(file.path());
        scene.say("Removed " + path);
        if (scene.ownUid() == 0
                && Wrapper.removeUnused(scene.places(), ConfigFile.read(scene.places().daemonJson()))) {
            scene.say("Removed " + scene.places().rootWrapper());
        }
    }

    /** Why the name has to stay, empty if no container of the caller's recorded it. */
    private Optional<String> whyToKeep() {
        String why;
        try {
            List<String> users = Inspection.rows(podman, PATIENCE, FACTS).stream()
                    .filter(row -> row.get(1).equals(RUNTIME)).map(row -> row.get(2)).toList();
            if (users.isEmpty()) {
                return Optional.empty();
            }
            why = "these containers were made with it: " + String.join(", ", users)
                    + "; make them anew, then run this again";
        } catch (IOException e) {
            why = "podman could not be asked which containers need it (" + e.getMessage() + "), so run this again";
        }
        return Optional.of(RUNTIME + " stays as another name of the real runtime: " + why);
    }

    private Path realRuntime() throws SetupException {
        return scene.places().program("crun", scene.environment())
                .or(() -> scene.places().program("runc", scene.environment())).map(Program::file)
                .orElseThrow(() -> new SetupException("there is neither crun nor runc: install one of them"));
    }
}
