package dev.secretsengine.launcher.setup;

import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The runtime that the wrapper hands containers on to. */
final class RealRuntime {

    /** The wrapper's argument that names it. */
    static final String ARGUMENT = "--se-runtime";

    private static final String USUAL = "runc";
    private static final String OURS = "se-[0-9]+";

    private final Scene scene;
    private final DaemonConfig config;
    private final FolderTrust trust;

    /**
     * Looks for it.
     *
     * @param trust whom the daemon trusts that is to run it
     */
    RealRuntime(Scene scene, DaemonConfig config, FolderTrust trust) {
        this.scene = scene;
        this.config = config;
        this.trust = trust;
    }

    /**
     * What is behind a runtime of ours: the one that was asked for, else the configured default if that is another, else
     * what is behind it already, else runc.
     *
     * @throws SetupException if the default cannot be put behind a wrapper, nothing is there, or others can change
     *     what is there
     */
    Path wanted() throws SetupException, IOException {
        Optional<String> wanted = scene.options().value(Options.RUNTIME);
        if (wanted.isPresent()) {
            return executable(wanted.get(), "correct --runtime");
        }
        Map<String, DaemonConfig.Entry> runtimes = config.runtimes();
        String standard = config.defaultRuntime().orElse(USUAL);
        DaemonConfig.Entry entry = runtimes.get(standard);
        if (entry != null && standard.matches(OURS)) {
            return executable(behind(entry).orElse(USUAL), "say --runtime PATH");
        }
        if (entry != null) {
            if (entry.path().isEmpty() || entry.others() || !entry.arguments().isEmpty()) {
                throw new SetupException("the default runtime " + standard + " has arguments or options of its own,"
                        + " which the wrapper cannot pass on: say --runtime PATH");
            }
            return executable(entry.path(), "say --runtime PATH");
        }
        if (!standard.equals(USUAL) && !standard.startsWith("io.containerd.") && !standard.matches(OURS)) {
            throw new SetupException("nothing says what the default runtime " + standard + " is: say --runtime PATH");
        }
        return executable(recorded().orElse(USUAL), "install runc, or say --runtime PATH");
    }

    /**
     * What our name is to mean when it stays for its containers: what is behind it, else runc.
     *
     * @throws SetupException if there is none
     */
    Path left() throws SetupException, IOException {
        Optional<String> behind = recorded();
        boolean trusted = behind.isPresent() && objection(Path.of(behind.get())).isEmpty();
        return executable(trusted ? behind.get() : USUAL, "install runc");
    }

    private Optional<String> recorded() {
        return Optional.ofNullable(config.runtimes().get(scene.user().runtime())).flatMap(RealRuntime::behind)
                .filter(path -> Files.isExecutable(Path.of(path)));
    }

    /** An entry that was left for its containers when it was undone names the real runtime itself. */
    private static Optional<String> behind(DaemonConfig.Entry entry) {
        return entry.argument(ARGUMENT)
                .or(() -> Optional.of(entry.path()).filter(path -> !path.endsWith("/" + Places.WRAPPER)));
    }

    private Path executable(String name, String advice) throws SetupException, IOException {
        Path file = (name.startsWith("/")
                ? Optional.of(Path.of(name)).filter(Files::isRegularFile).filter(Files::isExecutable)
                : scene.places().program(name, Map.of()).map(Program::file))
                .orElseThrow(() -> new SetupException("there is no runtime " + name + ": " + advice));
        Optional<String> objection = objection(file);
        if (objection.isPresent()) {
            throw new SetupException("the runtime " + file + " is not safe to run: " + objection.get());
        }
        return Wrapper.checked(file);
    }

    /** Whoever can write to the folder of a link can turn it to another file. */
    private Optional<String> objection(Path file) throws IOException {
        Optional<String> found = trust.objection(file);
        for (Path at = file; at != null && found.isEmpty(); at = at.getParent()) {
            if (Files.isSymbolicLink(at)) {
                Path folder = Objects.requireNonNull(at.getParent());
                found = trust.objection(folder);
                if (found.isEmpty()) {
                    found = objection(folder.resolve(Files.readSymbolicLink(at)));
                }
            }
        }
        return found;
    }
}
