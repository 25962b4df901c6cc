package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Moving secrets between a real gnome-keyring and the age store while engines are killed. */
class MigrateIT {

    private static final int SECRETS = 60;

    private Keyring keyring;
    private Home home;

    @BeforeEach
    void fillTheKeychain() throws Exception {
        keyring = Keyring.unlocked();
        home = Home.with(keyring);
        for (int i = 0; i < SECRETS; i++) {
            home.passWith(value(i), "set", id(i), "--raw", "--metadata", "number=" + i).ok();
        }
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
        keyring.close();
    }

    private static String id(int number) {
        return String.format("kill/%03d", number);
    }

    /** Any bytes, from none to some thousands. */
    private static byte[] value(int number) {
        byte[] value = new byte[1 + number * 97];
        new Random(number).nextBytes(value);
        return value;
    }

    private Outcome migrate() throws IOException {
        return home.pass("migrate", "--from", "keychain", "--to", "age");
    }

    private List<String> ids(String store) throws IOException {
        home.chooseStore(store);
        return home.pass("ls").ok().lines().toList();
    }

    @Test
    void losesNothingWhereverTheEngineIsKilled() throws Exception {
        int killed = 0;
        for (int lines = 1; lines < SECRETS; lines += 9) {
            killed += killAfter(lines) ? 1 : 0;
            TreeSet<String> all = new TreeSet<>(ids("age"));
            int moved = all.size();
            assertTrue(moved > 0);
            all.addAll(ids("keychain"));
            assertEquals(SECRETS, all.size(), "each is in one of both, at least");
        }
        assertTrue(killed > 2, "killed in the middle " + killed + " times");
        assertEquals(0, migrate().code());
        assertEquals(List.of(), ids("keychain"));
        assertEquals(SECRETS, ids("age").size());
        for (int i = 0; i < SECRETS; i++) {
            assertEquals(List.of(), differences(i));
        }
    }

    /** Whether it was killed before it was done. */
    private boolean killAfter(int lines) throws Exception {
        Process migration = home.process("docker", "pass", "migrate", "--from", "keychain", "--to", "age")
                .redirectErrorStream(true).start();
        migration.getOutputStream().close();
        try (BufferedReader out = new BufferedReader(
                new InputStreamReader(migration.getInputStream(), StandardCharsets.UTF_8))) {
            for (int i = 0; i < lines && out.readLine() != null;) {
                i++;
            }
            for (long engine : home.engines()) {
                // Not by the handle's own polite means: nothing may be tidied up.
                assertEquals(0, new ProcessBuilder("kill", "-9", Long.toString(engine)).start().waitFor());
            }
            while (out.readLine() != null) {
                // To its end.
            }
        }
        Poll.until("the end of the killed engine", () -> home.engines().isEmpty());
        return migration.waitFor() != 0;
    }

    private List<String> differences(int number) throws IOException {
        List<String> differences = new ArrayList<>();
        Outcome revealed = home.direct().pass("get", "--reveal", id(number));
        if (!Arrays.equals(value(number), revealed.bytes())) {
            differences.add("value of " + id(number));
        }
        String metadata = home.direct().pass("get", "--format", "{{json .Metadata}}", id(number)).ok().strip();
        if (!metadata.equals("{\"number\":\"" + number + "\"}")) {
            differences.add(metadata);
        }
        return differences;
    }

    @Test
    void goesOnWithAnotherClientWhenOneWasKilled() throws Exception {
        Process migration = home.process("docker", "pass", "migrate", "--from", "keychain", "--to", "age").start();
        migration.getOutputStream().close();
        try (BufferedReader out = migration.inputReader(StandardCharsets.UTF_8)) {
            out.readLine();
            migration.descendants().forEach(ProcessHandle::destroyForcibly);
            migration.destroyForcibly().waitFor();
        }
        assertEquals(0, migrate().code());
        assertEquals(List.of(), ids("keychain"));
        assertEquals(SECRETS, ids("age").size());
    }

    @Test
    void keepsWhenASecretWasMade() throws Exception {
        String before = created(0);
        home.pass("migrate", "-q", "--from", "keychain", "--to", "age").ok();
        home.chooseStore("age");
        assertEquals(before, created(0));
    }

    private String created(int number) throws IOException {
        return home.pass("ls", "--format", "{{.CreatedAt}}", id(number)).ok().strip();
    }

    @Test
    void asksNobodyForALockedKeychainThatCannotBeUnlocked() throws Exception {
        try (Keyring locked = Keyring.locked()) {
            home.pass("engine", "stop").ok();
            home.set("DBUS_SESSION_BUS_ADDRESS", locked.address());
            home.chooseStore("age");
            home.pass("set", "here=1").ok();
            String refused = home.pass("migrate", "--from", "keychain", "--to", "age").failed(4);
            assertTrue(refused.contains("the keychain"), refused);
        }
    }
}
