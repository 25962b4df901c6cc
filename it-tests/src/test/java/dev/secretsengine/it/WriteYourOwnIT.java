package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The tutorial for a plugin of one's own, word for word, where nothing but the installation is there. */
class WriteYourOwnIT {

    private static final Path TUTORIAL = Path.of("../docs/providers/write-your-own.md");

    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        Tools.require("mvn");
        home = Home.withAge();
        Path repository = Files.createDirectories(home.folder().resolve("repository"));
        Path real = Path.of(System.getProperty("user.home"), ".m2/repository");
        if (Files.isDirectory(real)) {
            try (DirectoryStream<Path> groups = Files.newDirectoryStream(real)) {
                for (Path group : groups) {
                    // Everything but the api, which has to come from the installation.
                    if (!group.endsWith("dev")) {
                        Files.createSymbolicLink(repository.resolve(group.getFileName()), group);
                    }
                }
            }
        }
        home.set("MAVEN_OPTS", "-Dmaven.repo.local=" + repository);
    }

    @AfterEach
    void close() throws IOException {
        home.close();
    }

    @Test
    void tutorialWorksAsTyped() throws Exception {
        home.pass("engine", "start").ok();
        List<String> commands = Files.readAllLines(TUTORIAL).stream().filter(line -> line.startsWith("$ "))
                .map(line -> line.substring(2)).toList();
        String script = commands.stream().map(line -> "echo '[" + line.replace("'", "'\\''") + "]'\n" + line + "\n")
                .collect(Collectors.joining());
        Outcome outcome = home.sh("set -e\n" + script);
        assertEquals(0, outcome.code(), outcome::toString);
        String shown = outcome.out();
        for (String expected : List.of("BUILD SUCCESS", "[docker pass get --reveal se://vault/db/password]\ns3cr3t",
                "Plugin vault is set up and running", "[docker pass get --reveal se://vault/token]\nanother",
                "--folder=VALUE", "Plugin vault is purged", "Status: running", "Bundle: org.example.vault")) {
            assertTrue(shown.contains(expected), () -> expected + " in " + shown);
        }
        assertTrue(shown.contains("Tests run: 13, Failures: 0, Errors: 0, Skipped: 0"), shown);
    }

    @Test
    void projectReplacesNothingAndHasAProperName() throws Exception {
        home.pass("plugins", "new", "my-vault", "--directory", "deep/er").ok();
        assertTrue(
                Files.exists(home.folder().resolve("deep/er/src/main/java/org/example/myvault/MyVaultProvider.java")));
        assertTrue(home.pass("plugins", "new", "my-vault", "--directory=deep/er").failed(1)
                .contains("nothing that was there is replaced"));
        for (String name : List.of("My", "setup", "a_b", "--oops", "")) {
            home.pass("plugins", "new", name).failed(2);
        }
    }
}
