package dev.secretsengine.kit;

import dev.secretsengine.api.RequestContext;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The caller's environment, and the engine's for what the caller did not send. An empty variable counts as unset. */
public final class CallerEnvironment {

    private final RequestContext context;
    private final Map<String, String> engine;

    /**
     * The environment of one request.
     *
     * @param engine the engine's own variables
     */
    public CallerEnvironment(RequestContext context, Map<String, String> engine) {
        this.context = context;
        this.engine = engine;
    }

    /** A variable, if it is set. */
    public Optional<String> variable(String name) {
        return context.callerVariable(name).filter(value -> !value.isEmpty())
                .or(() -> Optional.ofNullable(engine.get(name)).filter(value -> !value.isEmpty()));
    }

    /** Those of some variables that are set, for a program that is to be started. */
    public Map<String, String> select(Collection<String> names) {
        Map<String, String> variables = new HashMap<>();
        for (String name : names) {
            variable(name).ifPresent(value -> variables.put(name, value));
        }
        return variables;
    }

    /** The program of that name in the first folder of PATH that has one. */
    public Optional<Path> onPath(String program) {
        return onPath(program, variable("PATH").orElse(""));
    }

    /** The program in the first folder that has one; a relative folder, which means another one to the engine, has none. */
    public static Optional<Path> onPath(String program, String path) {
        for (String entry : path.split(File.pathSeparator, -1)) {
            Optional<Path> file = absolute(entry).map(folder -> folder.resolve(program))
                    .filter(CallerEnvironment::isProgram);
            if (file.isPresent()) {
                return file;
            }
        }
        return Optional.empty();
    }

    /** Whether a file can be started. */
    public static boolean isProgram(Path file) {
        return Files.isRegularFile(file) && Files.isExecutable(file);
    }

    /** A path, if it is an absolute one. */
    public static Optional<Path> absolute(String text) {
        try {
            return Optional.of(Path.of(text)).filter(Path::isAbsolute);
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }
}
