package dev.secretsengine.keychain.macos;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.macos.Attribute.Constant;
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MacKeychainTest {

    private static final Layout LAYOUT = new Layout("com.docker.pass.shared", "docker-pass-cli");
    private static final RequestContext CONTEXT = RequestContext.of(Duration.ofSeconds(20));

    private final FakeSecurity security = new FakeSecurity();
    private final Keychain keychain = security.keychain();

    private static void set(Keychain into, String id, String value, Map<String, String> metadata)
            throws SecretsException {
        try (SecretValue secret = SecretValue.wrap(value.getBytes(UTF_8))) {
            into.write(LAYOUT, SecretId.parse(id), secret, metadata, CONTEXT);
        }
    }

    private Optional<String> get(String id) throws SecretsException {
        List<Envelope> found = keychain.read(LAYOUT, SecretPattern.parse(id), CONTEXT);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Envelope envelope = found.getFirst()) {
            return Optional.of(new String(envelope.value().copyBytes(), UTF_8));
        }
    }

    private List<SecretInfo> list() throws SecretsException {
        return keychain.list(LAYOUT, SecretPattern.parse("**"), CONTEXT);
    }

    /** As another program would. */
    private Map<Attribute, Object> plant(String account, byte[] generic) {
        Map<Attribute, Object> item = new EnumMap<>(Attribute.class);
        item.put(Attribute.CLASS, Constant.GENERIC_PASSWORD);
        item.put(Attribute.SERVICE, "docker-pass-cli");
        item.put(Attribute.ACCOUNT, account);
        item.put(Attribute.DATA, "theirs".getBytes(UTF_8));
        if (generic != null) {
            item.put(Attribute.GENERIC, generic);
        }
        security.items.add(item);
        return item;
    }

    @Test
    void laysASecretOutAsDockerDoes() throws Exception {
        set(keychain, "myapp/db/password", "s3cr3t", Map.of("owner", "alice"));
        Map<Attribute, Object> item = security.items.getFirst();
        assertEquals(Constant.GENERIC_PASSWORD, item.get(Attribute.CLASS));
        assertEquals(Constant.AFTER_FIRST_UNLOCK, item.get(Attribute.ACCESSIBLE));
        assertEquals("myapp/db/password", item.get(Attribute.ACCOUNT));
        assertEquals("docker-pass-cli", item.get(Attribute.SERVICE));
        assertEquals("com.docker.pass.shared", item.get(Attribute.ACCESS_GROUP));
        assertEquals("com.docker.pass.shared:docker-pass-cli:myapp/db/password", item.get(Attribute.LABEL));
        assertArrayEquals("s3cr3t".getBytes(UTF_8), (byte[]) item.get(Attribute.DATA));
        assertEquals(Optional.of(Map.of("id", "myapp/db/password", "service:group", "com.docker.pass.shared",
                "service:name", "docker-pass-cli", "x_owner", "alice")),
                Gob.decode((byte[]) item.get(Attribute.GENERIC)));
    }

    @Test
    void replacesInPlace() throws Exception {
        set(keychain, "a", "one", Map.of("k", "1"));
        security.calls.clear();
        set(keychain, "a", "two", Map.of());
        assertEquals(List.of("find", "update"), security.calls, "never removed and added");
        assertEquals(Optional.of("two"), get("a"));
        assertEquals(Map.of(), list().getFirst().metadata());
        assertNotNull(list().getFirst().createdAt());
    }

    @Test
    void updatesWhatAnotherProgramAddedMeanwhile() throws Exception {
        FakeSecurity late = new FakeSecurity();
        Security racing = new Security() {

            @Override
            public int add(Map<Attribute, Object> item) {
                late.add(item);
                return late.add(item);
            }

            @Override
            public int update(Map<Attribute, Object> query, Map<Attribute, Object> changes) {
                return late.update(query, changes);
            }

            @Override
            public int delete(Map<Attribute, Object> query) {
                return late.delete(query);
            }

            @Override
            public int find(Map<Attribute, Object> query, List<Map<Attribute, Object>> found) {
                return late.find(query, found);
            }
        };
        set(new MacKeychain(() -> racing), "a", "ours", Map.of());
        assertEquals(List.of("find", "update", "add", "add", "find", "update"), late.calls);
    }

    @Test
    void leavesTheItemsOfOthersAlone() throws Exception {
        plant("bare", null);
        plant("broken", "no gob".getBytes(UTF_8));
        plant("not//an/id", Gob.encode(Map.of("service:group", "com.docker.pass.shared")));
        plant("other", Gob.encode(Map.of("service:group", "com.docker.pass", "x_a", "b")));
        assertEquals(List.of(), list());
        assertEquals(Optional.empty(), get("bare"));
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("other"), CONTEXT));
        for (String id : List.of("bare", "other")) {
            SecretsException refused = assertThrows(SecretsException.Invalid.class,
                    () -> set(keychain, id, "x", Map.of()));
            assertEquals("another program has an item of this name in the keychain", refused.getMessage());
        }
        assertEquals(4, security.items.size());
    }

    /** The framework changes and deletes every item of the account and service, in all keychains of the search list. */
    @Test
    void leavesAnItemOfAnotherKeychainAlone() throws Exception {
        set(keychain, "a", "ours", Map.of());
        Map<Attribute, Object> other = plant("a", null);
        security.calls.clear();
        for (Executable change : List.<Executable>of(() -> set(keychain, "a", "new", Map.of()),
                () -> keychain.delete(LAYOUT, SecretId.parse("a"), CONTEXT))) {
            SecretsException refused = assertThrows(SecretsException.Invalid.class, change);
            assertEquals("another program has an item of this name in the keychain", refused.getMessage());
        }
        assertFalse(security.calls.contains("update") || security.calls.contains("delete"), security.calls.toString());
        assertEquals(Optional.of("ours"), get("a"));
        assertArrayEquals("theirs".getBytes(UTF_8), (byte[]) other.get(Attribute.DATA));
    }

    @Test
    void takesNoItemWithoutDataForAnEmptyValue() throws Exception {
        set(keychain, "a", "", Map.of());
        assertEquals(Optional.of(""), get("a"));
        security.items.getFirst().remove(Attribute.DATA);
        SecretsException refused = assertThrows(SecretsException.Unavailable.class, () -> get("a"));
        assertEquals("the keychain did not return the value of this item", refused.getMessage());
    }

    @Test
    void readsWhatDockerWrote() throws Exception {
        plant("theirs", Gob.encode(Map.of("id", "theirs", "service:group", "com.docker.pass.shared", "service:name",
                "docker-pass-cli", "x_a", "b")));
        assertEquals(Optional.of("theirs"), get("theirs"));
        assertEquals(Map.of("a", "b"), list().getFirst().metadata());
    }

    @ParameterizedTest
    @CsvSource({"-25308, Unavailable", "-25315, Unavailable", "-25291, Unavailable", "-25294, Unavailable",
            "-25295, Unavailable", "-25307, Unavailable", "-34018, Unavailable", "-25293, Denied", "-128, Denied",
            "-25243, Denied", "-25292, Failed", "-26275, Invalid", "-50, Failed", "-4, Failed", "-108, Failed"})
    void namesEachFailure(int status, String kind) throws Exception {
        set(keychain, "there", "x", Map.of());
        for (String function : List.of("find", "update", "add", "delete")) {
            FakeSecurity failing = new FakeSecurity();
            failing.items.addAll(security.items);
            failing.fail(function, status);
            Keychain broken = failing.keychain();
            SecretsException thrown = assertThrows(SecretsException.class, () -> {
                switch (function) {
                    case "find" -> broken.read(LAYOUT, SecretPattern.parse("there"), CONTEXT);
                    case "delete" -> broken.delete(LAYOUT, SecretId.parse("there"), CONTEXT);
                    case "add" -> set(broken, "new", "x", Map.of());
                    default -> set(broken, "there", "x", Map.of());
                }
            });
            assertEquals(kind, thrown.getClass().getSimpleName(), function);
            assertFalse(thrown.hint().isEmpty(), function);
        }
    }

    @ParameterizedTest
    @CsvSource({"-25300, READY", "-25291, ABSENT", "-25294, ABSENT", "-25295, ABSENT", "-25307, ABSENT",
            "-34018, ABSENT", "-25308, LOCKED", "-25293, LOCKED", "-50, LOCKED"})
    void probes(int status, State state) {
        security.fail("find", status);
        assertEquals(state, keychain.probe(LAYOUT, CONTEXT).state());
    }

    @Test
    void isReadyWhenItIsEmptyAndWhenItIsNot() throws Exception {
        assertEquals(new Probe(State.READY, ""), keychain.probe(LAYOUT, CONTEXT));
        set(keychain, "a", "x", Map.of());
        assertEquals(new Probe(State.READY, ""), keychain.probe(LAYOUT, CONTEXT));
    }

    @ParameterizedTest
    @ValueSource(strings = {"read", "list", "write", "delete"})
    void waitsForAPromptNoLongerThanItsContextAllows(String call) throws Exception {
        set(keychain, "a", "x", Map.of());
        CountDownLatch answer = security.ask();
        RequestContext hurried = RequestContext.of(Duration.ofMillis(50));
        SecretsException thrown = assertThrows(SecretsException.Unavailable.class, () -> {
            switch (call) {
                case "read" -> keychain.read(LAYOUT, SecretPattern.parse("a"), hurried);
                case "list" -> keychain.list(LAYOUT, SecretPattern.parse("a"), hurried);
                case "delete" -> keychain.delete(LAYOUT, SecretId.parse("a"), hurried);
                default -> {
                    try (SecretValue value = SecretValue.copyOf(new byte[]{'y'})) {
                        keychain.write(LAYOUT, SecretId.parse("a"), value, Map.of(), hurried);
                    }
                }
            }
        });
        assertEquals("the keychain did not answer in time", thrown.getMessage());
        answer.countDown();
        assertTrue(keychain.probe(LAYOUT, CONTEXT).state() == State.READY, "and goes on afterwards");
    }

    @Test
    void isAbsentWhereTheLibraryIsMissing() {
        Keychain without = new MacKeychain(() -> {
            throw new NoClassDefFoundError("com/sun/jna/NativeLibrary");
        });
        assertEquals(State.ABSENT, without.probe(LAYOUT, CONTEXT).state());
        assertThrows(SecretsException.Unavailable.class,
                () -> without.list(LAYOUT, SecretPattern.parse("**"), CONTEXT));
    }
}
