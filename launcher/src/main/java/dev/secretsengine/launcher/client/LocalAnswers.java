package dev.secretsengine.launcher.client;

import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Invocation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What needs no engine: help, which the build wrote into files, and the version. */
final class LocalAnswers {

    private LocalAnswers() {
    }

    static boolean print(Invocation invocation) throws IOException {
        List<String> arguments = invocation.arguments();
        if (invocation.is("--version") || invocation.is("-v") || invocation.is("version")) {
            Build build = Build.ofThisImage();
            Terminal.out(("Version: v" + build.version() + "\nCommit: " + build.commit() + "\n")
                    .getBytes(StandardCharsets.UTF_8));
            return true;
        }
        List<String> command = new ArrayList<>();
        for (String argument : arguments) {
            if (argument.equals("--help") || argument.equals("-h")) {
                return !isSetupOfAPlugin(command) && printHelp(command);
            }
            if (argument.equals("--") || (argument.startsWith("-") && command.isEmpty())) {
                return false;
            }
            if (!argument.startsWith("-")) {
                if (invocation.is("run") && !command.isEmpty()) {
                    // What follows is CMD's.
                    return false;
                }
                command.add(argument);
            }
        }
        return arguments.isEmpty() && printHelp(command);
    }

    /** Its help is the plugin's to give. */
    private static boolean isSetupOfAPlugin(List<String> command) {
        return command.size() >= 3 && (command.get(0).equals("plugins") || command.get(0).equals("plugin"))
                && (command.get(1).equals("setup") || command.get(2).equals("setup"));
    }

    private static boolean printHelp(List<String> command) throws IOException {
        Path folder = Build.image().resolve("lib/help");
        for (int words = command.size(); words >= Math.min(1, command.size()); words--) {
            String name = words == 0 ? "pass" : "pass-" + String.join("-", command.subList(0, words));
            Path file = folder.resolve(name + ".txt");
            if (!name.contains("/") && Files.exists(file)) {
                Terminal.out(Files.readAllBytes(file));
                return true;
            }
        }
        return false;
    }
}
