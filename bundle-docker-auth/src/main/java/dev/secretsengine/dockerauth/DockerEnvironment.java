package dev.secretsengine.dockerauth;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.CallerEnvironment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a lookup takes from the environment: where config.json is, and what helpers are and see. */
final class DockerEnvironment {

    /** What the usual helpers need to find their store, and nothing that could hold a secret. */
    private static final List<String> FOR_HELPERS = List.of("PATH", "HOME", "LANG", "XDG_RUNTIME_DIR",
            "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_DIRS", "XDG_DATA_DIRS",
            "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_DIR");

    private final RequestContext context;
    private final CallerEnvironment caller;

    DockerEnvironment(RequestContext context, Map<String, String> engine) {
        this.context = context;
        this.caller = new CallerEnvironment(context, engine);
    }

    /**
     * Where config.json is, if there is one.
     *
     * @param configured the folder the user set, empty for the caller's own
     * @throws SecretsException.Invalid if a folder is not absolute: the engine has another working directory
     */
    Path configFile(String configured) throws SecretsException {
        Optional<String> named = context.callerVariable("DOCKER_CONFIG").filter(value -> !value.isEmpty());
        Path folder;
        if (!configured.isEmpty()) {
            folder = folder("the setting config of " + DockerAuthProvider.NAME, configured);
        } else if (named.isPresent()) {
            folder = folder("DOCKER_CONFIG", named.get());
        } else {
            folder = folder("HOME", caller.variable("HOME").orElse(System.getProperty("user.home", "")))
                    .resolve(".docker");
        }
        return folder.resolve("config.json");
    }

    /**
     * A folder by its absolute path.
     *
     * @param source who names it, for the error
     */
    static Path folder(String source, String text) throws SecretsException {
        return CallerEnvironment.absolute(text).orElseThrow(() -> new SecretsException.Invalid(DockerAuthProvider.NAME,
                source + " is not an absolute path", "give the full path of the folder that holds config.json"));
    }

    /** The program of that name in the first folder of PATH that has one. */
    Optional<Path> onPath(String program) {
        return caller.onPath(program);
    }

    /** The few variables a helper is started with. */
    Map<String, String> forHelper() {
        return caller.select(FOR_HELPERS);
    }
}
