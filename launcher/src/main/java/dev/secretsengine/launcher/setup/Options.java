package dev.secretsengine.launcher.setup;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What was typed behind {@code setup docker} or {@code setup podman}.
 *
 * @param engine which of the two
 * @param flags the options without a value
 * @param values the others
 */
record Options(String engine, Set<String> flags, Map<String, String> values) {

    static final String DEFAULT = "--default";
    static final String FILL = "--fill";
    static final String NO_FILL = "--no-fill";
    static final String DRY_RUN = "--dry-run";
    static final String YES = "--yes";
    static final String UNDO = "--undo";
    static final String CONFIG = "--config";
    static final String RUNTIME = "--runtime";

    /** What the user's part tells the part that runs as root; of no use to anybody else, and in no help. */
    static final String AS_UID = "--as-uid";
    static final String AS_SOCKET = "--as-socket";
    static final String CONFIRMED = "--confirmed";

    static final Map<String, Set<String>> FLAGS = Map.of("docker", Set.of(DEFAULT, FILL, NO_FILL, DRY_RUN, YES, UNDO),
            "podman", Set.of(DRY_RUN, YES, UNDO));
    static final Map<String, Set<String>> VALUES = Map.of("docker", Set.of(CONFIG, RUNTIME), "podman", Set.of());

    private static final Set<String> INTERNAL = Set.of(AS_UID, AS_SOCKET, CONFIRMED);

    /**
     * Reads what follows {@code setup}.
     *
     * @throws SetupException if it makes no sense
     */
    static Options parse(List<String> words) throws SetupException {
        if (words.isEmpty()) {
            throw usage("a command is missing", "setup");
        }
        String engine = words.getFirst();
        if (!FLAGS.containsKey(engine)) {
            throw usage(engine.startsWith("-")
                    ? "there is no option " + name(engine)
                    : "there is a word too many, or no such command", "setup");
        }
        Set<String> flags = new HashSet<>();
        Map<String, String> values = new HashMap<>();
        List<String> rest = new ArrayList<>(words.subList(1, words.size()));
        while (!rest.isEmpty()) {
            String word = rest.removeFirst();
            String name = name(word);
            if (FLAGS.getOrDefault(engine, Set.of()).contains(word)) {
                flags.add(word);
            } else if (VALUES.getOrDefault(engine, Set.of()).contains(name) || INTERNAL.contains(name)) {
                values.put(name, value(word, rest, engine));
            } else {
                throw usage(word.startsWith("-")
                        ? "there is no option " + name
                        : "there is a word too many, or no such command", "setup " + engine);
            }
        }
        return checked(new Options(engine, Set.copyOf(flags), Map.copyOf(values)));
    }

    private static Options checked(Options options) throws SetupException {
        boolean fill = options.has(FILL) || options.has(NO_FILL);
        if (options.has(UNDO) && (options.has(DEFAULT) || fill || options.value(RUNTIME).isPresent())) {
            throw usage("--undo goes with --config, --yes and --dry-run only", "setup " + options.engine);
        }
        if (options.has(FILL) && options.has(NO_FILL)) {
            throw usage("--fill and --no-fill exclude each other", "setup " + options.engine);
        }
        if (options.value(RUNTIME).filter(path -> !path.startsWith("/")).isPresent()) {
            throw usage("--runtime takes a path that starts with /", "setup " + options.engine);
        }
        return options;
    }

    private static String name(String word) {
        return word.split("=", 2)[0];
    }

    private static String value(String word, List<String> rest, String engine) throws SetupException {
        int equals = word.indexOf('=');
        String value = equals >= 0 ? word.substring(equals + 1) : rest.isEmpty() ? "" : rest.removeFirst();
        if (value.isEmpty()) {
            throw usage("Missing required parameter for option '" + name(word) + "'", "setup " + engine);
        }
        return value;
    }

    private static SetupException usage(String message, String command) {
        return new SetupException(SetupException.USAGE, message + ": see docker pass " + command + " --help");
    }

    boolean has(String flag) {
        return flags.contains(flag);
    }

    Optional<String> value(String option) {
        return Optional.ofNullable(values.get(option));
    }

    /** Whether this is the part that the user's part has started as root: everything is confirmed. */
    boolean isSecondPart() {
        return values.containsKey(AS_UID);
    }
}
