package dev.secretsengine.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EngineConfigTest {

    @TempDir
    Path folder;

    private Path file;
    private EngineConfig config;
    private int written;

    @BeforeEach
    void nameAFile() {
        file = folder.resolve("config.toml");
        config = new EngineConfig(file);
    }

    @Test
    void configuresNothingWithoutAFile() throws SecretsException {
        assertEquals("auto", config.store());
        assertEquals(Optional.empty(), config.plugin("vault", "address"));
    }

    @Test
    void readsValues() throws Exception {
        write("store = \"age\"\n[plugins.vault]\naddress = \"https://v\"\nport = 8200\ntls = true\n");
        assertEquals("age", config.store());
        assertEquals(Optional.of("https://v"), config.plugin("vault", "address"));
        assertEquals(Optional.of("8200"), config.plugin("vault", "port"));
        assertEquals(Optional.of("true"), config.plugin("vault", "tls"));
        assertEquals(Optional.empty(), config.plugin("vault", "other"));
        assertEquals(Optional.empty(), config.plugin("other", "address"));
    }

    @Test
    void takesASettingForOneKeyWhateverItsName() throws Exception {
        write("[plugins.vault]\n\"a.b\" = \"dotted\"\n");
        assertEquals(Optional.of("dotted"), config.plugin("vault", "a.b"));
    }

    @Test
    void readsAFileThatHasTheTimeOfOneThatIsNotThere() throws Exception {
        write("[plugins]\nrequire-signature = true\n");
        Files.setLastModifiedTime(file, FileTime.fromMillis(0));
        assertTrue(config.requireSignature());
    }

    @Test
    void readsAChangedFileAgain() throws Exception {
        write("store = \"age\"\n");
        assertEquals("age", config.store());
        write("store = \"keychain\"\n");
        assertEquals("keychain", config.store());
        Files.delete(file);
        assertEquals("auto", config.store());
        write("store = \"age\"\n");
        assertEquals("age", config.store());
    }

    @ParameterizedTest
    @ValueSource(strings = {"store = ", "store = \"age", "store \"age\"", "store = \"a\"\nstore = \"b\"", "a = 12e"})
    void namesTheFileThatDoesNotParse(String text) throws Exception {
        write(text);
        var error = assertThrows(SecretsException.Invalid.class, config::store);
        assertEquals(file + " is not valid TOML", error.getMessage());
        assertTrue(error.advice().startsWith(file + " is not valid TOML: "), error.advice());
        assertEquals(1, error.advice().lines().count());
        write("store = \"age\"\n");
        assertEquals("age", config.store(), "mended");
    }

    @Test
    void goesOnFailingUntilTheFileIsMended() throws Exception {
        write("store = \"age\"\n");
        assertEquals("age", config.store());
        write("store = ");
        assertThrows(SecretsException.Invalid.class, config::store);
        assertThrows(SecretsException.Invalid.class, config::store, "the value of before is not used");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[store]\nname = \"age\"", "[[store]]\nname = \"age\"", "store = [\"age\"]"})
    void refusesATableOrListWhereAValueIsExpected(String text) throws Exception {
        write(text);
        var error = assertThrows(SecretsException.Invalid.class, config::store);
        assertTrue(error.getMessage().startsWith("store in " + file + " is a "), error.getMessage());
        assertFalse(error.hint().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"plugins = \"x\"", "[plugins]\nvault = 3"})
    void findsNoSettingWhereNoTableIs(String text) throws Exception {
        write(text);
        assertEquals(Optional.empty(), config.plugin("vault", "address"));
    }

    @Test
    void saysThatAFileCannotBeRead() throws IOException {
        Files.createDirectory(file);
        var error = assertThrows(SecretsException.Failed.class, config::store);
        assertEquals("cannot read " + file + ": check its owner and mode", error.advice());
    }

    @Test
    void saysThatAFileIsNoText() throws Exception {
        Files.write(file, new byte[]{'a', '=', '"', (byte) 0xff, '"'});
        var error = assertThrows(SecretsException.Invalid.class, config::store);
        assertEquals(file + " is not valid UTF-8: save it as UTF-8", error.advice());
    }

    /** Two writes may fall into one tick of the file system's clock; a user's never do. */
    private void write(String text) throws IOException {
        Files.writeString(file, text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000L + 1000L * written++));
    }
}
