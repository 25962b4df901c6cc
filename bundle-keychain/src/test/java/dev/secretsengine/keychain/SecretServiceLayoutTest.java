package dev.secretsengine.keychain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.keychain.linux.Keyring;
import dev.secretsengine.keychain.linux.SecretService;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** How items look to other programs, with secret-tool as one of them. */
class SecretServiceLayoutTest {

    private static final String GROUP = "com.docker.pass.shared";
    private static final String NAME = "docker-pass-cli";

    private static Keyring keyring;
    private static SecretService service;
    private static KeychainStore store;

    @BeforeAll
    static void start() throws Exception {
        keyring = Keyring.unlocked();
        service = new SecretService(keyring.environment());
        store = new KeychainStore(service);
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
        keyring.close();
    }

    @Test
    void writesWhatOtherProgramsLookFor() throws Exception {
        set("myapp/db/password", "my_val", Map.of("owner", "alice"));
        assertEquals("my_val",
                keyring.secretTool("lookup", "id", "myapp/db/password", "service:group", GROUP, "service:name", NAME));
        List<String> shown = keyring.secretTool("search", "--all", "id", "myapp/db/password").lines().toList();
        assertTrue(shown.contains("label = " + GROUP + ":" + NAME + ":myapp/db/password"), shown.toString());
        assertTrue(shown.contains("attribute.service:group = " + GROUP), shown.toString());
        assertTrue(shown.contains("attribute.service:name = " + NAME), shown.toString());
        assertTrue(shown.contains("attribute.x_owner = alice"), shown.toString());
        assertTrue(keyring.service(Keyring.LOGIN, "org.freedesktop.Secret.Collection.SearchItems",
                "dict:string:string:id,myapp/db/password").contains(Keyring.LOGIN + "/"));
    }

    @Test
    void readsWhatAnotherProgramWrote() throws Exception {
        keyring.store("any label", "from outside", "id", "outside/one", "service:group", GROUP, "service:name", NAME,
                "x_owner", "bob", "foreign", "1");
        assertEquals("from outside", get("outside/one").orElseThrow());
        SecretInfo info = store.describe(SecretId.parse("outside/one"), context()).orElseThrow();
        assertEquals(Map.of("owner", "bob"), info.metadata());
    }

    @Test
    void noticesWhatAnotherProgramChanged() throws Exception {
        set("shared", "ours", Map.of());
        assertEquals("ours", get("shared").orElseThrow());
        keyring.store("label", "theirs", "id", "shared", "service:group", GROUP, "service:name", NAME);
        assertEquals("theirs", get("shared").orElseThrow());
        keyring.secretTool("clear", "id", "shared", "service:group", GROUP, "service:name", NAME);
        assertEquals(Optional.empty(), get("shared"));
        set("shared", "ours again", Map.of());
        assertEquals("ours again", get("shared").orElseThrow());
    }

    @Test
    void describesWhatAnotherProgramChanged() throws Exception {
        SecretId id = SecretId.parse("described/one");
        set("described/one", "v", Map.of("owner", "alice"));
        for (String pattern : List.of("**", "described/*")) {
            SecretInfo described = store.describe(id, context()).orElseThrow();
            assertEquals(Map.of("owner", "alice"), described.metadata());
            assertNotNull(described.createdAt());
            assertEquals(List.of(described), store.list(SecretPattern.parse(pattern), context()).stream()
                    .filter(info -> info.id().equals(id)).toList());
        }
        keyring.secretTool("clear", "id", "described/one");
        assertEquals(Optional.empty(), store.describe(id, context()));
        keyring.store("label", "x", "id", "described/one", "service:group", GROUP, "service:name", NAME, "x_owner",
                "bob");
        assertEquals(Map.of("owner", "bob"), store.describe(id, context()).orElseThrow().metadata());
    }

    @Test
    void leavesOneItemWhenMetadataChanges() throws Exception {
        set("changing", "1", Map.of("owner", "alice"));
        set("changing", "2", Map.of("owner", "bob", "more", "x"));
        set("changing", "3", Map.of());
        assertEquals(1, count("changing"));
        assertFalse(keyring.secretTool("search", "--all", "id", "changing").contains("attribute.x_"));
        assertEquals("3", get("changing").orElseThrow());
    }

    @Test
    void foldsDuplicatesIntoTheFirst() throws Exception {
        for (String owner : List.of("a", "b", "c")) {
            keyring.store("label " + owner, owner, "id", "twice", "service:group", GROUP, "service:name", NAME,
                    "x_owner", owner);
        }
        assertEquals(3, count("twice"));
        assertEquals(1, store.list(SecretPattern.parse("twice"), context()).size());
        assertEquals("a", get("twice").orElseThrow());
        set("twice", "new", Map.of());
        assertEquals(1, count("twice"));
        assertEquals("new", get("twice").orElseThrow());
        assertTrue(keyring.secretTool("search", "--all", "id", "twice")
                .contains("label = " + GROUP + ":" + NAME + ":twice"));
    }

    @Test
    void removesEveryDuplicate() throws Exception {
        for (String owner : List.of("a", "b")) {
            keyring.store("label", owner, "id", "gone", "service:group", GROUP, "service:name", NAME, "x_owner", owner);
        }
        assertTrue(store.remove(SecretId.parse("gone"), context()));
        assertEquals(0, count("gone"));
    }

    @Test
    void skipsItemsWithoutAValidId() throws Exception {
        keyring.store("bad", "x", "id", "not valid!", "service:group", GROUP, "service:name", NAME);
        keyring.store("none", "x", "service:group", GROUP, "service:name", NAME, "other", "1");
        set("valid/one", "1", Map.of());
        List<String> ids = store.list(SecretPattern.parse("valid/*"), context()).stream()
                .map(info -> info.id().toString()).toList();
        assertEquals(List.of("valid/one"), ids);
        List<Envelope> all = store.getSecrets(SecretPattern.parse("**"), context());
        all.forEach(Envelope::close);
        assertTrue(all.stream().anyMatch(envelope -> envelope.id().toString().equals("valid/one")));
    }

    @Test
    void keepsItsItemsInTheLoginKeyringAlone() throws Exception {
        keyring.service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SetAlias", "string:default",
                "objpath:/org/freedesktop/secrets/collection/session");
        SecretService other = new SecretService(keyring.environment());
        try (other; SecretValue value = SecretValue.copyOf(new byte[]{1})) {
            new KeychainStore(other).set(SecretId.parse("lasting"), value, Map.of(), context());
        } finally {
            keyring.service("/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SetAlias", "string:default",
                    "objpath:" + Keyring.LOGIN);
        }
        assertTrue(keyring.service(Keyring.LOGIN, "org.freedesktop.Secret.Collection.SearchItems",
                "dict:string:string:id,lasting").contains(Keyring.LOGIN + "/"));
    }

    private static long count(String id) throws Exception {
        return keyring.secretTool("search", "--all", "id", id).lines().filter(line -> line.startsWith("[")).count();
    }

    private static void set(String id, String text, Map<String, String> metadata) throws Exception {
        try (SecretValue value = SecretValue.wrap(text.getBytes(StandardCharsets.UTF_8))) {
            store.set(SecretId.parse(id), value, metadata, context());
        }
    }

    private static Optional<String> get(String id) throws Exception {
        try (Envelope envelope = store.get(SecretId.parse(id), context()).orElse(null)) {
            return Optional.ofNullable(envelope)
                    .map(found -> new String(found.value().copyBytes(), StandardCharsets.UTF_8));
        }
    }

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(10));
    }
}
