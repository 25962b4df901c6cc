package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.PluginCandidate;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.launcher.protocol.Invocation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/** {@code __complete}: what could stand for the last word, one candidate a line, as the docker client asks for it. */
final class Completion {

    private static final Set<String> TAKE_SECRETS = Set.of("get", "rm", "delete", "erase", "remove", "set", "store",
            "save");
    private static final Set<String> TAKE_PLUGINS = Set.of("plugins", "enable", "disable", "inspect", "setup",
            "purge");
    private static final Set<String> TAKE_GROUPS = Set.of("plugins", "setup", "purge");

    private static final Set<String> TAKE_STORES = Set.of("--from", "--to");

    /** Cobra's words for "do not complete file names" and for "do what you like". */
    private static final String NO_FILES = ":4";
    private static final String DEFAULT = ":0";

    private final CommandContext context;

    Completion(CommandContext context) {
        this.context = context;
    }

    /** Prints the candidates. A failure, a locked store for one, means no candidates and no noise. */
    int run(List<String> line) throws IOException {
        List<String> words = Invocation.of(line.subList(1, line.size())).arguments();
        if (words.isEmpty()) {
            words = List.of("");
        }
        String prefix = words.get(words.size() - 1);
        if (PluginSetupCommand.isValue(words)) {
            // Many are files.
            context.print(DEFAULT);
            return 0;
        }
        Optional<Map<String, String>> ofPlugins = ofPlugins(words, prefix);
        if (ofPlugins.isPresent()) {
            print(ofPlugins.get(), prefix);
            return 0;
        }
        CommandLine command = CommandTree.whole(context);
        for (String word : words.subList(0, words.size() - 1)) {
            CommandLine next = command.getSubcommands().get(word);
            command = next == null ? command : next;
        }
        CommandSpec spec = command.getCommandSpec();
        if (spec.name().equals("run") && !prefix.startsWith("-")) {
            context.print(DEFAULT);
            return 0;
        }
        boolean store = words.size() > 1 && TAKE_STORES.contains(words.get(words.size() - 2));
        print(store ? stores() : candidates(spec, prefix), prefix);
        return 0;
    }

    private void print(Map<String, String> candidates, String prefix) throws IOException {
        for (Map.Entry<String, String> candidate : candidates.entrySet()) {
            if (candidate.getKey().startsWith(prefix)) {
                context.print(candidate.getValue().isEmpty()
                        ? candidate.getKey()
                        : candidate.getKey() + "\t" + candidate.getValue());
            }
        }
        context.print(NO_FILES);
    }

    /** {@code plugins NAME ...}, where the name comes first and its plugin says what options there are. */
    private Optional<Map<String, String>> ofPlugins(List<String> words, String prefix) {
        if (!PluginSetupCommand.isOfPlugins(words) || words.size() < 3) {
            return Optional.empty();
        }
        Map<String, String> candidates = new TreeMap<>();
        List<String> ordered = PluginSetupCommand.inOrder(words);
        if (words.size() == 3 && PluginSetupCommand.isPlugin(words)) {
            candidates.put("setup", "Set the plugin up.");
            candidates.put("purge", "Undo its set-up.");
        } else if (words.size() > 3 && ordered.get(1).equals("setup") && prefix.startsWith("-")) {
            try (PluginCandidate candidate = context.engine().setup().open(ordered.get(2), context.request())) {
                PluginSetupCommand.options(candidate).getCommandSpec().options().forEach(
                        option -> candidates.put(option.longestName(), first(option.description())));
            } catch (SecretsException e) {
                candidates.clear();
            }
        } else if (words.size() == 3 || prefix.startsWith("-")) {
            return Optional.empty();
        }
        // Behind the name there is nothing but options.
        return Optional.of(candidates);
    }

    private Map<String, String> plugins(String command) throws SecretsException {
        Map<String, String> candidates = new TreeMap<>();
        for (PluginRow row : context.engine().rows(context.request())) {
            if (row.configurable() || command.equals("inspect")) {
                candidates.put(row.name(), row.status().text());
            }
            if (TAKE_GROUPS.contains(command)) {
                context.engine().plugins().declaration(row.name()).map(PluginDeclaration::group)
                        .filter(group -> !group.isEmpty()).ifPresent(group -> candidates.put(group, "group"));
            }
        }
        return candidates;
    }

    private Map<String, String> stores() {
        Map<String, String> candidates = new TreeMap<>();
        try {
            context.engine().store().names(context.request()).forEach(name -> candidates.put(name, ""));
        } catch (SecretsException e) {
            candidates.clear();
        }
        return candidates;
    }

    private Map<String, String> candidates(CommandSpec spec, String prefix) {
        Map<String, String> candidates = new TreeMap<>();
        if (prefix.startsWith("-")) {
            spec.options().forEach(option -> candidates.put(option.longestName(), first(option.description())));
            spec.negatedOptionsMap().forEach((name, option) -> candidates.put(name, first(option.description())));
            return candidates;
        }
        spec.subcommands().values().stream().map(CommandLine::getCommandSpec)
                .forEach(sub -> candidates.put(sub.name(), first(sub.usageMessage().description())));
        try {
            if (TAKE_SECRETS.contains(spec.name())) {
                ListCommand.secrets(context, CommandContext.pattern("**"))
                        .forEach(secret -> candidates.put(secret.id().toString(), ""));
            } else if (TAKE_PLUGINS.contains(spec.name())) {
                candidates.putAll(plugins(spec.name()));
            }
        } catch (SecretsException e) {
            candidates.clear();
        }
        return candidates;
    }

    private static String first(String[] description) {
        return description.length == 0 ? "" : description[0];
    }
}
