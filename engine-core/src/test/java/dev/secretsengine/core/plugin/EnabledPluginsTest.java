package dev.secretsengine.core.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.core.bundle.PluginDeclaration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EnabledPluginsTest {

    @TempDir
    Path folder;

    @Test
    void followsThePluginsDefaultUntilTheUserDecides() throws IOException {
        EnabledPlugins enabled = open();
        assertTrue(enabled.isEnabled(plugin("on", true, true)));
        assertFalse(enabled.isEnabled(plugin("off", true, false)));
        enabled.choose("on", false);
        enabled.choose("off", true);
        assertFalse(enabled.isEnabled(plugin("on", true, true)));
        assertTrue(enabled.isEnabled(plugin("off", true, false)));
    }

    @Test
    void remembersChoices() throws IOException {
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
    void remembersChoicesInAFileThatHasTheTimeOfOneThatIsNotThere() throws IOException {
        open().choose("a", false);
        Files.setLastModifiedTime(folder.resolve("plugins"), FileTime.fromMillis(0));
        EnabledPlugins enabled = open();
        assertFalse(enabled.isEnabled(plugin("a", true, true)));
        Files.delete(folder.resolve("plugins"));
        assertTrue(enabled.isEnabled(plugin("a", true, true)));
    }

    @Test
    void neverSwitchesOffWhatIsNotConfigurable() throws IOException {
        EnabledPlugins enabled = open();
        enabled.choose("always", false);
        assertTrue(enabled.isEnabled(plugin("always", false, true)));
    }

    @Test
    void keepsTheOldChoiceIfTheNewOneCannotBeWritten() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertThrows(IOException.class, () -> new EnabledPlugins(file.resolve("plugins")).choose("a", true));
        assertEquals(0, Files.size(file));
    }

    private EnabledPlugins open() {
        return new EnabledPlugins(folder.resolve("plugins"));
    }

    private static PluginDeclaration plugin(String name, boolean configurable, boolean enabled) {
        return new PluginDeclaration(name, "1", SecretPattern.parse("**"), configurable, Optional.empty(), enabled,
                "", "");
    }
}
