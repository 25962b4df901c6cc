package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.Setting;
import dev.secretsengine.core.PluginCandidate;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Unmatched;

/**
 * {@code docker pass plugins NAME setup}. Which options there are is the plugin's to say, so its bundle has to run before
 * they can be read.
 */
@Command(name = "setup", description = "Set a plugin up, and enable it.", customSynopsis = "docker pass plugins NAME|GROUP setup [--SETTING VALUE]...", footer = {
        "", "Which settings there are, a plugin says by itself: docker pass plugins NAME setup --help.",
        "A secret setting is no option: it is asked for on a terminal, otherwise it is all of standard input but",
        "one final line end. With several of them standard input is a JSON object of values by name.",
        "The plugin checks the values before anything is kept."})
final class PluginSetupCommand implements Callable<Integer> {

    private static final Set<String> PLUGINS = Set.of("plugins", "plugin");
    private static final Set<String> VERBS = Set.of("setup", "purge");

    /** No plugin has these names. */
    private static final Set<String> RESERVED = Set.of("ls", "list", "enable", "disable", "inspect", "setup", "purge",
            "new");

    private final CommandContext context;

    @Parameters(paramLabel = "NAME|GROUP", description = "The plugin, or the group that it belongs to.")
    private String name = "";

    @Unmatched
    private List<String> words = new ArrayList<>();

    PluginSetupCommand(CommandContext context) {
        this.context = context;
    }

    /** Turns {@code plugins NAME setup} into {@code plugins setup NAME}, which is how picocli can read it. */
    static List<String> inOrder(List<String> line) {
        if (line.size() < 3 || !isPlugin(line) || !VERBS.contains(line.get(2))) {
            return line;
        }
        List<String> ordered = new ArrayList<>(line);
        ordered.set(1, line.get(2));
        ordered.set(2, line.get(1));
        return ordered;
    }

    /** Whether the second word is where a plugin's name stands. */
    static boolean isPlugin(List<String> line) {
        return isOfPlugins(line) && !line.get(1).startsWith("-") && !RESERVED.contains(line.get(1));
    }

    /** Whether it is a line of {@code plugins}. */
    static boolean isOfPlugins(List<String> line) {
        return PLUGINS.contains(line.get(0));
    }

    /** Whether the last word is, or will be, the value of an option of set-up. */
    static boolean isValue(List<String> line) {
        int last = line.size() - 1;
        return last > 3 && isOfPlugins(line) && inOrder(line).get(1).equals("setup")
                && line.get(last - 1).startsWith("--") && line.get(last - 1).indexOf('=') < 0;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        try (PluginCandidate candidate = context.engine().setup().open(name, context.request())) {
            CommandLine options = options(candidate);
            if (words.contains("--help") || words.contains("-h")) {
                context.session().out()
                        .write(options.getUsageMessage().getBytes(StandardCharsets.UTF_8));
                return 0;
            }
            Map<String, String> texts = texts(candidate, options);
            for (String setting : texts.keySet()) {
                candidate.requireFree(setting);
            }
            try (PluginSecrets secrets = PluginSecrets.read(candidate, !texts.isEmpty(), context.session(),
                    context.request())) {
                candidate.apply(texts, secrets.values(), context.request());
            }
            context.print("Plugin " + candidate.plugin() + " is set up and running");
            return 0;
        }
    }

    /** One option for each setting that is no secret. */
    static CommandLine options(PluginCandidate candidate) {
        CommandSpec spec = CommandSpec.create().name("docker pass plugins " + candidate.plugin() + " setup");
        spec.usageMessage().description("Set the plugin " + candidate.plugin() + " up, and enable it.");
        List<String> asked = new ArrayList<>();
        for (Setting setting : candidate.settings()) {
            if (setting.secret()) {
                asked.add("  " + plain(setting.name()) + ": " + plain(setting.help()));
            } else {
                String standard = setting.defaultValue().isEmpty() ? "" : " (" + setting.defaultValue() + ")";
                spec.addOption(OptionSpec.builder("--" + setting.name()).paramLabel("VALUE").type(String.class)
                        .description(plain(setting.help() + standard)).build());
            }
        }
        if (!asked.isEmpty()) {
            asked.addAll(0, List.of("", "Asked for, or read from standard input:"));
            spec.usageMessage().footer(asked.toArray(String[]::new));
        }
        CommandLine line = new CommandLine(spec);
        line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
        line.setUsageHelpWidth(110);
        line.setExpandAtFiles(false);
        return line;
    }

    /** What a stranger wrote is no format string. */
    private static String plain(String text) {
        return text.replace("%", "%%").lines().findFirst().orElse("");
    }

    private Map<String, String> texts(PluginCandidate candidate, CommandLine options) {
        for (String word : words) {
            for (Setting setting : candidate.settings()) {
                if (setting.secret() && word.split("=", 2)[0].equals("--" + setting.name())) {
                    throw new UsageException("the setting " + setting.name()
                            + " is secret and never an argument: it is asked for, or read from standard input");
                }
            }
        }
        CommandLine.ParseResult parsed = options.parseArgs(words.toArray(String[]::new));
        Map<String, String> texts = new LinkedHashMap<>();
        for (Setting setting : candidate.settings()) {
            if (!setting.secret() && parsed.hasMatchedOption("--" + setting.name())) {
                texts.put(setting.name(), parsed.matchedOptionValue("--" + setting.name(), ""));
            }
        }
        return texts;
    }
}
