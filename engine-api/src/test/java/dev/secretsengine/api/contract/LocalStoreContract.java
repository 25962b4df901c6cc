package dev.secretsengine.api.contract;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every store must do, on top of what every provider does. */
public abstract class LocalStoreContract extends SecretsProviderContract {

    private static final Map<String, String> HELD = Map.of("GH_TOKEN", "123456789", "myapp/db/password", "s3cr3t",
            "myapp/db/user", "app");

    private boolean filled;

    /** The store under test: empty at first, the same one within a test. */
    protected abstract LocalStore store() throws Exception;

    @Override
    protected SecretsProvider provider() throws Exception {
        if (!filled) {
            filled = true;
            for (Map.Entry<String, byte[]> secret : holds().entrySet()) {
                set(secret.getKey(), secret.getValue());
            }
        }
        return store();
    }

    @Override
    protected Map<String, byte[]> holds() {
        Map<String, byte[]> held = new TreeMap<>();
        HELD.forEach((id, value) -> held.put(id, value.getBytes(StandardCharsets.UTF_8)));
        return held;
    }

    @Override
    protected String pattern() {
        return "**";
    }

    /** Keys in the user's own session or files: whoever can ask at all has them. */
    @Override
    protected Situation wrongCredentials() throws Exception {
        return Situation.impossible("a local store asks for no credentials of its own");
    }

    @Override
    protected Situation rateLimited() throws Exception {
        return Situation.impossible("a local store does not count who asks");
    }

    @Override
    protected Situation holding(byte[] value) throws Exception {
        set("kind/of/value", value);
        return Situation.of(store(), "kind/of/value");
    }

    @Test
    void keepsEveryKindOfValue() throws Exception {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        byte[] largest = new byte[LocalStore.MAX_VALUE_LENGTH];
        new Random(1).nextBytes(largest);
        for (byte[] value : List.of(new byte[0], new byte[]{'\n'}, all, largest)) {
            set("kind/of/value", value);
            assertArrayEquals(value, get("kind/of/value").orElseThrow());
        }
    }

    @Test
    void refusesALargerValueAndKeepsTheOldOne() throws Exception {
        set("kind/of/value", new byte[]{1});
        assertThrows(SecretsException.Invalid.class,
                () -> set("kind/of/value", new byte[LocalStore.MAX_VALUE_LENGTH + 1]));
        assertArrayEquals(new byte[]{1}, get("kind/of/value").orElseThrow());
    }

    @Test
    void keepsIdsApart() throws Exception {
        List<String> ids = List.of("a", "a/b", "a/b/c", "A", ".", "..", "../a", "a/..", "a.age", "-", "a:b", "a_b",
                "x".repeat(300), "x".repeat(300) + "y", "d/".repeat(60) + "e");
        for (String id : ids) {
            set(id, id.getBytes(StandardCharsets.UTF_8));
        }
        for (String id : ids) {
            assertArrayEquals(id.getBytes(StandardCharsets.UTF_8), get(id).orElseThrow(), id);
        }
        assertEquals(ids.stream().sorted().toList(), list("**"));
        assertEquals(List.of("a/..", "a/b"), list("a/*"));
    }

    @Test
    void replacesValueAndMetadata() throws Exception {
        set("x", "one", Map.of("owner", "alice", "old", "1"));
        set("x", "two", Map.of("owner", "bob", "odd key", "line\nbreak \u00e9 ="));
        assertEquals(List.of("x"), list("**"));
        assertArrayEquals("two".getBytes(StandardCharsets.UTF_8), get("x").orElseThrow());
        Map<String, String> expected = Map.of("owner", "bob", "odd key", "line\nbreak \u00e9 =");
        assertEquals(expected, store().describe(SecretId.parse("x"), context()).orElseThrow().metadata());
        List<SecretInfo> listed = store().list(SecretPattern.parse("x"), context());
        assertEquals(expected, listed.get(0).metadata());
        try (Envelope envelope = store().get(SecretId.parse("x"), context()).orElseThrow()) {
            assertEquals(expected, envelope.metadata());
        }
    }

    @Test
    void removesOneAndOnlyThat() throws Exception {
        set("a", new byte[]{1});
        set("a/b", new byte[]{2});
        assertTrue(store().remove(SecretId.parse("a"), context()));
        assertFalse(store().remove(SecretId.parse("a"), context()));
        assertEquals(Optional.empty(), get("a"));
        assertEquals(Optional.empty(), store().describe(SecretId.parse("a"), context()));
        assertEquals(List.of("a/b"), list("**"));
    }

    @Test
    void losesNothingWhenManyWriteAtOnce() throws Exception {
        LocalStore store = store();
        try (ExecutorService pool = Executors.newFixedThreadPool(8)) {
            List<Future<?>> writes = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                String text = "v" + i;
                SecretId own = SecretId.parse("many/" + i);
                writes.add(pool.submit(() -> write(store, own, text)));
                writes.add(pool.submit(() -> write(store, SecretId.parse("same"), text)));
            }
            for (Future<?> write : writes) {
                write.get();
            }
        }
        assertEquals(40, list("many/*").size());
        assertEquals(List.of("same"), list("same"));
        assertTrue(new String(get("same").orElseThrow(), StandardCharsets.UTF_8).startsWith("v"));
    }

    private static boolean write(LocalStore store, SecretId id, String text) throws SecretsException {
        try (SecretValue value = SecretValue.wrap(text.getBytes(StandardCharsets.UTF_8))) {
            store.set(id, value, Map.of(), context());
            return true;
        }
    }

    private void set(String id, byte[] value) throws Exception {
        try (SecretValue secret = SecretValue.copyOf(value)) {
            store().set(SecretId.parse(id), secret, Map.of(), context());
        }
    }

    private void set(String id, String value, Map<String, String> metadata) throws Exception {
        try (SecretValue secret = SecretValue.wrap(value.getBytes(StandardCharsets.UTF_8))) {
            store().set(SecretId.parse(id), secret, metadata, context());
        }
    }

    private Optional<byte[]> get(String id) throws Exception {
        try (Envelope envelope = store().get(SecretId.parse(id), context()).orElse(null)) {
            return envelope == null ? Optional.empty() : Optional.of(envelope.value().copyBytes());
        }
    }

    private List<String> list(String pattern) throws Exception {
        return store().list(SecretPattern.parse(pattern), context()).stream().map(info -> info.id().toString()).sorted()
                .toList();
    }
}
