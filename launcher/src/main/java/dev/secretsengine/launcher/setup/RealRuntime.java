package dev.secretsengine.launcher.setup;

import dev.secretsengine.launcher.docker.DaemonConfig;
import dev.secretsengine.launcher.docker.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The runtime that the wrapper hands containers on to. */
final class RealRuntime {

    /** The wrapper's argument that names it. */
    static final String ARGUMENT = "--se-runtime";

    private static final String USUAL = "runc";
    private static final String OURS = "se-[0-9]+";

    private RealRuntime() {
    }

    /**
     * What is behind a runtime of ours: the one that was asked for, else the configured default if that is another, else
     * what is behind it already, else runc.
     *
     * @throws SetupException if the default cannot be put behind a wrapper, or nothing is there
     */
    static Path of(Scene scene, DaemonConfig config) throws SetupException {
        Optional<String> wanted = scene.options().value(Options.RUNTIME);
        if (wanted.isPresent()) {
            return executable(scene, wanted.get(), "correct --runtime");
        }
        Map<String, DaemonConfig.Entry> runtimes = config.runtimes();
        String standard = config.defaultRuntime().orElse(USUAL);
        DaemonConfig.Entry entry = runtimes.get(standard);
        if (entry != null && standard.matches(OURS)) {
            return executable(scene, behind(entry).orElse(USUAL), "say --runtime PATH");
        }
        if (entry != null) {
            if (entry.path().isEmpty() || entry.others() || !entry.arguments().isEmpty()) {
                throw new SetupException("the default runtime " + standard + " has arguments or options of its own,"
                        + " which the wrapper cannot pass on: say --runtime PATH");
            }
            return executable(scene, entry.path(), "say --runtime PATH");
        }
        if (!standard.equals(USUAL) && !standard.startsWith("io.containerd.") && !standard.matches(OURS)) {
            throw new SetupException("nothing says what the default runtime " + standard + " is: say --runtime PATH");
        }
        return behindOurs(scene, config);
    }

    /**
     * What is behind the user's own runtime, else runc.
     *
     * @throws SetupException if there is none
     */
    static Path behindOurs(Scene scene, DaemonConfig config) throws SetupException {
        Optional<String> behind = Optional.ofNullable(config.runtimes().get(scene.user().runtime()))
                .flatMap(RealRuntime::behind).filter(path -> Files.isExecutable(Path.of(path)));
        return executable(scene, behind.orElse(USUAL), "install runc, or say --runtime PATH");
    }

    /** An entry that was left for its containers when it was undone names the real runtime itself. */
    private static Optional<String> behind(DaemonConfig.Entry entry) {
        return entry.argument(ARGUMENT)
                .or(() -> Optional.of(entry.path()).filter(path -> !path.endsWith("/" + Places.WRAPPER)));
    }

    private static Path executable(Scene scene, String name, String advice) throws SetupException {
        Optional<Path> file = name.startsWith("/")
                ? Optional.of(Path.of(name)).filter(Files::isRegularFile).filter(Files::isExecutable)
                : scene.places().program(name, Map.of()).map(Program::file);
        return Wrapper.checked(
                file.orElseThrow(() -> new SetupException("there is no runtime " + name + ": " + advice)));
    }
}
