package dev.secretsengine.keychain;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The keychain of whoever runs it, whatever the system is. By its name no part of a build: docs/platforms.md says how to
 * run it. It has a service group of its own unless told otherwise, touches nothing but {@code check/**}, and removes what
 * it stored unless told otherwise.
 */
class LiveKeychain {

    private static final Layout LAYOUT = new Layout(System.getProperty("check.group", "dev.secretsengine.check"),
            "docker-pass-cli");
    private static final SecretPattern OURS = SecretPattern.parse("check/**");

    private final Keychain keychain = KeychainActivator.ofThisSystem(System.getProperty("os.name"));

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(100), new Cancellation(), System.getenv());
    }

    @AfterEach
    void tidyUp() throws Exception {
        if (!Boolean.getBoolean("check.keep")) {
            removeAll();
        }
    }

    @BeforeEach
    void removeAll() throws Exception {
        for (SecretInfo info : keychain.list(LAYOUT, OURS, context())) {
            assertTrue(keychain.delete(LAYOUT, info.id(), context()));
        }
    }

    private void set(String id, byte[] value, Map<String, String> metadata) throws Exception {
        try (SecretValue secret = SecretValue.copyOf(value)) {
            keychain.write(LAYOUT, SecretId.parse(id), secret, metadata, context());
        }
    }

    private byte[] get(String id) throws Exception {
        List<Envelope> found = keychain.read(LAYOUT, SecretPattern.parse(id), context());
        assertEquals(1, found.size());
        try (Envelope envelope = found.getFirst()) {
            return envelope.value().copyBytes();
        }
    }

    @Test
    void isReady() {
        assertEquals(new Probe(State.READY, ""), keychain.probe(LAYOUT, context()));
    }

    @Test
    void keepsEveryKindOfValue() throws Exception {
        byte[] large = new byte[1 << 20];
        new Random(1).nextBytes(large);
        for (byte[] value : List.of(new byte[0], "s3cr3t".getBytes(UTF_8),
                "\u00fc\ud83d\udd11".repeat(3000).getBytes(UTF_8),
                new byte[]{0, (byte) 0xff}, large, "small again".getBytes(UTF_8))) {
            set("check/value", value, Map.of());
            assertArrayEquals(value, get("check/value"));
        }
        assertEquals(1, keychain.list(LAYOUT, OURS, context()).size());
    }

    @Test
    void replacesValueAndMetadata() throws Exception {
        set("check/a", "one".getBytes(UTF_8), Map.of("owner", "alice", "old", "1"));
        set("check/a", "two".getBytes(UTF_8), Map.of("owner", "b\u00f6b"));
        assertArrayEquals("two".getBytes(UTF_8), get("check/a"));
        SecretInfo info = keychain.list(LAYOUT, SecretPattern.parse("check/*"), context()).getFirst();
        assertEquals(Map.of("owner", "b\u00f6b"), info.metadata());
        assertTrue(info.modifiedAt() != null);
    }

    @Test
    void removesOneAndOnlyThat() throws Exception {
        set("check/a", new byte[]{'1'}, Map.of());
        set("check/a/b", new byte[]{'2'}, Map.of());
        assertTrue(keychain.delete(LAYOUT, SecretId.parse("check/a"), context()));
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("check/a"), context()));
        assertArrayEquals(new byte[]{'2'}, get("check/a/b"));
    }
}
