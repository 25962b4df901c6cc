package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.store.ActiveStore;
import dev.secretsengine.launcher.format.Listing;
import dev.secretsengine.launcher.protocol.Build;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass plugins}. */
@Command(name = "plugins", aliases = "plugin", description = "Manage the plugins that find secrets.", synopsisSubcommandLabel = "COMMAND", subcommands = {
        PluginSetupCommand.class, PluginInspectCommand.class}, footer = {"",
                "  docker pass plugins NAME setup [--SETTING VALUE]...",
                "  docker pass plugins NAME purge", "",
                "NAME may be a group of plugins, too: setup is then for the one of them that has a secret to keep,",
                "purge for all of them."})
final class PluginsCommand extends CommandGroup {

    private static final List<String> COLUMNS = List.of("Name", "Version", "Pattern", "Configurable", "Status",
            "Message");
    private static final List<String> FIELDS = List.of("Name", "Version", "Pattern", "Configurable", "External",
            "Bundle", "Status", "Message");

    private final CommandContext context;

    PluginsCommand(CommandContext context) {
        this.context = context;
    }

    @Command(name = "ls", aliases = "list", description = "List every plugin, loaded or only available.")
    int list(@Option(names = {"-q", "--quiet"}, description = "Print names only.") boolean quiet,
            @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "table", description = "table, json or a template such as '{{.Name}}'.") String format)
            throws IOException, SecretsException {
        Listing listing = CommandContext.listing(format, FIELDS, COLUMNS);
        List<PluginRow> rows = context.engine().rows(context.request());
        if (quiet) {
            for (PluginRow row : rows) {
                context.print(row.name());
            }
        } else {
            context.print(listing, rows.stream().map(PluginsCommand::fields).toList());
        }
        for (String problem : context.engine().problems()) {
            context.printError("docker-pass: " + problem);
        }
        return 0;
    }

    private static Map<String, Object> fields(PluginRow row) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("Name", row.name());
        fields.put("Version", row.version());
        fields.put("Pattern", row.pattern());
        fields.put("Configurable", row.configurable());
        fields.put("External", row.external());
        fields.put("Bundle", row.bundle());
        fields.put("Status", row.status().text());
        fields.put("Message", row.message());
        return fields;
    }

    @Command(name = "enable", description = "Start a plugin, now and from now on.")
    int enable(@Parameters(paramLabel = "NAME", description = "The plugin.") String name)
            throws IOException, SecretsException {
        context.engine().enable(known(name), true, context.request());
        context.print("Plugin " + name + " is enabled");
        return 0;
    }

    @Command(name = "disable", description = "Stop a plugin, now and from now on.")
    int disable(@Parameters(paramLabel = "NAME", description = "The plugin.") String name)
            throws IOException, SecretsException {
        context.engine().enable(known(name), false, context.request());
        context.print("Plugin " + name + " is disabled");
        return 0;
    }

    @Command(name = "purge", description = "Disable a plugin and remove its secrets, settings and state.", customSynopsis = "docker pass plugins NAME|GROUP purge")
    int purge(@Parameters(paramLabel = "NAME|GROUP", description = "The plugin, or a group of plugins.") String name)
            throws IOException, SecretsException {
        for (String plugin : context.engine().setup().purge(name, context.request())) {
            context.print("Plugin " + plugin + " is purged");
        }
        return 0;
    }

    @Command(name = "new", description = "Write a ready project for a plugin of your own.")
    int create(@Parameters(paramLabel = "NAME", description = "Its name.") String name,
            @Option(names = "--directory", paramLabel = "D", description = "Where to; NAME in the current folder by default.") Path directory)
            throws IOException {
        context.printError("docker-pass: the client does that: run "
                + Build.image().resolve("bin/docker-pass-portable") + " plugins new " + name);
        return 2;
    }

    /** The store's plugin is no bundle of its own, and always on. */
    private String known(String name) throws SecretsException {
        if (name.equals(ActiveStore.PLUGIN)) {
            throw new SecretsException.Denied(name, "the plugin " + name + " is always on",
                    "it is not configurable; store = \"...\" in config.toml chooses where it keeps secrets");
        }
        return name;
    }
}
