package dev.secretsengine.launcher.command;

import dev.secretsengine.launcher.protocol.Build;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code docker pass setup}: its help and completion; the work is the client's, who can change the machine. */
@Command(name = "setup", description = "Have container engines hand secrets to containers.", synopsisSubcommandLabel = "COMMAND")
final class SetupCommand extends CommandGroup {

    private static final int USAGE = 2;
    private static final String DRY_RUN = "Only show what would be done.";
    private static final String YES = "Do not ask.";

    private final CommandContext context;

    SetupCommand(CommandContext context) {
        this.context = context;
    }

    @Command(name = "docker", description = "Register the runtime se-<uid> of this user with dockerd.", footer = {"",
            "Shows the change of FILE before it is made, by sudo where FILE is root's, and has dockerd reload it."})
    int docker(
            @Option(names = "--config", paramLabel = "FILE", description = "dockerd's configuration (/etc/docker/daemon.json).") Path config,
            @Option(names = "--default", description = "Make it the runtime of every container.") boolean standard,
            @Option(names = "--fill", negatable = true, description = "Give variables that are set to nothing (-e NAME=) the secret of that name, or leave them alone. An entry that is there keeps what it has.") boolean fill,
            @Option(names = "--runtime", paramLabel = "PATH", description = "The real runtime, instead of the default one.") Path runtime,
            @Option(names = "--undo", description = "Take it out again.") boolean undo,
            @Option(names = "--dry-run", description = DRY_RUN) boolean dryRun,
            @Option(names = "--yes", description = YES) boolean yes) throws IOException {
        return refuse();
    }

    @Command(name = "podman", description = "Make the wrapper podman's runtime: this user's, or everybody's as root.")
    int podman(@Option(names = "--undo", description = "Take it out again.") boolean undo,
            @Option(names = "--dry-run", description = DRY_RUN) boolean dryRun,
            @Option(names = "--yes", description = YES) boolean yes) throws IOException {
        return refuse();
    }

    private int refuse() throws IOException {
        context.printError("docker-pass: the engine does no setup: run "
                + Build.image().resolve("bin/docker-pass-portable") + " setup");
        return USAGE;
    }
}
