package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.age.AgeActivator;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Jars that come, change and go in the drop folders of a running engine. */
class DropFolderIT {

    /** What a busy machine may need for a jar that comes, changes or goes; bench/plugins.py measures it. */
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    private static Path place;
    private static Installation copy;

    private Home home;
    private Path folder;

    @BeforeAll
    static void copyInstallation() throws Exception {
        place = Files.createTempDirectory("se-image");
        copy = Installation.built().copyTo(place.resolve("image"));
    }

    @AfterAll
    static void removeInstallation() throws IOException {
        Home.remove(place);
    }

    @BeforeEach
    void startEngine() throws Exception {
        home = new Home(copy);
        home.chooseStore("age");
        home.pass("set", "own=1").ok();
        folder = home.data().resolve("runtime");
    }

    @AfterEach
    void stopEngine() throws IOException {
        home.close();
    }

    /** One field of a plugin's line, empty if there is no such plugin. */
    private String row(String plugin, String field) throws IOException {
        String rows = home.direct().pass("plugins", "ls", "--format", "{{.Name}}\t{{." + field + "}}").out();
        return rows.lines().filter(line -> line.startsWith(plugin + "\t"))
                .map(line -> line.substring(plugin.length() + 1)).findFirst().orElse("");
    }

    private String value(String id) throws IOException {
        return home.direct().pass("get", "--reveal", "se://" + id).out();
    }

    /** Something that a test waits for. */
    @FunctionalInterface
    private interface Question {

        String answer() throws IOException;
    }

    private static void soon(String expected, Question question) throws Exception {
        long begin = System.nanoTime();
        String answer = question.answer();
        while (!Pattern.matches(expected, answer) && System.nanoTime() - begin < PATIENCE_NANOS) {
            Thread.sleep(10);
            answer = question.answer();
        }
        String last = answer;
        assertTrue(Pattern.matches(expected, last), () -> "expected " + expected + " within 2 s, got \"" + last + '"');
    }

    private void stillServes() throws IOException {
        assertEquals("1", home.pass("get", "--reveal", "own").ok());
    }

    @Test
    void jarOfTheUserComesChangesAndGoes() throws Exception {
        Path jar = folder.resolve("vault.jar");
        new BundleJar("vault", "1.0.0").writeTo(jar);
        soon("1\\.0\\.0", () -> value("vault/key"));
        assertEquals("running", row("vault", "Status"));
        assertEquals("test.vault", row("vault", "Bundle"));
        assertEquals("1.0.0", home.sh("X=se://vault/key docker pass run -- printenv X").ok().strip());

        new BundleJar("vault", "2.0.0").writeTo(jar);
        soon("2\\.0\\.0", () -> value("vault/key"));
        assertEquals("2.0.0", row("vault", "Version"));

        Files.delete(jar);
        soon("", () -> row("vault", "Status"));
        home.pass("get", "se://vault/key").failed(3);
        stillServes();
    }

    @Test
    void jarOfTheInstallationComesIsReplacedByAMoveAndGoes() throws Exception {
        Path jar = copy.dropFolder().resolve("wallet.jar");
        new BundleJar("wallet", "1.0.0").writeTo(jar);
        try {
            soon("1\\.0\\.0", () -> value("wallet/key"));
            Path next = home.folder().resolve("wallet.jar");
            new BundleJar("wallet", "1.0.1").writeTo(next);
            Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            soon("1\\.0\\.1", () -> value("wallet/key"));
        } finally {
            Files.delete(jar);
        }
        soon("", () -> row("wallet", "Status"));
    }

    @Test
    void jarThatWasThereBeforeTheEngineIsLoaded() throws Exception {
        home.pass("engine", "stop").ok();
        new BundleJar("early", "1.0.0").writeTo(folder.resolve("early.jar"));
        assertEquals("1.0.0", home.pass("get", "--reveal", "se://early/key").ok());
    }

