package dev.secretsengine.launcher.command;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;

/**
 * The commands as picocli sees them. They are made anew for each line, because picocli keeps in them what it parsed, and
 * no more of them than the line needs, because that takes longer than everything else that the engine does for it.
 */
final class CommandTree {

    private static final Command ROOT = annotation(Pass.class);

    /** Every command by every name. */
    private static final Map<String, Class<?>> COMMANDS = commands();

    private CommandTree() {
    }

    private static Command annotation(Class<?> type) {
        Command command = type.getAnnotation(Command.class);
        if (command == null) {
            throw new IllegalStateException(type + " is no command");
        }
        return command;
    }

    private static Map<String, Class<?>> commands() {
        Map<String, Class<?>> commands = new HashMap<>();
        for (Class<?> type : ROOT.subcommands()) {
            Command command = annotation(type);
            commands.put(command.name(), type);
            for (String alias : command.aliases()) {
                commands.put(alias, type);
            }
        }
        return Map.copyOf(commands);
    }

    /** Whether this word is a command, by whichever of its names. */
    static boolean has(String word) {
        return COMMANDS.containsKey(word);
    }

    /** All of the commands. */
    static CommandLine whole(@Nullable CommandContext context) {
        CommandLine line = new CommandLine(new Pass(), new CommandFactory(context));
        line.getSubcommands().values().forEach(CommandTree::leaveToRunItsCommand);
        return configured(line);
    }

    /**
     * A command by any of its names, alone: it takes what stands behind its name.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    static CommandLine single(String word, @Nullable CommandContext context) {
        Class<?> type = COMMANDS.get(word);
        if (type == null) {
            throw new IllegalArgumentException("there is no command " + word);
        }
        CommandLine line = new CommandLine(type, new CommandFactory(context));
        leaveToRunItsCommand(line);
        // As messages name it.
        line.setCommandName(ROOT.name() + " " + line.getCommandName());
        return configured(line);
    }

    private static void leaveToRunItsCommand(CommandLine command) {
        if (command.getCommandName().equals("run")) {
            command.setStopAtPositional(true);
        }
    }

    private static CommandLine configured(CommandLine line) {
        line.setColorScheme(CommandLine.Help.defaultColorScheme(Ansi.OFF));
        line.setUsageHelpWidth(110);
        // An argument that starts with @ is the user's text, and files are the client's to open.
        line.setExpandAtFiles(false);
        return line;
    }

    /** Makes the commands, with their context where they are to be run. */
    private record CommandFactory(@Nullable CommandContext context) implements CommandLine.IFactory {

        @Override
        public <K> K create(Class<K> type) throws Exception {
            try {
                return type.cast(type.getDeclaredConstructor(CommandContext.class).newInstance(context));
            } catch (NoSuchMethodException e) {
                return CommandLine.defaultFactory().create(type);
            }
        }
    }
}
