package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.signature.JarSignatures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drop folders, a real framework and a real engine. */
@Timeout(30)
class DropFoldersTest {

    private static final String NAME = "org.example.sample";
    private static final long PATIENCE_SECONDS = 10;

    @TempDir
    Path home;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Path folder;
    private Path later;
    private FelixHost host;
    private Engine engine;
    private DropFolders folders;

    @BeforeEach
    void start() throws Exception {
        EnginePaths paths = EnginePaths.of(Map.of("SECRETS_ENGINE_HOME", home.toString()));
        folder = privateFolder("drop");
        later = home.resolve("later");
        host = new FelixHost(paths);
        engine = new Engine(host, paths, threads);
        host.open(engine);
        folders = new DropFolders(host, FolderTrust.ofThisProcess(),
                new JarSignatures(engine.config(), FolderTrust.ofThisProcess(), home), List.of(folder, later));
        host.problemsFrom(folders::problems);
    }

    @AfterEach
    void stop() throws IOException {
        folders.close();
        engine.close();
        host.close();
        threads.shutdownNow();
    }

    private Path privateFolder(String name) throws IOException {
        return Files.createDirectory(home.resolve(name),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private void open() {
        folders.open();
        engine.open();
        threads.execute(folders::follow);
    }

    /** Name, version, status and message of every plugin but the store. */
    private String rows() throws SecretsException {
        engine.plugins().awaitSettled(plugin -> true, RequestContext.of(Duration.ofSeconds(PATIENCE_SECONDS)));
        return engine.plugins().rows().stream()
                .map(row -> row.name() + " " + row.version() + " " + row.status().text() + " " + row.message())
                .collect(Collectors.joining("\n")).strip();
    }

    private void awaitRows(String expected) throws SecretsException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!rows().equals(expected) && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        assertEquals(expected, rows());
    }

    @Test
    void startsWhatLiesThereAndFollowsWhatComesAndGoes() throws Exception {
        Path jar = folder.resolve("sample.jar");
        SampleBundle.drop(jar, NAME, "1.0.0", "");
        open();
        assertEquals("sample 1.0.0 running", rows());
        SampleBundle.drop(jar, NAME, "1.1.0", "");
        awaitRows("sample 1.1.0 running");
        Files.delete(jar);
        awaitRows("");
        SampleBundle.drop(jar, NAME, "1.2.0", "");
        awaitRows("sample 1.2.0 running");
        assertEquals(List.of(), engine.problems());
    }

    @Test
    void letsTheHighestVersionOfABundleServe() throws Exception {
        open();
        Path higher = folder.resolve("b.jar");
        SampleBundle.drop(folder.resolve("a.jar"), NAME, "1.9.0", "");
        SampleBundle.drop(higher, NAME, "1.10.0", "");
        awaitRows("sample 1.10.0 running");
        Files.delete(higher);
        awaitRows("sample 1.9.0 running");
    }

    @Test
    void saysInALineWhyAJarCannotBeUsed() throws Exception {
        Files.writeString(folder.resolve("broken.jar"), "this is no jar");
        SampleBundle.drop(folder.resolve("own.jar"), "dev.secretsengine.core", "9.0.0", "");
        SampleBundle.drop(folder.resolve("lacking.jar"), NAME, "1.0.0", ",org.example.missing");
        Files.writeString(folder.resolve("readme.txt"), "not a jar by its name");
        open();
        assertEquals("""
                broken.jar  crashed it cannot be read as a jar with a bundle's manifest: build it anew, or remove it
                own.jar  crashed the bundle dev.secretsengine.core belongs to the engine itself
                sample 1.0.0 crashed it imports the package org.example.missing, which nobody exports in that version
                """.strip(), rows());
        SampleBundle.drop(folder.resolve("lacking.jar"), NAME, "1.0.1", "");
        Files.delete(folder.resolve("broken.jar"));
        Files.delete(folder.resolve("own.jar"));
        awaitRows("sample 1.0.1 running");
    }

    @Test
    void loadsNothingThatOthersCanWriteTo() throws Exception {
        Path jar = folder.resolve("sample.jar");
        SampleBundle.drop(jar, NAME, "1.0.0", "");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.createDirectory(later);
        SampleBundle.drop(later.resolve("other.jar"), NAME, "2.0.0", "");
        Files.setPosixFilePermissions(later, PosixFilePermissions.fromString("rwxrwxrwx"));
        open();
        String rows = rows();
        assertTrue(rows.startsWith("sample.jar  crashed ") && rows.contains("can be written by others: run chmod go-w"),
                rows);
        assertEquals(1, rows.lines().count(), rows);
        assertEquals(1, engine.problems().size());
        assertTrue(engine.problems().get(0).startsWith("nothing is loaded from " + later + ": "),
                engine.problems().get(0));
    }

    @Test
    void takesAJarAsSoonAsItsModeIsMended() throws Exception {
        Path jar = folder.resolve("sample.jar");
        SampleBundle.drop(jar, NAME, "1.0.0", "");
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-rw-rw-"));
        open();
        assertTrue(rows().startsWith("sample.jar  crashed "), rows());
        Files.setPosixFilePermissions(jar, PosixFilePermissions.fromString("rw-r--r--"));
        awaitRows("sample 1.0.0 running");
    }

    private void configure(String text) throws IOException {
        Files.createDirectories(engine.config().file().getParent());
        Files.writeString(engine.config().file(), text);
    }

    @Test
    void takesJarsAsSoonAsTheConfigurationIsMended() throws Exception {
        SampleBundle.drop(folder.resolve("sample.jar"), NAME, "1.0.0", "");
        configure("x = [");
        open();
        assertTrue(rows().contains("not valid TOML"), rows());
        Files.delete(engine.config().file());
        awaitRows("sample 1.0.0 running");
    }

    @Test
    void judgesAllJarsAnewWhenSignaturesAreRequiredFromNowOn() throws Exception {
        SampleBundle.drop(folder.resolve("sample.jar"), NAME, "1.0.0", "");
        open();
        assertEquals("sample 1.0.0 running", rows());
        configure("[plugins]\nrequire-signature = true\n");
        awaitRows("sample.jar  crashed it is not signed, and plugins.require-signature is true");
        Files.delete(engine.config().file());
        awaitRows("sample 1.0.0 running");
    }

    @Test
    void keepsWhatRunsAndTakesInNothingNewWhileTheConfigurationCannotBeRead() throws Exception {
        SampleBundle.drop(folder.resolve("sample.jar"), NAME, "1.0.0", "");
        open();
        configure("x = [");
        SampleBundle.drop(folder.resolve("a.jar"), "org.example.other", "2.0.0", "");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!rows().contains("not valid TOML") && System.nanoTime() < end) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
        String rows = rows();
        assertTrue(rows.startsWith("a.jar  crashed ") && rows.contains("not valid TOML"), rows);
        assertTrue(rows.endsWith("\nsample 1.0.0 running"), rows);
    }

    @Test
    void findsAFolderThatIsMadeLater() throws Exception {
        open();
        assertEquals(List.of(), engine.problems());
        privateFolder("later");
        SampleBundle.drop(later.resolve("sample.jar"), NAME, "1.0.0", "");
        awaitRows("sample 1.0.0 running");
    }
}
