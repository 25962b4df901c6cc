package dev.secretsengine.launcher.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class HelpFilesTest {

    @TempDir
    Path folder;

    private final Map<String, String> files = new TreeMap<>();

    @BeforeEach
    void write() throws IOException {
        HelpFiles.write(folder.resolve("lib/help"));
        try (Stream<Path> written = Files.list(folder.resolve("lib/help"))) {
            for (Path file : written.toList()) {
                files.put(file.getFileName().toString(), Files.readString(file));
            }
        }
    }

    @Test
    void writesAFileForEveryCommandAndAlias() {
        for (String name : new String[]{"pass", "pass-set", "pass-store", "pass-save", "pass-get", "pass-ls",
                "pass-list", "pass-rm", "pass-delete", "pass-erase", "pass-remove", "pass-run", "pass-migrate",
                "pass-plugins",
                "pass-plugin", "pass-plugins-ls", "pass-plugins-enable", "pass-plugins-disable", "pass-unlock",
                "pass-identity", "pass-identity-show", "pass-identity-backup", "pass-identity-passphrase",
                "pass-engine", "pass-engine-start", "pass-engine-stop", "pass-engine-restart", "pass-engine-status",
                "pass-engine-logs", "pass-setup", "pass-setup-docker", "pass-setup-podman"}) {
            assertTrue(files.containsKey(name + ".txt"), name);
        }
    }

    @Test
    void namesEveryOptionInItsHelp() {
        TreeSet<String> expected = new TreeSet<>();
        check("pass", CommandTree.whole(null), expected);
        assertEquals(expected, files.keySet());
    }

    private void check(String name, CommandLine command, TreeSet<String> expected) {
        expected.add(name + ".txt");
        String help = files.getOrDefault(name + ".txt", "");
        assertTrue(help.startsWith("Usage: docker pass"), name + ": " + help);
        command.getCommandSpec().options().stream().filter(option -> !option.hidden()).forEach(option -> {
            for (String optionName : option.names()) {
                String named = option.negatable() ? optionName.replaceFirst("^--", "--[no-]") : optionName;
                assertTrue(help.contains(named), name + " does not name " + named);
            }
        });
        command.getSubcommands().forEach((sub, line) -> check(name + "-" + sub, line, expected));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            pass.txt             | set get ls rm run migrate plugins unlock identity engine setup
            pass-plugins.txt     | ls enable disable
            pass-identity.txt    | show backup passphrase
            pass-engine.txt      | start stop restart status logs
            pass-setup.txt       | docker podman
            """)
    void namesTheCommandsOfAGroup(String file, String commands) {
        for (String command : commands.split(" ")) {
            assertTrue(files.getOrDefault(file, "").contains("\n  " + command), command);
        }
    }

    @Test
    void runSaysThatTheShellExpandsVariablesFirst() {
        String help = files.getOrDefault("pass-run.txt", "");
        assertTrue(help.contains("Your shell expands $VAR before docker pass runs"), help);
        assertTrue(help.contains("-- sh -c 'echo $GH_TOKEN'\n"), help);
    }

    @Test
    void fitsOnATerminalAndHasNoColour() {
        files.forEach((name, help) -> {
            assertTrue(help.lines().allMatch(line -> line.length() <= 110), name);
            assertTrue(help.indexOf('\033') < 0, name);
        });
    }
}
