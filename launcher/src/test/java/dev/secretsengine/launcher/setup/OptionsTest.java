package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.launcher.command.HelpFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OptionsTest {

    private static Options parse(String line) throws SetupException {
        return Options.parse(line.isEmpty() ? List.of() : List.of(line.split(" ")));
    }

    @Test
    void readsOptionsInAnyOrderAndEitherForm() throws SetupException {
        Options options = parse("docker --yes --config /a=b --runtime=/usr/bin/crun --default");
        assertEquals("docker", options.engine());
        assertTrue(options.has(Options.YES) && options.has(Options.DEFAULT));
        assertEquals(Optional.of("/a=b"), options.value(Options.CONFIG));
        assertEquals(Optional.of("/usr/bin/crun"), options.value(Options.RUNTIME));
        assertEquals(Optional.empty(), parse("docker").value(Options.CONFIG));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                              | a command is missing: see docker pass setup --help
            --yes                           | there is no option --yes: see docker pass setup --help
            vagrant                         | there is a word too many, or no such command: see docker pass setup --help
            docker x                        | there is a word too many, or no such command: see docker pass setup docker --help
            docker --force=1                | there is no option --force: see docker pass setup docker --help
            docker --yes=1                  | there is no option --yes: see docker pass setup docker --help
            podman --config /x              | there is no option --config: see docker pass setup podman --help
            docker --config                 | Missing required parameter for option '--config': see docker pass setup docker --help
            docker --config=                | Missing required parameter for option '--config': see docker pass setup docker --help
            docker --runtime runc           | --runtime takes a path that starts with /: see docker pass setup docker --help
            docker --undo --default         | --undo goes with --config, --yes and --dry-run only: see docker pass setup docker --help
            docker --undo --fill            | --undo goes with --config, --yes and --dry-run only: see docker pass setup docker --help
            docker --fill --no-fill         | --fill and --no-fill exclude each other: see docker pass setup docker --help
            docker --undo --runtime /x      | --undo goes with --config, --yes and --dry-run only: see docker pass setup docker --help
            """)
    void refusesWhatMakesNoSense(String line, String message) {
        SetupException refusal = assertThrows(SetupException.class, () -> parse(line));
        assertEquals(message, refusal.getMessage());
        assertEquals(2, refusal.code());
    }

    /** Help and completion come from the commands; this reads the same words. */
    @ParameterizedTest
    @ValueSource(strings = {"docker", "podman"})
    void takesTheOptionsThatItsHelpNames(String engine, @TempDir Path folder) throws IOException {
        HelpFiles.write(folder);
        String help = Files.readString(folder.resolve("pass-setup-" + engine + ".txt"));
        Set<String> named = Pattern.compile("(?m)^ +(--[a-z-]+)")
                .matcher(help.replaceAll("(?m)^( +)--\\[no-]([a-z]+)", "$1--$2\n$1--no-$2")).results()
                .map(match -> match.group(1))
                .collect(Collectors.toSet());
        TreeSet<String> taken = new TreeSet<>(Options.FLAGS.get(engine));
        taken.addAll(Options.VALUES.get(engine));
        assertEquals(taken, new TreeSet<>(named));
    }
}
