package dev.secretsengine.launcher.command;

import picocli.CommandLine.Command;

/** {@code docker pass}. */
@Command(name = "docker pass", description = "Keep secrets and hand them to containers and commands by se:// references.", synopsisSubcommandLabel = "COMMAND", subcommands = {
        SetCommand.class, GetCommand.class, ListCommand.class, RemoveCommand.class, RunCommand.class,
        MigrateCommand.class, PluginsCommand.class, UnlockCommand.class, IdentityCommand.class, EngineCommand.class,
        SetupCommand.class}, footer = {"",
                "A reference names one secret (se://myapp/db/password) or a pattern of IDs (se://myapp/*/password).",
                "Run 'docker pass COMMAND --help' for more on a command."})
final class Pass extends CommandGroup {

}
