package dev.secretsengine.core.plugin;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.bundle.PluginDeclaration;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EnabledPluginsTest {

    @TempDir
    Path folder;

    @Test
    void followsThePluginsDefaultUntilTheUserDecides() throws Exception {
        EnabledPlugins enabled = open();
        assertTrue(enabled.isEnabled(plugin("on", true, true)));
        assertFalse(enabled.isEnabled(plugin("off", true, false)));
        enabled.choose("on", false);
        enabled.choose("off", true);
        assertFalse(enabled.isEnabled(plugin("on", true, true)));
        assertTrue(enabled.isEnabled(plugin("off", true, false)));
    }

    @Test
    void remembersChoices() throws Exception {
        open().choose("a", false);
        open().choose("b", true);
        open().choose("c", false);
        open().choose("c", true);
        assertFalse(open().isEnabled(plugin("a", true, true)));
        assertTrue(open().isEnabled(plugin("b", true, false)));
        assertTrue(open().isEnabled(plugin("c", true, false)));
        assertEquals("a=disabled\nb=enabled\nc=enabled\n", Files.readString(folder.resolve("plugins")));
    }

    @Test
    void remembersChoicesInAFileThatHasTheTimeOfOneThatIsNotThere() throws Exception {
        open().choose("a", false);
        Files.setLastModifiedTime(folder.resolve("plugins"), FileTime.fromMillis(0));
        EnabledPlugins enabled = open();
        assertFalse(enabled.isEnabled(plugin("a", true, true)));
        Files.delete(folder.resolve("plugins"));
        assertTrue(enabled.isEnabled(plugin("a", true, true)));
    }

    @Test
    void neverSwitchesOffWhatIsNotConfigurable() throws Exception {
        EnabledPlugins enabled = open();
        enabled.choose("always", false);
        assertTrue(enabled.isEnabled(plugin("always", false, true)));
    }

    @Test
    void keepsTheOldChoiceIfTheNewOneCannotBeWritten() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertThrows(SecretsException.Failed.class,
                () -> new EnabledPlugins(file.resolve("plugins")).choose("a", true));
        assertEquals(0, Files.size(file));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a=disabled\nb", "a=disabled\n\n", "a=disabld", "a = disabled", "=enabled", "\0\0\0\0",
            "a=disabled\nb=enabled\u00ff"})
    void disablesEveryPluginIfTheFileIsDamaged(String content) throws Exception {
        Path file = folder.resolve("plugins");
        Files.write(file, content.getBytes(StandardCharsets.ISO_8859_1));
        EnabledPlugins enabled = open();
        assertFalse(enabled.isEnabled(plugin("a", true, true)));
        assertFalse(enabled.isEnabledLately(plugin("b", true, true)));
        assertFalse(enabled.isEnabled(plugin("always", false, true)));
        assertFalse(enabled.isEnabledExternal("c"));
        String problem = enabled.problem().orElseThrow();
        assertTrue(problem.startsWith(file + " is "), problem);
        assertTrue(
                problem.endsWith(
                        ": correct it, or remove it and disable plugins again, then docker pass engine restart"),
                problem);
        for (Executable change : List.<Executable>of(() -> enabled.choose("a", true), () -> enabled.forget("a"),
                () -> enabled.rememberModule("m"))) {
            assertEquals(problem, assertThrows(SecretsException.Failed.class, change).advice());
        }
        assertArrayEquals(content.getBytes(StandardCharsets.ISO_8859_1), Files.readAllBytes(file));
        Files.delete(file);
        assertEquals(Optional.empty(), enabled.problem());
        assertTrue(enabled.isEnabled(plugin("a", true, true)));
    }

    @Test
    void disablesEveryPluginIfTheFileCannotBeRead() throws Exception {
        Path file = Files.createDirectory(folder.resolve("plugins"));
        EnabledPlugins enabled = open();
        assertFalse(enabled.isEnabled(plugin("a", true, true)));
        assertTrue(enabled.problem().orElseThrow()
                .startsWith(file + " cannot be read, so no plugin but the store runs: "));
    }

    private EnabledPlugins open() {
        return new EnabledPlugins(folder.resolve("plugins"));
    }

    private static PluginDeclaration plugin(String name, boolean configurable, boolean enabled) {
        return new PluginDeclaration(name, "1", SecretPattern.parse("**"), configurable, Optional.empty(), enabled,
                "", "");
    }
}
