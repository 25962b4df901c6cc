package dev.secretsengine.keychain.macos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.NativeLibrary;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.keychain.macos.Attribute.Constant;
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.system.Keychain.Layout;
import dev.secretsengine.keychain.testing.NativeFake;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls by JNA, against a library with the signatures of Apple's headers. */
class JnaSecurityTest {

    private static final RequestContext CONTEXT = RequestContext.of(Duration.ofSeconds(20));
    private static final Layout LAYOUT = new Layout("g", "n");

    @TempDir
    Path folder;

    private NativeFake fake;
    private Security security;
    private Keychain keychain;

    @BeforeEach
    void load() throws Exception {
        fake = new NativeFake("security", folder);
        NativeLibrary library = fake.library();
        security = new JnaSecurity(library, new CoreFoundation(library));
        keychain = new MacKeychain(() -> security);
    }

    /** Each item that is kept holds six objects; nothing else may be left. */
    private void assertKept(int items) {
        assertEquals(6 * items, fake.outstanding());
    }

    @AfterEach
    void removeAll() throws Exception {
        for (SecretInfo info : keychain.list(LAYOUT, SecretPattern.parse("**"), CONTEXT)) {
            assertTrue(keychain.delete(LAYOUT, info.id(), CONTEXT));
        }
        assertKept(0);
    }

    private void set(String id, byte[] value, Map<String, String> metadata) throws Exception {
        try (SecretValue secret = SecretValue.copyOf(value)) {
            keychain.write(LAYOUT, SecretId.parse(id), secret, metadata, CONTEXT);
        }
    }

    @Test
    void keepsItems() throws Exception {
        byte[] value = {0, 1, (byte) 0xff};
        set("a/b", value, Map.of("owner", "al\u00efce \ud83d\udd11"));
        set("empty", new byte[0], Map.of());
        assertKept(2);
        List<Envelope> found = keychain.read(LAYOUT, SecretPattern.parse("**"), CONTEXT);
        assertEquals(2, found.size());
        for (Envelope envelope : found) {
            try (envelope) {
                boolean empty = envelope.id().toString().equals("empty");
                assertArrayEquals(empty ? new byte[0] : value, envelope.value().copyBytes());
                assertEquals(empty ? Map.of() : Map.of("owner", "al\u00efce \ud83d\udd11"), envelope.metadata());
            }
        }
        assertKept(2);
    }

    @Test
    void replacesInPlace() throws Exception {
        set("a", "one".getBytes(UTF_8), Map.of("k", "1"));
        set("a", "two".getBytes(UTF_8), Map.of());
        assertKept(1);
        List<SecretInfo> listed = keychain.list(LAYOUT, SecretPattern.parse("a"), CONTEXT);
        assertEquals(List.of(new SecretInfo(SecretId.parse("a"), Instant.parse("2026-01-02T03:04:05.600Z"), null,
                Map.of())), listed);
    }

    @Test
    void answersWhatTheFrameworkAnswers() throws Exception {
        set("a", new byte[]{1}, Map.of());
        Map<Attribute, Object> item = new EnumMap<>(Attribute.class);
        item.put(Attribute.CLASS, Constant.GENERIC_PASSWORD);
        item.put(Attribute.ACCOUNT, "a");
        item.put(Attribute.SERVICE, "n");
        assertEquals(-50, security.add(item), "it is not accessible after the first unlock");
        item.put(Attribute.ACCESSIBLE, Constant.AFTER_FIRST_UNLOCK);
        assertEquals(OsStatus.DUPLICATE_ITEM, security.add(item));
        item.put(Attribute.ACCOUNT, "b");
        assertEquals(OsStatus.ITEM_NOT_FOUND, security.delete(item));
        assertEquals(OsStatus.ITEM_NOT_FOUND, security.update(item, Map.of()));
        List<Map<Attribute, Object>> found = new ArrayList<>();
        item.put(Attribute.RETURN_ATTRIBUTES, true);
        assertEquals(OsStatus.ITEM_NOT_FOUND, security.find(item, found));
        item.put(Attribute.RETURN_ATTRIBUTES, false);
        assertEquals(-50, security.find(item, found));
        assertEquals(List.of(), found);
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("b"), CONTEXT));
    }
}
