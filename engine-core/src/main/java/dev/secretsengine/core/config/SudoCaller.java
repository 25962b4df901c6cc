package dev.secretsengine.core.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Root behind sudo. Plain {@code sudo} leads to root's own folders, {@code sudo -E} to those of its caller, in which root
 * would leave files that the caller cannot read. sudo.c in the native client is the same.
 */
public final class SudoCaller {

    /** A folder that an engine would use: below a variable's value, else below HOME. */
    private record Place(String variable, String fallback, String name) {
    }

    private static final List<Place> PLACES = List.of(
            new Place("XDG_CONFIG_HOME", ".config", "secrets-engine"),
            new Place("XDG_DATA_HOME", ".local/share", "secrets-engine"),
            new Place("XDG_STATE_HOME", ".local/state", "secrets-engine"),
            new Place("XDG_CACHE_HOME", ".cache", "docker-secrets-engine"),
            new Place("XDG_RUNTIME_DIR", "", "secrets-engine"));

    private final Map<String, String> environment;

    private SudoCaller(Map<String, String> environment) {
        this.environment = environment;
    }

    /** Root behind another user's sudo; empty for any other caller, and where {@code SECRETS_ENGINE_HOME} says whose engine is meant. */
    public static Optional<SudoCaller> of(Map<String, String> environment, int uid) {
        boolean isBehindSudo = !Set.of("", "0").contains(environment.getOrDefault("SUDO_UID", ""));
        return uid == 0 && isBehindSudo && environment.getOrDefault("SECRETS_ENGINE_HOME", "").isEmpty()
                ? Optional.of(new SudoCaller(environment))
                : Optional.empty();
    }

    /** Why no engine may be asked or started, one line; empty if every folder is root's. */
    public Optional<String> objection() {
        for (Place place : PLACES) {
            String variable = value(place.variable()).isEmpty() ? "HOME" : place.variable();
            Path folder = Path.of(value(variable), variable.equals("HOME") ? place.fallback() : "", place.name());
            if (!value(variable).isEmpty() && isAnothers(folder)) {
                return Optional.of("sudo kept " + variable + "=" + environment.get(variable)
                        + ": root would leave files there that you cannot read; run it without sudo,"
                        + " or sudo -H docker pass ls for root's own secrets");
            }
        }
        return Optional.empty();
    }

    /** A relative path counts as none, as for {@link EnginePaths}. */
    private String value(String variable) {
        String value = environment.getOrDefault(variable, "");
        return value.startsWith("/") ? value : "";
    }

    /** Whether the folder, or one above it, belongs to another user than root. */
    private static boolean isAnothers(Path folder) {
        boolean found = false;
        for (Path at = folder; !found && at.getNameCount() > 0; at = at.resolveSibling("")) {
            try {
                found = !Integer.valueOf(0).equals(Files.getAttribute(at, "unix:uid"));
            } catch (IOException e) {
                // It is not there yet: the folder above it decides.
                found = false;
            }
        }
        return found;
    }

    /** Whose secrets these are, one line; empty in a shell or script under sudo, whose author need not be told each time. */
    public Optional<String> note() {
        return environment.getOrDefault("SUDO_COMMAND", "docker").contains("docker")
                ? Optional.of("note: sudo: this uses root's secrets, not those of "
                        + environment.getOrDefault("SUDO_USER", "uid " + environment.get("SUDO_UID")))
                : Optional.empty();
    }
}
