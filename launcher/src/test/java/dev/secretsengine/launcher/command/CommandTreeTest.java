package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandTreeTest {

    /** Every option and parameter of a command and of those below it, and the name that messages have for it. */
    private static String shape(CommandSpec spec) {
        StringBuilder shape = new StringBuilder(spec.qualifiedName());
        spec.options().forEach(option -> shape.append(' ').append(String.join(",", option.names())).append(' ')
                .append(option.arity()));
        spec.positionalParameters().forEach(parameter -> shape.append(' ').append(parameter.paramLabel()).append(' ')
                .append(parameter.arity()));
        shape.append(spec.parser().stopAtPositional()).append('\n');
        new TreeMap<>(spec.subcommands()).values().forEach(sub -> shape.append(shape(sub.getCommandSpec())));
        return shape.toString();
    }

    @Test
    void makesEachCommandAloneAsItIsAmongTheOthers() {
        CommandLine whole = CommandTree.whole(null);
        assertTrue(whole.getSubcommands().size() > 10, "aliases included");
        whole.getSubcommands().forEach((word, command) -> {
            assertTrue(CommandTree.has(word), word);
            assertEquals(shape(command.getCommandSpec()), shape(CommandTree.single(word, null).getCommandSpec()), word);
        });
    }

    @Test
    void knowsNoOtherWords() {
        for (String word : new String[]{"", "pass", "frobnicate", "--all", "GET"}) {
            assertFalse(CommandTree.has(word), word);
            assertThrows(IllegalArgumentException.class, () -> CommandTree.single(word, null));
        }
    }

    @Test
    void leavesToRunWhatIsItsCommands() {
        for (CommandLine.ParseResult parsed : List.of(
                CommandTree.single("run", null).parseArgs("env", "--env-file", "@x"),
                CommandTree.whole(null).parseArgs("run", "env", "--env-file", "@x").subcommand())) {
            assertFalse(parsed.hasMatchedOption("--env-file"));
            assertEquals(List.of("env", "--env-file", "@x"), parsed.matchedPositional(0).stringValues());
        }
    }
}
