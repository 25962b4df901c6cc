package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.age.file.FileStamp;
import dev.secretsengine.age.memory.OpenedEntry;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is answered from memory, and above all what is not. */
@Timeout(60)
class EntryReaderTest {

    @TempDir
    Path temp;

    private Home home;
    private Identity identity;
    private AgeStore store;
    private final SecretValue one = Home.passphrase("one");
    private final SecretValue two = Home.passphrase("two");

    @BeforeEach
    void start() throws Exception {
        home = new Home(temp);
        Home.Parts parts = home.later();
        identity = parts.identity();
        store = parts.store();
        Home.set(store, "a", "first");
    }

    /** What is remembered of an entry, null if nothing is. */
    private OpenedEntry known(String id) {
        return identity.last().entries().find(Entry.name(SecretId.parse(id)));
    }

    /** Reads a secret, which is remembered then. */
    private OpenedEntry warm(String id, String value) throws Exception {
        assertEquals(value, Home.get(store, id));
        OpenedEntry entry = known(id);
        assertNotNull(entry);
        return entry;
    }

    /** Until a change of a file shows in its times: with the clock of these tests nothing counts as too young. */
    private void nextTick(Path file) throws Exception {
        Path clock = temp.resolve("clock");
        do {
            Files.write(clock, new byte[0]);
        } while (FileStamp.of(clock).changed().equals(FileStamp.of(file).changed()));
    }

    @Test
    void answersFromMemory() throws Exception {
        Home.set(store, "b", "second");
        OpenedEntry of = warm("b", "second");
        OpenedEntry entry = warm("a", "first");
        assertEquals("first", Home.get(store, "a"));
        // Somebody else's payload in its place shows where the answer comes from.
        identity.last().entries().put(Entry.name(SecretId.parse("a")),
                new OpenedEntry(entry.stamp(), entry.info(), of.payload(), entry.length()));
        assertEquals("second", Home.get(store, "a"));
    }

    @Test
    void tellsTheSameAgain() throws Exception {
        SecretId id = SecretId.parse("with/metadata");
        store.set(id, one, Map.of("owner", "alice"), Home.context());
        SecretInfo info = store.describe(id, Home.context()).orElseThrow();
        for (int i = 0; i < 3; i++) {
            try (Envelope envelope = store.get(id, Home.context()).orElseThrow()) {
                assertArrayEquals(one.copyBytes(), envelope.value().copyBytes());
                assertEquals(id, envelope.id());
                assertEquals(info.modifiedAt(), envelope.createdAt());
                assertEquals(Map.of("owner", "alice"), envelope.metadata());
            }
            assertNotNull(known("with/metadata"));
        }
    }

    @Test
    void remembersNoFileThatIsYoungOrLong() throws Exception {
        byte[] large = new byte[17 << 10];
        Home.set(store, "large", large);
        assertEquals(new String(large), Home.get(store, "large"));
        assertNull(known("large"));
        AgeStore now = home.store();
        assertEquals("first", Home.get(now, "a"));
        Home.set(now, "young", "1");
        assertEquals("1", Home.get(now, "young"));
        Files.write(home.entry("young"), Files.readAllBytes(home.entry("a")));
        assertThrows(SecretsException.Invalid.class, () -> Home.get(now, "young"));
    }

    @Test
    void forgetsWhatIsSetOrRemoved() throws Exception {
        OpenedEntry before = warm("a", "first");
        Home.set(store, "a", "other");
        assertNull(before.payload().decrypt());
        assertNull(known("a"));
        OpenedEntry after = warm("a", "other");
        assertTrue(store.remove(SecretId.parse("a"), Home.context()));
        assertNull(after.payload().decrypt());
        assertEquals(Optional.empty(), store.get(SecretId.parse("a"), Home.context()));
    }

    @Test
    void seesWhatAnotherProcessHasDone() throws Exception {
        OpenedEntry entry = warm("a", "first");
        AgeStore other = home.store();
        Home.set(other, "a", "other");
        assertEquals("other", Home.get(store, "a"));
        assertNull(entry.payload().decrypt());
        nextTick(home.entry("a"));
        OpenedEntry again = warm("a", "other");
        assertTrue(other.remove(SecretId.parse("a"), Home.context()));
        assertEquals(Optional.empty(), store.get(SecretId.parse("a"), Home.context()));
        assertNull(again.payload().decrypt());
    }

