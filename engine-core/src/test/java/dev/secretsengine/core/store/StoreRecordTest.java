package dev.secretsengine.core.store;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
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
    void readsWhatWasWritten() throws IOException {
        StoreRecord record = new StoreRecord(folder.resolve("state/store"));
        assertEquals(Optional.empty(), record.read());
        for (String reason : new String[]{"", "there is no session bus"}) {
            StoreRecord.Choice choice = new StoreRecord.Choice("age", reason, Map.of());
            record.write(choice);
            assertEquals(Optional.of(choice), new StoreRecord(folder.resolve("state/store")).read());
        }
    }

    @Test
    void remembersCollectionsOfEveryStore() throws IOException {
        StoreRecord record = new StoreRecord(folder.resolve("store"));
        StoreRecord.Choice choice = new StoreRecord.Choice("age", "", Map.of()).with("keychain", "login");
        record.write(choice);
        assertEquals(Optional.of(choice), record.read());
        assertEquals("age\n\nkeychain login\n", Files.readString(folder.resolve("store")));
        assertEquals(Optional.empty(), choice.collection());
        assertEquals(Optional.of("login"), new StoreRecord.Choice("keychain", "", choice.collections()).collection());
    }

    @Test
    void takesAnEmptyRecordForNone() throws IOException {
        Path file = folder.resolve("store");
        for (String text : new String[]{"", "\n", "  \nreason\n"}) {
            Files.writeString(file, text);
            assertEquals(Optional.empty(), new StoreRecord(file).read());
        }
        Files.writeString(file, "age");
        assertEquals(Optional.of(new StoreRecord.Choice("age", "", Map.of())), new StoreRecord(file).read());
    }
}