    @Test
    void brokenJarsAreRowsWithTheirReasonAndHarmNobody() throws Exception {
        Files.writeString(folder.resolve("text.jar"), "this is no jar");
        new BundleJar("plain", "1.0.0").plain().writeTo(folder.resolve("plain.jar"));
        new BundleJar("importing", "1.0.0").header("Import-Package",
                "no.such.code,dev.secretsengine.api;version=\"[1,2)\",org.osgi.framework")
                .writeTo(folder.resolve("importing.jar"));
        new BundleJar("outdated", "1.0.0").header("Import-Package",
                "dev.secretsengine.api;version=\"[9,10)\",org.osgi.framework")
                .writeTo(folder.resolve("outdated.jar"));
        new BundleJar("throwing", "1.0.0").onStart("if (true) throw new IllegalStateException(\"no luck\");")
                .writeTo(folder.resolve("throwing.jar"));
        new BundleJar("linking", "1.0.0").onStart("if (true) throw new NoClassDefFoundError(\"gone\");")
                .writeTo(folder.resolve("linking.jar"));
        new BundleJar("silent", "1.0.0").onStart("if (true) return;").writeTo(folder.resolve("silent.jar"));
        new BundleJar("good", "1.0.0").writeTo(folder.resolve("good.jar"));

        soon("1\\.0\\.0", () -> value("good/key"));
        for (String name : List.of("text.jar", "plain.jar", "importing", "outdated", "throwing", "linking",
                "silent")) {
            soon(name + " crashed", () -> name + " " + row(name, "Status"));
        }
        assertTrue(row("text.jar", "Message").contains("jar"), row("text.jar", "Message"));
        assertTrue(row("plain.jar", "Message").contains("Bundle-SymbolicName"), row("plain.jar", "Message"));
        assertTrue(row("importing", "Message").contains("no.such.code"), row("importing", "Message"));
        assertTrue(row("outdated", "Message").contains("dev.secretsengine.api"), row("outdated", "Message"));
        assertTrue(row("throwing", "Message").contains("no luck"), row("throwing", "Message"));
        assertTrue(row("linking", "Message").contains("NoClassDefFoundError"), row("linking", "Message"));
        assertFalse(row("silent", "Message").isEmpty());
        assertEquals("running", row("docker-auth", "Status"));
        stillServes();

        // Mended, it is served at once.
        new BundleJar("throwing", "1.0.1").writeTo(folder.resolve("throwing.jar"));
        soon("1\\.0\\.1", () -> value("throwing/key"));
    }

    @Test
    void capabilitiesThatMakeNoSenseAreRowsWithTheirReason() throws Exception {
        capability("reserved", "name=\"enable\";version=\"1\";pattern=\"x/**\"");
        capability("patternless", "name=\"patternless\";version=\"1\"");
        capability("wild", "name=\"wild\";version=\"1\";pattern=\"wi*ld\"");
        for (String name : List.of("reserved", "patternless", "wild")) {
            soon("crashed", () -> row("test." + name, "Status"));
        }
        assertTrue(row("test.reserved", "Message").contains("\"enable\""), row("test.reserved", "Message"));
        assertTrue(row("test.patternless", "Message").contains("\"pattern\""), row("test.patternless", "Message"));
        assertTrue(row("test.wild", "Message").contains("wi*ld"), row("test.wild", "Message"));
        stillServes();
    }

    private void capability(String name, String attributes) throws IOException {
        new BundleJar(name, "1.0.0").header("Provide-Capability", "dev.secretsengine.plugin;" + attributes)
                .writeTo(folder.resolve(name + ".jar"));
    }

    @Test
    void higherVersionOfABuiltInBundleTakesItsPlaceWhileItIsThere() throws Exception {
        assertEquals("dev.secretsengine.age", row("docker-pass", "Bundle"));
        String builtIn = row("docker-pass", "Version");
        Path jar = folder.resolve("age.jar");
        BundleJar.copyAs("99.0.0", BundleJar.origin(AgeActivator.class), jar);
        soon("99\\.0\\.0", () -> row("docker-pass", "Version"));
        assertEquals("dev.secretsengine.age", row("docker-pass", "Bundle"));
        assertEquals("running", row("docker-pass", "Status"));
        stillServes();
        home.pass("set", "by/the/new=2").ok();

        Files.delete(jar);
        soon(Pattern.quote(builtIn), () -> row("docker-pass", "Version"));
        assertEquals("2", home.pass("get", "--reveal", "by/the/new").ok());

        BundleJar.copyAs("0.0.1", BundleJar.origin(AgeActivator.class), jar);
        new BundleJar("marker", "1.0.0").writeTo(folder.resolve("marker.jar"));
        soon("running", () -> row("marker", "Status"));
        assertEquals(builtIn, row("docker-pass", "Version"));
    }