    @Test
    void seesAFileOfTheSameLengthAndTimeInItsPlace() throws Exception {
        byte[] first = Files.readAllBytes(home.entry("a"));
        Home.set(home.store(), "a", "other");
        byte[] second = Files.readAllBytes(home.entry("a"));
        assertEquals(first.length, second.length);
        FileTime time = Files.getLastModifiedTime(home.entry("a"));
        for (int i = 0; i < 20; i++) {
            warm("a", i % 2 == 0 ? "other" : "first");
            nextTick(home.entry("a"));
            // On the same inode, or by a new file that takes the place.
            Path written = i % 3 == 0 ? temp.resolve("new") : home.entry("a");
            Files.write(written, i % 2 == 0 ? first : second);
            Files.setLastModifiedTime(written, time);
            if (i % 3 == 0) {
                Files.move(written, home.entry("a"), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        assertEquals("other", Home.get(store, "a"));
    }

    /** By the system's own clock: a file that was just written may be written again within the same tick. */
    @Test
    void seesEveryOneOfManyChangesWithinATick() throws Exception {
        AgeStore now = home.store();
        byte[] first = Files.readAllBytes(home.entry("a"));
        Home.set(now, "a", "other");
        byte[] second = Files.readAllBytes(home.entry("a"));
        FileTime time = Files.getLastModifiedTime(home.entry("a"));
        for (int i = 0; i < 200; i++) {
            Files.write(home.entry("a"), i % 2 == 0 ? first : second);
            Files.setLastModifiedTime(home.entry("a"), time);
            assertEquals(i % 2 == 0 ? "first" : "other", Home.get(now, "a"), "change " + i);
        }
    }

    @Test
    void refusesAFileThatIsTamperedWith() throws Exception {
        warm("a", "first");
        byte[] file = Files.readAllBytes(home.entry("a"));
        FileTime time = Files.getLastModifiedTime(home.entry("a"));
        for (int position : new int[]{0, file.length / 2, file.length - 20, file.length - 1}) {
            nextTick(home.entry("a"));
            byte[] changed = file.clone();
            changed[position] ^= 1;
            Files.write(home.entry("a"), changed);
            Files.setLastModifiedTime(home.entry("a"), time);
            assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "a"), "byte " + position);
            assertNull(known("a"));
            nextTick(home.entry("a"));
            Files.write(home.entry("a"), file);
            warm("a", "first");
        }
    }

    @Test
    void seesWhatAgeItselfWrites() throws Exception {
        warm("a", "first");
        nextTick(home.entry("a"));
        Home.run("byage".getBytes(), "age", "-r", store.recipient(), "-o", home.entry("a"));
        assertEquals("byage", Home.get(store, "a"));
    }

    @Test
    void forgetsEverythingWithTheIdentity() throws Exception {
        OpenedEntry clear = warm("a", "first");
        store.changePassphrase(Optional.empty(), Optional.of(one));
        assertNull(clear.payload().decrypt());
        OpenedEntry underOne = warm("a", "first");
        store.changePassphrase(Optional.of(one), Optional.of(two));
        assertNull(underOne.payload().decrypt());
        OpenedEntry underTwo = warm("a", "first");
        store.stop();
        assertNull(underTwo.payload().decrypt());
        assertTrue(store.isLocked());
        assertThrows(SecretsException.Unavailable.class, () -> Home.get(store, "a"));
    }

    @Test
    void forgetsEverythingWhenTheIdentityIsReplaced() throws Exception {
        OpenedEntry entry = warm("a", "first");
        Home other = new Home(temp.resolve("other"));
        other.store().changePassphrase(Optional.empty(), Optional.of(one));
        Files.copy(other.identity(), home.identity(), StandardCopyOption.REPLACE_EXISTING);
        assertThrows(SecretsException.Unavailable.class, () -> Home.get(store, "a"));
        assertNull(entry.payload().decrypt());
        store.unlock(one);
        assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "a"));
    }

    @Test
    void answersNothingWithoutAnIdentityThatMayBeUsed() throws Exception {
        OpenedEntry entry = warm("a", "first");
        Path aside = temp.resolve("aside");
        Files.move(home.identity(), aside);
        assertThrows(SecretsException.Unavailable.class, () -> Home.get(store, "a"));
        assertNull(entry.payload().decrypt());
        Files.move(aside, home.identity());
        OpenedEntry back = warm("a", "first");
        nextTick(home.identity());
        Files.setPosixFilePermissions(home.identity(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThrows(SecretsException.Denied.class, () -> Home.get(store, "a"));
        assertNull(back.payload().decrypt());
    }

    @Test
    void looksForACredentialFirstAtEveryLookup() throws Exception {
        Path credentials = Files.createDirectory(temp.resolve("credentials"));
        Home.Parts service = home.later(credentials);
        identity = service.identity();
        store = service.store();
        OpenedEntry entry = warm("a", "first");
        Home other = new Home(temp.resolve("other"));
        Home.set(other.store(), "b", "1");
        Path credential = credentials.resolve("secrets-engine-identity");
        Files.copy(other.identity(), credential);
        assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "a"));
        assertNull(entry.payload().decrypt());
        Files.delete(credential);
        warm("a", "first");
    }

    @Test
    void isRightForManyThreadsAtOnce() throws Exception {
        AtomicBoolean over = new AtomicBoolean();
        List<Future<?>> readers = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            try {
                for (int i = 0; i < 4; i++) {
                    readers.add(threads.submit(() -> {
                        while (!over.get()) {
                            String value = Home.get(store, "a");
                            assertTrue(value.equals("first") || value.startsWith("value"), "another value");
                        }
                        return null;
                    }));
                }
                for (int i = 100; i < 200; i++) {
                    Home.set(store, "a", "value" + i);
                    assertEquals("value" + i, Home.get(store, "a"));
                    assertEquals("value" + i, Home.get(store, "a"));
                    if (i % 10 == 0) {
                        store.stop();
                    }
                }
            } finally {
                over.set(true);
            }
            for (Future<?> reader : readers) {
                reader.get(20, TimeUnit.SECONDS);
            }
        }
    }
}
