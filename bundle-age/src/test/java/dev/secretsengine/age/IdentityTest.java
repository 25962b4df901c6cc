package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {

    @TempDir
    Path temp;

    private final SecretValue one = Home.passphrase("one");
    private final SecretValue two = Home.passphrase("two");

    private Home home;
    private AgeStore store;

    @BeforeEach
    void start() {
        home = new Home(temp);
        store = home.store();
    }

    @Test
    void announcesAnIdentityInTheClear() throws Exception {
        Home.set(store, "a", "1");
        LocalStore.Probe probe = store.probe(Home.context());
        assertEquals(LocalStore.State.READY, probe.state());
        assertTrue(probe.message().contains("docker pass identity passphrase"), probe.message());
        assertFalse(store.hasPassphrase());
        assertFalse(store.isLocked());
    }

    @Test
    void locksReadingButNotWritingOrListing() throws Exception {
        Home.set(store, "a", "1");
        String recipient = store.recipient();
        store.changePassphrase(Optional.empty(), Optional.of(one));
        assertEquals("1", Home.get(store, "a"), "whoever sets it has it unlocked");

        AgeStore later = home.store();
        assertTrue(later.hasPassphrase());
        assertTrue(later.isLocked());
        assertEquals(LocalStore.State.LOCKED, later.probe(Home.context()).state());
        assertTrue(later.probe(Home.context()).message().contains("docker pass unlock"));
        assertEquals(recipient, later.recipient());
        Home.set(later, "b", "2");
        assertEquals(List.of("a", "b"), Home.list(later));
        assertEquals(Optional.empty(), later.get(SecretId.parse("c"), Home.context()));
        SecretsException e = assertThrows(SecretsException.Unavailable.class, () -> Home.get(later, "b"));
        assertEquals("docker pass unlock", e.hint());
        assertThrows(SecretsException.Unavailable.class,
                () -> later.getSecrets(SecretPattern.parse("**"), Home.context()));

        assertThrows(SecretsException.Denied.class, () -> later.unlock(two));
        assertTrue(later.isLocked());
        later.unlock(one);
        assertEquals("1", Home.get(later, "a"));
        assertEquals("2", Home.get(later, "b"));
        assertEquals(new LocalStore.Probe(LocalStore.State.READY, ""), later.probe(Home.context()));
    }

    @Test
    void changesAndRemovesAPassphraseOnlyForWhoKnowsIt() throws Exception {
        Home.set(store, "a", "1");
        store.changePassphrase(Optional.empty(), Optional.of(one));
        byte[] before = Files.readAllBytes(home.identity());
        assertThrows(SecretsException.Denied.class, () -> store.changePassphrase(Optional.empty(), Optional.of(two)));
        assertThrows(SecretsException.Denied.class, () -> store.changePassphrase(Optional.of(two), Optional.of(two)));
        assertThrows(SecretsException.Invalid.class,
                () -> store.changePassphrase(Optional.of(one), Optional.of(Home.passphrase(""))));
        assertArrayEquals(before, Files.readAllBytes(home.identity()));

        store.changePassphrase(Optional.of(one), Optional.of(two));
        AgeStore later = home.store();
        assertThrows(SecretsException.Denied.class, () -> later.unlock(one));
        later.unlock(two);
        assertEquals("1", Home.get(later, "a"));
        assertEquals(Folder.FILE_MODE, Files.getPosixFilePermissions(home.identity()));

        later.changePassphrase(Optional.of(two), Optional.empty());
        assertEquals("1", Home.get(home.store(), "a"));
        assertEquals(List.of(".identity.lock", "identity.txt"), Home.names(home.config()));
    }

    @Test
    void protectsTheIdentityFromTheStartWhenAskedTo() throws Exception {
        store.changePassphrase(Optional.empty(), Optional.of(one));
        AgeStore later = home.store();
        Home.set(later, "a", "1");
        later.unlock(one);
        assertEquals("1", Home.get(later, "a"));
    }

    @Test
    void noticesThatTheFileWasReplaced() throws Exception {
        Home.set(store, "a", "1");
        store.changePassphrase(Optional.empty(), Optional.of(one));
        Home other = new Home(temp.resolve("other"));
        other.store().changePassphrase(Optional.empty(), Optional.of(two));
        Files.copy(other.identity(), home.identity(), StandardCopyOption.REPLACE_EXISTING);
        // The noted public key is the old identity's: nothing may be written to it any more.
        assertTrue(store.isLocked());
        assertThrows(SecretsException.Unavailable.class, () -> Home.set(store, "b", "2"));
        store.unlock(two);
        Home.set(home.store(), "b", "2");
        assertEquals("2", Home.get(store, "b"));
        assertEquals(other.store().recipient(), home.store().recipient());
    }

    @Test
    void refusesAnIdentityThatOthersCanRead() throws Exception {
        Home.set(store, "a", "1");
        for (String mode : List.of("rw-r-----", "rw----r--", "rw--w----", "rw-----w-", "rw------x")) {
            Files.setPosixFilePermissions(home.identity(), PosixFilePermissions.fromString(mode));
            SecretsException e = assertThrows(SecretsException.Denied.class, () -> Home.get(store, "a"), mode);
            assertEquals("chmod 600 " + home.identity(), e.hint());
            assertThrows(SecretsException.Denied.class, () -> Home.set(store, "a", "2"));
            assertEquals(LocalStore.State.LOCKED, store.probe(Home.context()).state());
        }
        Files.setPosixFilePermissions(home.identity(), PosixFilePermissions.fromString("r--------"));
        assertEquals("1", Home.get(store, "a"));
    }

    @Test
    void refusesAnIdentityThatIsNone() throws Exception {
        Home.set(store, "a", "1");
        String good = Files.readString(home.identity());
        String key = good.lines().filter(line -> !line.startsWith("#")).findFirst().orElseThrow();
        for (String bad : List.of("", "# only a comment\n", "AGE-SECRET-KEY-1QQQ\n", key + "\n" + key + "\n",
                key.substring(0, key.length() - 1), "age-encryption.org/v1\n-> scrypt short\n")) {
            Files.writeString(home.identity(), bad);
            SecretsException e = assertThrows(SecretsException.Invalid.class, () -> store.unlock(one), bad);
            assertFalse(e.advice().contains(key.substring(20, 40)));
        }
        Files.writeString(home.identity(), "\r\n# by hand\r\n" + key + "\r\n");
        assertEquals("1", Home.get(store, "a"));
    }

    @Test
    void saysWhenThereIsNoIdentityYet() {
        assertThrows(SecretsException.NotFound.class, store::recipient);
        assertThrows(SecretsException.NotFound.class, store::backup);
        assertThrows(SecretsException.NotFound.class, () -> store.unlock(one));
    }

    @Test
    void handsTheFileOutAsItIs() throws Exception {
        Home.set(store, "a", "1");
        store.changePassphrase(Optional.empty(), Optional.of(one));
        try (SecretValue copy = home.store().backup()) {
            assertArrayEquals(Files.readAllBytes(home.identity()), copy.copyBytes());
        }
    }

    @Test
    void prefersASystemdCredential() throws Exception {
        Home.set(store, "a", "1");
        Path credentials = Files.createDirectory(temp.resolve("credentials"));
        AgeStore service = home.store(credentials, Home.WORK_FACTOR, Duration.ZERO);
        assertEquals("1", Home.get(service, "a"), "no such credential: the file");
        Files.move(home.identity(), credentials.resolve("secrets-engine-identity"));
        assertEquals("1", Home.get(service, "a"));
        Home.set(service, "b", "2");
        assertEquals("2", Home.get(service, "b"));
        assertEquals(new LocalStore.Probe(LocalStore.State.READY, ""), service.probe(Home.context()));
        assertFalse(Files.exists(home.identity()));
        assertThrows(SecretsException.Invalid.class, service::backup);
        assertThrows(SecretsException.Invalid.class,
                () -> service.changePassphrase(Optional.empty(), Optional.of(one)));
    }

    @Test
    void unlocksLaterEnginesWhereTheKernelKeepsKeys() throws Exception {
        Duration minute = Duration.ofMinutes(1);
        KernelKeyring keyring = new KernelKeyring();
        boolean works;
        try (IdentityKey key = IdentityKey.generate()) {
            keyring.keep("test", key, minute);
            try (IdentityKey found = keyring.find("test", minute)) {
                works = found != null && found.recipient().equals(key.recipient());
            }
            keyring.forget("test");
        }
        AgeStore first = home.store(null, Home.WORK_FACTOR, minute);
        Home.set(first, "a", "1");
        first.changePassphrase(Optional.empty(), Optional.of(one));
        assertTrue(home.store().isLocked(), "a cache of no duration is none");

        AgeStore second = home.store(null, Home.WORK_FACTOR, minute);
        assertEquals(works, !second.isLocked());
        second.unlock(one);
        second.changePassphrase(Optional.of(one), Optional.of(two));
        AgeStore third = home.store(null, Home.WORK_FACTOR, minute);
        assertEquals(works, !third.isLocked());
        third.unlock(two);
        assertEquals("1", Home.get(third, "a"));
        third.changePassphrase(Optional.of(two), Optional.empty());
    }
}
