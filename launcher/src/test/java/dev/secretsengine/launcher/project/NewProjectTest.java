package dev.secretsengine.launcher.project;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NewProjectTest {

    @TempDir
    Path folder;

    private static final int LONGEST_PATH = 4095;

    private final List<String> errors = new ArrayList<>();

    private int make(String... words) {
        return new NewProject(Path.of("/image"), "1.1.0", line -> {
        }, errors::add).run(List.of(words));
    }

    private List<Path> sources(String name) throws IOException {
        Path target = folder.resolve("project-" + name);
        assertEquals(0, make(name, "--directory", target.toString()), errors::toString);
        try (Stream<Path> files = Files.walk(target.resolve("src/main"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    /** All in one run: a compiler takes its time to start. */
    @Test
    void whateverTheNameTheCodeCompiles() throws Exception {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin/javac").toString(),
                "-proc:none", "-d", folder.resolve("classes").toString(), "-cp", classes()));
        for (String name : List.of("secrets", "default", "int", "in-t", "native", "true", "null", "record",
                "java", "org", "object", "my-vault", "1password", "provider")) {
            sources(name).forEach(source -> command.add(source.toString()));
        }
        Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(compiler.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(compiler.waitFor(60, TimeUnit.SECONDS));
        assertEquals(0, compiler.exitValue(), output);
    }

    /** What the code is compiled against: wherever the tests have the two from. */
    private static String classes() throws Exception {
        List<String> places = new ArrayList<>();
        for (String type : List.of("dev.secretsengine.api.SecretsProvider", "org.osgi.framework.BundleActivator")) {
            places.add(Path.of(Class.forName(type).getProtectionDomain().getCodeSource().getLocation().toURI())
                    .toString());
        }
        return String.join(":", places);
    }

    @Test
    void anOrdinaryNameIsTakenAsItIs() throws Exception {
        assertEquals(List.of(folder.resolve("project-my-vault/src/main/java/org/example/myvault/MyVaultProvider.java")),
                sources("my-vault"));
    }

    @Test
    void refusesOddNamesAndWords() {
        for (String name : List.of("", "Vault", "a_b", "a.b", "../x", "-", "ls", "docker-pass", "\u00e4",
                "a".repeat(101))) {
            assertEquals(2, make(name), name);
        }
        assertEquals(2, make());
        assertEquals(2, make("vault", "more"));
        assertEquals(2, make("vault", "--nope"));
        assertEquals(2, make("vault", "--directory"));
        assertEquals(2, make("vault", "--directory", ""));
        assertEquals(2, make("vault", "--directory="));
        String see = ": see docker pass plugins new --help";
        assertEquals("a name is missing" + see, errors.get(0));
        assertEquals("--directory has no value" + see, errors.getLast());
        assertTrue(errors.get(1).startsWith("a plugin's name has up to 100 of a-z, 0-9 and -"), errors.get(1));
    }

    @Test
    void leavesNothingOfAProjectThatItCannotWrite() throws Exception {
        // So deep that the build file still has room in a path, and the sources have not.
        Path deep = folder;
        while (deep.toString().length() < LONGEST_PATH - 30) {
            int left = LONGEST_PATH - 30 - deep.toString().length();
            deep = deep.resolve("d".repeat(Math.max(1, Math.min(left - 1, 200))));
        }
        Files.createDirectories(deep.resolve("empty"));
        for (String target : List.of("new", "empty")) {
            assertEquals(1, make("vault", "--directory", deep.resolve(target).toString()));
            assertTrue(errors.getLast().startsWith("cannot write " + deep.resolve(target)), errors.getLast());
        }
        try (Stream<Path> left = Files.walk(deep)) {
            assertEquals(List.of(deep, deep.resolve("empty")), left.toList());
        }
    }

    @Test
    void saysWhyItCannotWrite() throws Exception {
        Path full = Files.createDirectory(folder.resolve("full"));
        Path file = Files.writeString(full.resolve("file"), "mine");
        Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("nothing"));
        String end = ", name another with --directory";
        assertEquals(1, make("vault", "--directory", full.toString()));
        assertEquals(1, make("vault", "--directory", file.toString()));
        assertEquals(1, make("vault", "--directory", link.toString()));
        String middle = " and nothing that was there is replaced: ";
        assertEquals(List.of("cannot write " + full + middle + "it is not empty" + end,
                "cannot write " + file + middle + "it is no folder" + end,
                "cannot write " + link + middle + "it is a link to nothing" + end), errors);
        assertEquals("mine", Files.readString(file));
    }
}
