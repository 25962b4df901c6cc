package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PluginSettingsTest {

    @TempDir
    Path folder;

    private PluginSettings settings;

    @BeforeEach
    void open() {
        settings = new PluginSettings(new EngineConfig(folder.resolve("config.toml")), file());
    }

    private Path file() {
        return folder.resolve("plugins.toml");
    }

    private void put(String plugin, Map<String, String> texts) throws SecretsException {
        KeptSettings before = settings.kept(plugin);
        settings.replace(plugin, before, before.with(texts));
    }

    @Test
    void keepsAnyTextAndEveryPlugin() throws Exception {
        String odd = "a \"b\" \\ # [x]\n\t\u00e9 = '\ud83d\ude00";
        put("vault", Map.of("pattern", "work/**", "odd", odd));
        put("1password-sdk", Map.of("connect-host", "https://x:8443/"));
        put("vault", Map.of("pattern", "other/**"));
        open();
        assertEquals(Map.of("pattern", "other/**", "odd", odd), settings.all("vault"));
        assertEquals(Map.of("connect-host", "https://x:8443/"), settings.kept("1password-sdk").texts());
        assertEquals(KeptSettings.NONE, settings.kept("none"));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
    }

    @Test
    void removesOnePluginOnly() throws Exception {
        settings.remove("vault");
        assertFalse(Files.exists(file()));
        put("vault", Map.of("a", "1"));
        put("other", Map.of("a", "2"));
        settings.remove("vault");
        assertEquals(KeptSettings.NONE, settings.kept("vault"));
        assertEquals(Map.of("a", "2"), settings.kept("other").texts());
    }

    @Test
    void namesTheSetsOfSecretsBesideTheTexts() throws Exception {
        KeptSettings kept = new KeptSettings(Map.of("a", "1"), "0a1b2c3d", "ffffffff");
        settings.replace("vault", KeptSettings.NONE, kept);
        open();
        assertEquals(kept, settings.kept("vault"));
        assertEquals(Map.of("a", "1"), settings.all("vault"));
        Files.writeString(file(), "[plugins.vault]\n_secrets = \"a/../**\"\n_stale = 7\n");
        open();
        assertEquals(KeptSettings.NONE, settings.kept("vault"));
    }

    @Test
    void replacesOnlyWhatItsCallerHasSeen() throws Exception {
        put("vault", Map.of("a", "1"));
        assertThrows(SecretsException.Failed.class, () -> settings.replace("vault", KeptSettings.NONE,
                KeptSettings.NONE.with("0a1b2c3d", "")));
        assertEquals(Map.of("a", "1"), settings.kept("vault").texts());
    }

    @Test
    void givesWayToTheUsersOwnFile() throws Exception {
        Files.writeString(folder.resolve("config.toml"), """
                [plugins]
                require-signature = false
                [plugins.vault]
                a = "mine"
                """);
        put("vault", Map.of("a", "1", "b", "2"));
        assertEquals(Map.of("a", "mine", "b", "2"), settings.all("vault"));
        settings.requireFree("vault", "b");
        SecretsException refused = assertThrows(SecretsException.Invalid.class,
                () -> settings.requireFree("vault", "a"));
        assertTrue(refused.advice().contains("config.toml sets a in [plugins.vault], and wins"), refused.advice());
    }

    @Test
    void writesNothingOverAFileThatItCannotRead() throws Exception {
        Files.writeString(file(), "not = toml = at all");
        assertThrows(SecretsException.Invalid.class, () -> put("vault", Map.of("a", "1")));
        assertEquals("not = toml = at all", Files.readString(file()));
    }
}
