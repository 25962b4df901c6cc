package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the age and age-keygen programs. */
class AgeToolTest {

    private static final byte[] NOTHING = {};
    private static final String PASSPHRASE = "correct horse \u00e9 battery";

    /** Types the passphrase wherever age asks for it on its terminal. */
    private static final String TYPE = """
            log_user 0
            set timeout 40
            spawn -noecho {*}$argv
            expect {
                -re "(?i)passphrase\\[^\\n\\]*:" { send -- "$env(TYPED)\\r"; exp_continue }
                timeout { exit 99 }
                eof
            }
            exit [lindex [wait] 3]
            """;

    /** On both sides of where a payload's chunks end. */
    private static final int[] LENGTHS = {0, 1, 65_535, 65_536, 65_537, 131_072, LocalStore.MAX_VALUE_LENGTH};

    @TempDir
    Path temp;

    private Home home;
    private AgeStore store;

    @BeforeEach
    void start() {
        home = new Home(temp);
        store = home.store();
    }

    @Test
    void ageDecryptsOurFiles() throws Exception {
        for (int length : LENGTHS) {
            byte[] value = random(length);
            try (SecretValue secret = SecretValue.copyOf(value)) {
                store.set(SecretId.parse("Some/ID"), secret, Map.of("owner", "alice \u00e9\n"), Home.context());
            }
            assertArrayEquals(value, Home.run(NOTHING, "age", "-d", "-i", home.identity(), home.entry("Some/ID")),
                    "" + length);
        }
    }

    @Test
    void weReadFilesThatAgeWrote() throws Exception {
        Home.set(store, "ours", "1");
        for (int length : LENGTHS) {
            byte[] value = random(length);
            Home.run(value, "age", "-r", store.recipient(), "-o", home.entry("by/Hand"));
            try (var envelope = store.get(SecretId.parse("by/Hand"), Home.context()).orElseThrow()) {
                assertArrayEquals(value, envelope.value().copyBytes(), "" + length);
                assertEquals(Map.of(), envelope.metadata());
            }
        }
        assertEquals(List.of("by/Hand", "ours"), Home.list(store));
        SecretInfo info = store.describe(SecretId.parse("by/Hand"), Home.context()).orElseThrow();
        assertEquals(new SecretInfo(SecretId.parse("by/Hand"), null, null, Map.of()), info);
        Home.set(store, "by/Hand", "ours now");
        assertEquals("ours now", Home.get(store, "by/Hand"));
    }

    @Test
    void refusesAFileOfAgeThatHoldsMoreThanASecretCan() throws Exception {
        Home.set(store, "a", "1");
        for (int length : new int[]{LocalStore.MAX_VALUE_LENGTH + 1, 3 * LocalStore.MAX_VALUE_LENGTH}) {
            Files.delete(home.entry("a"));
            Home.run(new byte[length], "age", "-r", store.recipient(), "-o", home.entry("a"));
            SecretsException e = assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "a"));
            assertTrue(e.getMessage().contains("1 MiB"));
        }
    }

    @Test
    void refusesAFileForSomebodyElse() throws Exception {
        Home.set(store, "a", "1");
        String other = new String(Home.run(NOTHING, "age-keygen"), StandardCharsets.US_ASCII);
        Path identity = Files.writeString(temp.resolve("other"), other);
        String recipient = new String(Home.run(NOTHING, "age-keygen", "-y", identity), StandardCharsets.US_ASCII)
                .strip();
        Home.run(new byte[3], "age", "-r", recipient, "-o", home.entry("b"));
        assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "b"));
    }

    @Test
    void ageKeygenReadsOurIdentityAndWeItsOwn() throws Exception {
        Home.set(store, "a", "1");
        assertEquals(store.recipient(), keygen(home.identity()));
        Files.delete(home.identity());
        Home.run(NOTHING, "age-keygen", "-o", home.identity());
        assertEquals(keygen(home.identity()), store.recipient());
        assertThrows(SecretsException.Invalid.class, () -> Home.get(store, "a"));
        Home.set(store, "a", "2");
        assertEquals("2", Home.get(store, "a"));
    }

    private static String keygen(Path identity) throws Exception {
        return new String(Home.run(NOTHING, "age-keygen", "-y", identity), StandardCharsets.US_ASCII).strip();
    }

    @Test
    void ageDecryptsOurProtectedIdentity() throws Exception {
        AgeStore strong = home.store(null, Passphrase.WORK_FACTOR, Duration.ZERO);
        Home.set(strong, "a", "through two files");
        String recipient = strong.recipient();
        try (SecretValue passphrase = Home.passphrase(PASSPHRASE)) {
            strong.changePassphrase(Optional.empty(), Optional.of(passphrase));
        }
        assertTrue(Files.readString(home.identity(), StandardCharsets.ISO_8859_1).contains(" 18\n"));
        Path clear = temp.resolve("clear");
        typing(PASSPHRASE, "age", "-d", "-o", clear, home.identity());
        assertEquals(recipient, keygen(clear));
        Path value = temp.resolve("value");
        typing(PASSPHRASE, "age", "-d", "-i", home.identity(), "-o", value, home.entry("a"));
        assertEquals("through two files", Files.readString(value));
    }

    @Test
    void weUnlockAnIdentityThatAgeProtected() throws Exception {
        Home.set(store, "a", "1");
        String recipient = store.recipient();
        Path clear = temp.resolve("clear");
        Files.move(home.identity(), clear);
        typing(PASSPHRASE, "age", "-p", "-o", home.identity(), clear);
        Files.setPosixFilePermissions(home.identity(), PosixFilePermissions.fromString("rw-------"));
        AgeStore later = home.store();
        assertTrue(later.isLocked());
        // Nobody has noted its public key yet.
        assertThrows(SecretsException.Unavailable.class, () -> Home.set(later, "b", "2"));
        try (SecretValue wrong = Home.passphrase("wrong"); SecretValue right = Home.passphrase(PASSPHRASE)) {
            assertThrows(SecretsException.Denied.class, () -> later.unlock(wrong));
            assertTrue(later.isLocked());
            later.unlock(right);
        }
        assertFalse(later.isLocked());
        assertEquals("1", Home.get(later, "a"));
        AgeStore locked = home.store();
        assertEquals(recipient, locked.recipient());
        Home.set(locked, "b", "2");
        assertEquals("2", Home.get(later, "b"));
    }

    private void typing(String passphrase, Object... command) throws Exception {
        Path script = Files.writeString(temp.resolve("type.exp"), TYPE);
        Object[] words = new Object[command.length + 5];
        System.arraycopy(new Object[]{"env", "TYPED=" + passphrase, "LC_ALL=C.UTF-8", "expect", script}, 0, words, 0,
                5);
        System.arraycopy(command, 0, words, 5, command.length);
        Home.run(NOTHING, words);
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
