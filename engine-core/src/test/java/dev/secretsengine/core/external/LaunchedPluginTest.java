package dev.secretsengine.core.external;

import static dev.secretsengine.core.testing.Samples.within;
import static java.nio.file.attribute.PosixFilePermissions.fromString;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.testing.SdkEngine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executables that never register, in every way; those that do are tried with the whole engine. */
@Timeout(30)
class LaunchedPluginTest {

    @TempDir
    Path folder;

    private SdkEngine engine;
    private Path plugins;

    @BeforeEach
    void make() throws IOException {
        plugins = Files.createDirectories(SdkEngine.plugins(folder));
    }

    @AfterEach
    void stop() throws IOException {
        engine.close();
    }

    private void launch(String name, String script) throws IOException {
        Path file = Files.writeString(plugins.resolve(name), script);
        Files.setPosixFilePermissions(file, fromString("rwx------"));
        engine = new SdkEngine(folder);
    }

    private PluginRow await(String name, PluginStatus status) throws Exception {
        PluginRow row = engine.row(name).orElseThrow();
        while (row.status() != status) {
            Thread.sleep(5);
            row = engine.row(name).orElseThrow();
        }
        return row;
    }

    private String awaitLine(String name) throws Exception {
        Path file = folder.resolve(name);
        while (!Files.exists(file) || !Files.readString(file).endsWith("\n")) {
            Thread.sleep(5);
        }
        return Files.readString(file).lines().findFirst().orElseThrow();
    }

    @Test
    void startsAPluginThatCrashesAgain() throws Exception {
        launch("crash", "#!/bin/sh\necho started >> " + folder + "/starts\nexit 3\n");
        assertEquals(new PluginRow("crash", "0.0.0", "", true, true, "", PluginStatus.CRASHED, "it ended"),
                await("crash", PluginStatus.CRASHED));
        while (Files.readAllLines(folder.resolve("starts")).size() < 2) {
            Thread.sleep(5);
        }
    }

    @Test
    void showsItsLastWords() throws Exception {
        launch("crash",
                "#!/bin/sh\necho first >&2\nsleep 0.2\nprintf 'no \\033[1mtoken\\n\\n' >&2\nsleep 0.2\nexit 1\n");
        assertEquals("no ?[1mtoken", await("crash", PluginStatus.CRASHED).message());
    }

    @Test
    void saysWhatCannotBeExecuted() throws Exception {
        launch("odd", "#!/nowhere\n");
        String message = await("odd", PluginStatus.CRASHED).message();
        assertTrue(message.startsWith("it cannot be executed: "), message);
    }

    @Test
    void givesItASocketAndNothingElseOfTheEngines() throws Exception {
        launch("look", "#!/bin/sh\nls -l /proc/$$/fd > " + folder + "/files\n"
                + "echo \"$DOCKER_SECRETS_ENGINE_PLUGIN_LAUNCH_CFG\" > " + folder + "/settings\nexec sleep 60\n");
        assertEquals("{\"name\":\"look\",\"timeout\":5000000000,\"fd\":3}", awaitLine("settings"));
        List<String> files = Files.readAllLines(folder.resolve("files"));
        assertEquals(2, files.stream().filter(file -> file.contains("socket:")).count(), files::toString);
        assertEquals(0, files.stream().filter(file -> file.contains("anon_inode") || file.endsWith(".jar")).count(),
                files::toString);
    }

    @Test
    void killsWhatDoesNotRegister() throws Exception {
        launch("silent", "#!/bin/sh\ntrap '' TERM\necho $$ > " + folder + "/pid\nwhile :; do sleep 0.1; done\n");
        long pid = Long.parseLong(awaitLine("pid"));
        assertEquals("it did not register within 5 s", await("silent", PluginStatus.CRASHED).message());
        assertTrue(ProcessHandle.of(pid).isEmpty(), "it goes on");
    }

    @Test
    void endsWithTheEngine() throws Exception {
        launch("silent", "#!/bin/sh\necho $$ > " + folder + "/pid\nexec sleep 60\n");
        long pid = Long.parseLong(awaitLine("pid"));
        assertTrue(ProcessHandle.of(pid).isPresent());
        engine.engine().close();
        assertTrue(ProcessHandle.of(pid).isEmpty(), "it outlives the engine");
    }

    @Test
    void endsWhenItIsDisabledAndStartsWhenItIsEnabled() throws Exception {
        launch("silent", "#!/bin/sh\necho $$ > " + folder + "/pid\nexec sleep 60\n");
        long pid = Long.parseLong(awaitLine("pid"));
        engine.engine().enable("silent", false, within(5));
        assertTrue(ProcessHandle.of(pid).isEmpty(), "it goes on");
        assertEquals(PluginStatus.DISABLED, engine.row("silent").orElseThrow().status());
        Files.delete(folder.resolve("pid"));
        engine.close();
        engine = new SdkEngine(folder);
        assertEquals(PluginStatus.DISABLED, engine.row("silent").orElseThrow().status());
        assertFalse(Files.exists(folder.resolve("pid")), "it was started though it is disabled");
        engine.engine().enable("silent", true, within(5));
        assertTrue(Long.parseLong(awaitLine("pid")) != pid);
    }
}
