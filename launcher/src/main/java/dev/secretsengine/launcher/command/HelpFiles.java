package dev.secretsengine.launcher.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine;

/** Writes the help of every command into files while the installation is built: clients print them by themselves. */
public final class HelpFiles {

    private HelpFiles() {
    }

    /** Writes {@code pass.txt}, {@code pass-get.txt}, {@code pass-plugins-ls.txt} and so on. */
    public static void write(Path folder) throws IOException {
        Files.createDirectories(folder);
        write(folder, "pass", CommandTree.whole(null));
    }

    private static void write(Path folder, String name, CommandLine command) throws IOException {
        Files.writeString(folder.resolve(name + ".txt"), command.getUsageMessage());
        // By every name, aliases too.
        for (var sub : command.getSubcommands().entrySet()) {
            write(folder, name + "-" + sub.getKey(), sub.getValue());
        }
    }
}