    @Test
    void disabledPluginStaysOffAndItsBundleIsNotStarted() throws Exception {
        new BundleJar("vault", "1.0.0").writeTo(folder.resolve("vault.jar"));
        soon("running", () -> row("vault", "Status"));
        Path started = home.state().resolve("vault.started");
        assertEquals("x", Files.readString(started));

        assertEquals("Plugin vault is disabled\n", home.pass("plugins", "disable", "vault").ok());
        assertEquals("disabled", row("vault", "Status"));
        home.pass("get", "se://vault/key").failed(3);
        home.pass("engine", "restart").ok();
        assertEquals("disabled", row("vault", "Status"));
        new BundleJar("vault", "2.0.0").writeTo(folder.resolve("vault.jar"));
        soon("2\\.0\\.0", () -> row("vault", "Version"));
        assertEquals("disabled", row("vault", "Status"));
        assertEquals("x", Files.readString(started), "its activator ran although it was disabled");

        assertEquals("Plugin vault is enabled\n", home.pass("plugins", "enable", "vault").ok());
        assertEquals("2.0.0", home.pass("get", "--reveal", "se://vault/key").ok());
    }

    @Test
    void nothingIsLoadedFromAFolderThatOthersCouldWriteToWhenTheEngineStarts() throws Exception {
        home.pass("engine", "stop").ok();
        new BundleJar("evil", "1.0.0").writeTo(folder.resolve("evil.jar"));
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        refuses(folder, "evil");
        assertFalse(Files.exists(home.state().resolve("evil.started")));
    }

    @Test
    void nothingIsLoadedFromTheInstallationIfOthersCanWriteToIt() throws Exception {
        for (Path loose : List.of(copy.dropFolder(), copy.folder())) {
            home.pass("engine", "stop").ok();
            var before = Files.getPosixFilePermissions(loose);
            Files.setPosixFilePermissions(loose, PosixFilePermissions.fromString("rwxr-xrwx"));
            try {
                refuses(loose, "docker-auth");
                stillServes();
            } finally {
                Files.setPosixFilePermissions(loose, before);
            }
        }
        home.pass("engine", "restart").ok();
        assertEquals("running", row("docker-auth", "Status"));
    }

    private void refuses(Path loose, String plugin) throws IOException {
        Outcome listing = home.pass("plugins", "ls");
        assertEquals(0, listing.code());
        assertFalse(listing.out().contains(plugin), listing.out());
        assertTrue(listing.err().contains("nothing is loaded from "), listing.err());
        assertTrue(listing.err().contains("chmod go-w " + loose), listing.err());
    }

    @Test
    void nothingIsLoadedFromAFolderThatOthersCanWriteToMeanwhile() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xrwx"));
        new BundleJar("evil", "1.0.0").writeTo(folder.resolve("evil.jar"));
        Path marker = copy.dropFolder().resolve("marker.jar");
        try {
            new BundleJar("marker", "1.0.0").writeTo(marker);
            soon("running", () -> row("marker", "Status"));
            refuses(folder, "evil");
            assertFalse(Files.exists(home.state().resolve("evil.started")));
        } finally {
            Files.delete(marker);
        }
    }

    @Test
    void jarThatOthersCanWriteToIsNotLoadedUntilItsModeIsMended() throws Exception {
        Path jar = folder.resolve("evil.jar");
        new BundleJar("evil", "1.0.0").writeTo(home.folder().resolve("evil.jar"));
        Files.setPosixFilePermissions(home.folder().resolve("evil.jar"), PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.move(home.folder().resolve("evil.jar"), jar);
        soon("crashed", () -> row("evil.jar", "Status"));
        assertTrue(row("evil.jar", "Message").contains("chmod go-w " + jar), row("evil.jar", "Message"));
        assertFalse(Files.exists(home.state().resolve("evil.started")));

        // What the row says to do helps at once.
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        soon("running", () -> row("evil", "Status"));
    }
}
