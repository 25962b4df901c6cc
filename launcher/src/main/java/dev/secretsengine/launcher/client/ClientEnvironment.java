package dev.secretsengine.launcher.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What {@code bin/docker-pass-portable} puts into the environment of this JVM, and how it is taken out again. */
final class ClientEnvironment {

    /** Three characters, 0 or 1: stdin, stdout, stderr is a terminal. */
    static final String TERMINAL = "DOCKER_PASS_TERMINAL";

    /** Before the names of the variables that were put aside because they would have changed the JVM. */
    private static final String SAVED = "DOCKER_PASS_SAVED_";

    /** What the docker client tells its plugins; none of CMD's business. */
    static final String PLUGIN_SOCKET = "DOCKER_CLI_PLUGIN_SOCKET";

    private static final String ORIGINAL_COMMAND = "DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND";

    private ClientEnvironment() {
    }

    /** The caller's environment as text. */
    static Map<String, String> ofCaller() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        restore(environment);
        return environment;
    }

    /** Turns the environment of this JVM into the caller's. */
    static void restore(Map<String, String> environment) {
        environment.remove(TERMINAL);
        environment.remove(ORIGINAL_COMMAND);
        environment.remove(PLUGIN_SOCKET);
        environment.remove("LC_ALL");
        for (String name : List.copyOf(environment.keySet())) {
            if (name.startsWith(SAVED)) {
                environment.put(name.substring(SAVED.length()), environment.getOrDefault(name, ""));
                environment.remove(name);
            }
        }
    }

    /** The socket by which the docker client tells that it has gone, or null. */
    static @Nullable String pluginSocket() {
        return System.getenv(PLUGIN_SOCKET);
    }
}
