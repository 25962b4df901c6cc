package dev.secretsengine.core.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreRecordTest {

    @TempDir
    Path folder;

    @Test
    void readsWhatWasWritten() throws Exception {
        StoreRecord record = new StoreRecord(folder.resolve("state/store"));
        assertEquals(Optional.empty(), record.read());
        for (String reason : new String[]{"", "there is no session bus"}) {
            StoreRecord.Choice choice = new StoreRecord.Choice("age", reason, Map.of());
            record.write(choice);
            assertEquals(Optional.of(choice), new StoreRecord(folder.resolve("state/store")).read());
        }
    }

    @Test
    void remembersCollectionsOfEveryStore() throws Exception {
        StoreRecord record = new StoreRecord(folder.resolve("store"));
        StoreRecord.Choice choice = new StoreRecord.Choice("age", "", Map.of()).with("keychain", "login");
        record.write(choice);
        assertEquals(Optional.of(choice), record.read());
        assertEquals("age\n\nkeychain login\n", Files.readString(folder.resolve("store")));
        assertEquals(Optional.empty(), choice.collection());
        assertEquals(Optional.of("login"), new StoreRecord.Choice("keychain", "", choice.collections()).collection());
    }

    @Test
    void takesADamagedRecordForNoChoice() throws Exception {
        Path file = folder.resolve("store");
        for (String bytes : new String[]{"", "\n", "  \nreason\n", "age\0\n", "\u00ff\u00fe", "../age",
                "age\n\nkeychain\n", "age\n\nkeychain log in\n"}) {
            Files.write(file, bytes.getBytes(StandardCharsets.ISO_8859_1));
            var error = assertThrows(SecretsException.Failed.class, () -> new StoreRecord(file).read());
            assertEquals(file + ", which names the store of your secrets, is damaged:"
                    + " set store in config.toml to the name of that store", error.advice());
        }
        Files.writeString(file, "age");
        assertEquals(Optional.of(new StoreRecord.Choice("age", "", Map.of())), new StoreRecord(file).read());
    }

    @Test
    void namesARecordThatCannotBeRead() throws Exception {
        Path file = Files.createDirectory(folder.resolve("store"));
        var error = assertThrows(SecretsException.Failed.class, () -> new StoreRecord(file).read());
        assertTrue(error.getMessage().equals(file + ", which names the store of your secrets, cannot be read"),
                error.advice());
    }
}
