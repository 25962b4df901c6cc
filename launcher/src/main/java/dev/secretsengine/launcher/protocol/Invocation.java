package dev.secretsengine.launcher.protocol;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * A command line without what the docker client puts around it: global flags before {@code pass}, the word itself, and
 * {@code help pass ...} turned into {@code ... --help}.
 *
 * @param arguments what is left
 * @param offset how many arguments of the command line stand before the first of these
 * @param debug whether {@code --debug} was among the global flags
 */
public record Invocation(List<String> arguments, int offset, boolean debug) {

    private static final String PASS = "pass";
    private static final Set<String> GLOBAL_FLAGS = Set.of("-D", "--debug", "--tls", "--tlsverify");
    private static final Set<String> GLOBAL_OPTIONS = Set.of("--config", "-c", "--context", "-H", "--host", "-l",
            "--log-level", "--tlscacert", "--tlscert", "--tlskey");

    /** Those that take their value without a space, too: {@code -Htcp://host}. */
    private static final Set<String> ATTACHED = Set.of("-c", "-H", "-l");

    /** Reads a command line, argv[0] left out. */
    public static Invocation of(List<String> line) {
        int at = 0;
        boolean debug = false;
        while (at < line.size() && isGlobal(line.get(at))) {
            String word = line.get(at);
            debug |= word.equals("-D") || word.equals("--debug") || word.equals("--debug=true");
            at += GLOBAL_OPTIONS.contains(word) ? 2 : 1;
        }
        at = Math.min(at, line.size());
        boolean help = at + 1 < line.size() && line.get(at).equals("help") && line.get(at + 1).equals(PASS);
        if (help) {
            at++;
        }
        if (at < line.size() && line.get(at).equals(PASS)) {
            at++;
        }
        List<String> rest = new ArrayList<>(line.subList(at, line.size()));
        if (!help && !rest.isEmpty() && rest.get(0).equals("help")) {
            help = true;
            rest.remove(0);
        }
        if (help) {
            rest.add("--help");
        }
        return new Invocation(List.copyOf(rest), at, debug);
    }

    private static boolean isGlobal(String word) {
        if (ATTACHED.stream().anyMatch(option -> word.startsWith(option) && word.length() > option.length())) {
            return true;
        }
        int equals = word.indexOf('=');
        String name = equals > 0 ? word.substring(0, equals) : word;
        return GLOBAL_FLAGS.contains(name) || GLOBAL_OPTIONS.contains(name);
    }

    /** Whether this is the given command. */
    public boolean is(String... command) {
        return arguments.size() >= command.length && arguments.subList(0, command.length).equals(List.of(command));
    }
}
