package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.api.contract.Situation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AgeStoreTest extends LocalStoreContract {

    @TempDir
    Path temp;

    private Home home;
    private AgeStore store;

    @BeforeEach
    void start() {
        home = new Home(temp);
        store = home.store();
    }

    @Override
    protected LocalStore store() {
        return store;
    }

    @Override
    protected SecretsProvider restarted() {
        return home.store();
    }

    @Override
    protected Situation unavailable() throws Exception {
        Home.set(store, "a", "1");
        Path aside = temp.resolve("aside");
        Files.move(home.identity(), aside);
        return Situation.of(home.store(), "a").endedBy(() -> Files.move(aside, home.identity()));
    }

    @Override
    protected Situation hanging() {
        return Situation.impossible("it reads files of the user's own disk and asks nobody");
    }

    @Test
    void touchesNothingBeforeTheFirstWrite() throws Exception {
        assertEquals(LocalStore.State.READY, store.probe(context()).state());
        assertEquals(List.of(), Home.list(store));
        assertEquals(Optional.empty(), store.get(SecretId.parse("a"), context()));
        assertFalse(store.remove(SecretId.parse("a"), context()));
        assertFalse(store.isLocked());
        assertEquals(List.of(), Home.names(temp));
    }

    @Test
    void keepsFilesAndFoldersPrivate() throws Exception {
        Home.set(store, "a", "1");
        for (Path folder : List.of(home.config(), home.secrets())) {
            assertEquals(Folder.FOLDER_MODE, Files.getPosixFilePermissions(folder), folder.toString());
            for (String name : Home.names(folder)) {
                assertEquals(Folder.FILE_MODE, Files.getPosixFilePermissions(folder.resolve(name)), name);
            }
        }
    }

    @Test
    void remembersWhenASecretWasFirstStoredAndLastReplaced() throws Exception {
        Instant before = Instant.now();
        Home.set(store, "a", "1");
        SecretInfo first = store.describe(SecretId.parse("a"), context()).orElseThrow();
        Home.set(store, "a", "2");
        SecretInfo second = store.describe(SecretId.parse("a"), context()).orElseThrow();
        assertFalse(first.createdAt().isBefore(before));
        assertEquals(first.createdAt(), first.modifiedAt());
        assertEquals(first.createdAt(), second.createdAt());
        assertTrue(second.modifiedAt().isAfter(first.modifiedAt()));
    }

    @Test
    void takesOverWhenASecretWasFirstStoredElsewhere() throws Exception {
        Instant created = Instant.parse("2020-01-02T03:04:05.678Z");
        SecretId id = SecretId.parse("moved");
        try (SecretValue value = SecretValue.wrap("v".getBytes(StandardCharsets.UTF_8))) {
            store.restore(new SecretInfo(id, created, created, Map.of("k", "v")), value, Home.context());
        }
        SecretInfo info = store.describe(id, Home.context()).orElseThrow();
        assertEquals(created, info.createdAt());
        assertTrue(info.modifiedAt().isAfter(created), "it is new here");
        assertEquals(Map.of("k", "v"), info.metadata());
        Home.set(store, "moved", "again");
        assertEquals(created, store.describe(id, Home.context()).orElseThrow().createdAt());
    }

    @Test
    void refusesAFileThatWasSwappedForAnother() throws Exception {
        Home.set(store, "low", "1");
        Home.set(store, "high", "2");
        Files.copy(home.entry("low"), home.entry("high"), StandardCopyOption.REPLACE_EXISTING);
        assertThrows(SecretsException.Invalid.class, () -> store.get(SecretId.parse("high"), context()));
        assertThrows(SecretsException.Invalid.class,
                () -> store.getSecrets(SecretPattern.parse("**"), context()));
        assertEquals(List.of("low"), Home.list(store));
    }

    @Test
    void refusesAHeaderThatWasChanged() throws Exception {
        try (SecretValue value = Home.passphrase("1")) {
            store.set(SecretId.parse("a"), value, Map.of("owner", "alice"), context());
        }
        String file = Files.readString(home.entry("a"), StandardCharsets.ISO_8859_1);
        int start = file.indexOf("-> secretsengine.dev/entry\n") + "-> secretsengine.dev/entry\n".length();
        int end = file.indexOf("\n---", start);
        String body = new String(Base64.getMimeDecoder().decode(file.substring(start, end)),
                StandardCharsets.US_ASCII);
        String changed = Base64.getMimeEncoder(64, new byte[]{'\n'}).withoutPadding()
                .encodeToString(body.replace("alice", "mally").getBytes(StandardCharsets.US_ASCII));
        Files.writeString(home.entry("a"), file.substring(0, start) + changed + file.substring(end),
                StandardCharsets.ISO_8859_1);
        assertEquals(Map.of("owner", "mally"), store.describe(SecretId.parse("a"), context()).orElseThrow().metadata());
        assertThrows(SecretsException.Invalid.class, () -> store.get(SecretId.parse("a"), context()));
    }

    @Test
    void skipsDamagedFilesInAListAndRefusesToReadThem() throws Exception {
        for (String id : List.of("good", "cut", "empty", "text", "folder", "flipped", "x".repeat(300))) {
            Home.set(store, id, "value of " + id);
        }
        byte[] whole = Files.readAllBytes(home.entry("cut"));
        byte[] flipped = Files.readAllBytes(home.entry("flipped"));
        flipped[flipped.length - 1] ^= 1;
        Files.write(home.entry("flipped"), flipped);
        Files.write(home.entry("empty"), new byte[0]);
        Files.writeString(home.entry("text"), "not an age file\n");
        Files.writeString(home.entry("x".repeat(300)), "not an age file\n");
        Files.writeString(home.secrets().resolve("Wrong.age"), "not a name\n");
        Files.delete(home.entry("folder"));
        Files.createDirectory(home.entry("folder"));
        for (int length = 0; length < whole.length; length++) {
            Files.write(home.entry("cut"), Arrays.copyOf(whole, length));
            assertThrows(SecretsException.Invalid.class, () -> store.get(SecretId.parse("cut"), context()));
        }
        Files.write(home.entry("cut"), Arrays.copyOf(whole, 30));
        for (String id : List.of("empty", "text", "folder", "flipped", "x".repeat(300))) {
            SecretsException e = assertThrows(SecretsException.Invalid.class,
                    () -> store.get(SecretId.parse(id), context()), id);
            assertFalse(e.advice().contains("\n"));
        }
        // The header of a file with a damaged payload is whole.
        assertEquals(List.of("flipped", "good"), Home.list(store));
        Home.set(store, "cut", "again");
        assertEquals("again", Home.get(store, "cut"));
    }

    @Test
    void refusesMetadataThatDoesNotFitAHeader() throws Exception {
        Home.set(store, "a", "1");
        try (SecretValue value = Home.passphrase("2")) {
            SecretsException e = assertThrows(SecretsException.Invalid.class,
                    () -> store.set(SecretId.parse("a"), value,
                            Map.of("long", "x".repeat(50_000)), context()));
            assertTrue(e.advice().contains("metadata"));
            Map<String, String> large = Map.of("long", "x".repeat(40_000));
            store.set(SecretId.parse("b"), value, large, context());
            assertEquals(large, store.describe(SecretId.parse("b"), context()).orElseThrow().metadata());
        }
        assertEquals("1", Home.get(store, "a"));
        assertEquals("2", Home.get(store, "b"));
    }

    @Test
    void keepsIdsOfAnyLengthApartUpToTheHeadersLimit() throws Exception {
        String id = "x".repeat(30_000);
        Home.set(store, id, "1");
        assertEquals("1", Home.get(store, id));
        assertEquals(List.of(id), Home.list(store));
    }

    @Test
    void removesWhatACrashLeftBehindWithTheNextWrite() throws Exception {
        Home.set(store, "a", "1");
        Path left = home.secrets().resolve(".tmp");
        Files.writeString(left, "half a file", StandardOpenOption.CREATE_NEW);
        assertEquals(List.of("a"), Home.list(store));
        Home.set(home.store(), "b", "2");
        assertFalse(Files.exists(left));
        assertEquals(List.of("a", "b"), Home.list(store));
    }

    @Test
    void makesNoSecondIdentityWhileSecretsOfTheFirstAreThere() throws Exception {
        Home.set(store, "a", "1");
        Path aside = temp.resolve("aside");
        Files.move(home.identity(), aside);
        AgeStore later = home.store();
        assertThrows(SecretsException.Unavailable.class, () -> Home.set(later, "b", "2"));
        assertThrows(SecretsException.Unavailable.class, () -> Home.get(later, "a"));
        Files.move(aside, home.identity());
        assertEquals("1", Home.get(later, "a"));
        Files.delete(home.identity());
        assertTrue(later.remove(SecretId.parse("a"), context()));
        Home.set(later, "b", "2");
        assertEquals("2", Home.get(later, "b"));
    }

    @Test
    void stopsAListWhenTimeIsUp() throws Exception {
        Home.set(store, "a", "1");
        RequestContext over = RequestContext.of(Duration.ZERO);
        assertThrows(SecretsException.Unavailable.class, () -> store.list(SecretPattern.parse("**"), over));
        assertThrows(SecretsException.Unavailable.class, () -> store.remove(SecretId.parse("a"), over));
        assertEquals("1", Home.get(store, "a"));
    }

    @Test
    void takesDurationsForTheUnlockCache() throws Exception {
        assertEquals("8h", store.settings().get(0).defaultValue());
        for (String text : List.of("0", "30s", "15m", "8h", "7d")) {
            store.configure(values(text));
        }
        for (String text : List.of("", "8", "h", "-1h", "8 h", "1h30m")) {
            assertThrows(SecretsException.Invalid.class, () -> store.configure(values(text)), text);
        }
    }

    private static Configurable.Values values(String text) {
        return new Configurable.Values() {

            @Override
            public String text(String setting) {
                return text;
            }

            @Override
            public Optional<SecretValue> secret(String setting) {
                return Optional.empty();
            }
        };
    }
}
