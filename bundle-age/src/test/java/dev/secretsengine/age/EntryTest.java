package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EntryTest {

    @Test
    void spellsNames() {
        assertEquals("myapp,db,password.age", name("myapp/db/password"));
        assertEquals("+g+h_+t+o+k+e+n.age", name("GH_TOKEN"));
        assertEquals("docker,auth,registry,localhost@5000,me.age", name("docker/auth/registry/localhost:5000/me"));
        assertEquals("+..age", name("."));
        assertEquals("+...age", name(".."));
        assertEquals("a,...age", name("a/.."));
    }

    @Test
    void givesEveryShortIdItsOwnNameThatSpellsIt() {
        Map<String, String> seen = new HashMap<>();
        for (String id : ids("aAz.-_:/", 5)) {
            String name = name(id);
            assertEquals(null, seen.put(name.toLowerCase(Locale.ROOT), id), name);
            assertEquals(Optional.of(SecretId.parse(id)), Entry.idOf(name));
            assertTrue(Entry.isName(name));
            assertFalse(Entry.isHashed(name));
        }
        assertTrue(seen.size() > 10_000);
    }

    /** Every valid ID of up to some length over an alphabet. */
    private static List<String> ids(String alphabet, int length) {
        List<String> texts = new ArrayList<>(List.of(""));
        for (int start = 0, round = 0; round < length; round++) {
            int end = texts.size();
            for (int i = start; i < end; i++) {
                for (char c : alphabet.toCharArray()) {
                    texts.add(texts.get(i) + c);
                }
            }
            start = end;
        }
        texts.removeIf(text -> text.isEmpty() || text.startsWith("/") || text.endsWith("/") || text.contains("//"));
        return texts;
    }

    @Test
    void keepsNamesOfLongIdsShort() {
        for (int length : new int[]{250, 251, 252, 300, 100_000}) {
            String name = name("x".repeat(length));
            assertEquals(length > 251, Entry.isHashed(name), "" + length);
            assertTrue(name.length() <= 255);
            assertFalse(name.equals(name("x".repeat(length + 1))));
        }
        assertTrue(Entry.isHashed(name("X".repeat(126))));
    }

    @Test
    void knowsTheNamesThatAreNobodys() {
        for (String name : List.of("Upper.age", "a,.age", ",a.age", "a,,b.age", "+.age", "++a.age", "+1.age", "a+.age",
                "a b.age", "a+..age", ".age", "\u00e9.age", "=00.age", "x".repeat(252) + ".age")) {
            assertEquals(Optional.empty(), Entry.idOf(name), name);
        }
        for (String name : List.of(".tmp", ".lock", ".age", ".a.age", "a", "a.age.bak")) {
            assertFalse(Entry.isName(name), name);
        }
    }

    private static String name(String id) {
        return Entry.name(SecretId.parse(id));
    }
}
