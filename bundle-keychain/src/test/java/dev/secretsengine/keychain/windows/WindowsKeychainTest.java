package dev.secretsengine.keychain.windows;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WindowsKeychainTest {

    private static final Layout LAYOUT = new Layout("com.docker.pass.shared", "docker-pass-cli");
    private static final String LABEL = "com.docker.pass.shared:docker-pass-cli:";
    private static final RequestContext CONTEXT = RequestContext.of(Duration.ofSeconds(20));

    private final FakeCredentials credentials = FakeCredentials.ignoringCase();
    private final Keychain keychain = credentials.keychain();

    private void set(String id, byte[] value, Map<String, String> metadata) throws SecretsException {
        try (SecretValue secret = SecretValue.copyOf(value)) {
            keychain.write(LAYOUT, SecretId.parse(id), secret, metadata, CONTEXT);
        }
    }

    private void set(String id, String value) throws SecretsException {
        set(id, value.getBytes(UTF_8), Map.of());
    }

    private byte[] get(String id) throws SecretsException {
        List<Envelope> found = keychain.read(LAYOUT, SecretPattern.parse(id), CONTEXT);
        assertEquals(1, found.size());
        try (Envelope envelope = found.getFirst()) {
            return envelope.value().copyBytes();
        }
    }

    private List<String> list(String pattern) throws SecretsException {
        return keychain.list(LAYOUT, SecretPattern.parse(pattern), CONTEXT).stream().map(SecretInfo::id)
                .map(SecretId::toString).sorted().toList();
    }

    private Credential stored(String target) {
        return credentials.credentials.get((LABEL + target).toLowerCase(Locale.ROOT));
    }

    private static Map<String, String> texts(Credential credential) {
        Map<String, String> texts = new TreeMap<>();
        credential.attributes().forEach((key, value) -> texts.put(key, new String(value, UTF_8)));
        return texts;
    }

    /** As another program would. */
    private void plant(String target, String userName, byte[] blob, Map<String, String> attributes) throws Exception {
        Map<String, byte[]> bytes = new HashMap<>();
        attributes.forEach((key, value) -> bytes.put(key, value.getBytes(UTF_8)));
        credentials.write(new Credential(target, userName, blob, bytes, null));
    }

    @Test
    void laysASecretOutAsDockerDoes() throws Exception {
        set("myapp/db/password", "pa\u00dfw\ud83d\udd11rd".getBytes(UTF_8), Map.of("owner", "alice", "id", "mine"));
        Credential credential = stored("myapp/db/password");
        assertEquals(LABEL + "myapp/db/password", credential.target());
        assertEquals("myapp/db/password", credential.userName());
        assertArrayEquals("pa\u00dfw\ud83d\udd11rd".getBytes(UTF_16LE), credential.blob());
        assertEquals(Map.of("id", "myapp/db/password", "service:group", "com.docker.pass.shared", "service:name",
                "docker-pass-cli", "x_owner", "alice", "x_id", "mine"), texts(credential));
    }

    @Test
    void cutsALargeValueIntoChunks() throws Exception {
        String value = "\u00e9".repeat(1280) + "\ud83d\udd11".repeat(2000) + "end";
        set("big", value);
        byte[] blob = value.getBytes(UTF_16LE);
        int chunks = Math.ceilDiv(blob.length, 2560);
        assertEquals(chunks + 1, credentials.credentials.size());
        assertEquals(Integer.toString(chunks), texts(stored("big")).get("chunk:count"));
        assertEquals(0, stored("big").blob().length);
        for (int i = 0; i < chunks; i++) {
            Credential chunk = stored("big:chunk:" + i);
            assertEquals(Map.of("chunk:index", Integer.toString(i)), texts(chunk));
            assertEquals("big", chunk.userName());
            assertArrayEquals(Arrays.copyOfRange(blob, i * 2560, Math.min(blob.length, (i + 1) * 2560)),
                    chunk.blob());
        }
        assertArrayEquals(value.getBytes(UTF_8), get("big"));
        assertEquals(List.of("big"), list("**"));
    }

    @Test
    void needsNoChunksForExactlyOneBlob() throws Exception {
        set("edge", "x".repeat(1280));
        assertEquals(1, credentials.credentials.size());
        set("edge", "x".repeat(1281));
        assertEquals(3, credentials.credentials.size());
        assertArrayEquals("x".repeat(1281).getBytes(UTF_8), get("edge"));
    }

    @Test
    void removesOldChunksBeforeNewOnesAndTheMainOneLast() throws Exception {
        set("v", "x".repeat(3000));
        credentials.changes.clear();
        set("v", "y".repeat(2000));
        assertEquals(List.of("delete " + LABEL + "v:chunk:2", "delete " + LABEL + "v:chunk:1",
                "delete " + LABEL + "v:chunk:0", "write " + LABEL + "v:chunk:0", "write " + LABEL + "v:chunk:1",
                "write " + LABEL + "v"), credentials.changes);
    }

    @Test
    void replacesWithASmallValueInOneStepAndLeavesNoChunk() throws Exception {
        set("v", "x".repeat(2000));
        credentials.changes.clear();
        set("v", "small");
        assertEquals("write " + LABEL + "v", credentials.changes.getFirst());
        assertEquals(1, credentials.credentials.size());
        assertFalse(texts(stored("v")).containsKey("chunk:count"));
        assertArrayEquals("small".getBytes(UTF_8), get("v"));
    }

    @Test
    void keepsTheOldValueWhenTheChunksOfANewOneCannotBeWritten() throws Exception {
        set("v", "old");
        credentials.failAfter(2);
        assertThrows(SecretsException.Denied.class, () -> set("v", "y".repeat(6000)));
        assertArrayEquals("old".getBytes(UTF_8), get("v"));
        assertEquals(1, credentials.credentials.size(), "nothing of the new one is left");
    }

    @Test
    void removesASecretWithItsChunks() throws Exception {
        set("v", "x".repeat(3000));
        set("v2", "kept");
        assertTrue(keychain.delete(LAYOUT, SecretId.parse("v"), CONTEXT));
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("v"), CONTEXT));
        assertEquals(List.of("v2"), list("**"));
        assertEquals(1, credentials.credentials.size());
    }

    @Test
    void keepsBytesThatAreNoTextAsBase64() throws Exception {
        byte[] value = {(byte) 0xff, 0, (byte) 0x80, 10};
        set("binary", value, Map.of());
        assertEquals("base64", texts(stored("binary")).get("encoding"));
        assertArrayEquals("/wCACg==".getBytes(UTF_16LE), stored("binary").blob());
        assertArrayEquals(value, get("binary"));
        set("binary", "text");
        assertNull(texts(stored("binary")).get("encoding"));
    }

    @Test
    void readsWhatDockerWrote() throws Exception {
        // Without the attribute id, as older versions did, and with a byte order mark that is part of the value.
        plant(LABEL + "theirs", "theirs", "\ufeffvalue".getBytes(UTF_16LE), Map.of("service:group",
                "com.docker.pass.shared", "service:name", "docker-pass-cli", "x_a", "b", "other", "dropped"));
        assertArrayEquals("\ufeffvalue".getBytes(UTF_8), get("theirs"));
        assertEquals(Map.of("a", "b"),
                keychain.list(LAYOUT, SecretPattern.parse("theirs"), CONTEXT).getFirst().metadata());
    }

    @Test
    void leavesTheCredentialsOfOthersOut() throws Exception {
        plant(LABEL + "a//b", "a//b", new byte[0], Map.of("service:group", "com.docker.pass.shared", "service:name",
                "docker-pass-cli"));
        plant(LABEL + "bare", "bare", new byte[0], Map.of());
        plant("git:https://github.com", "alice", new byte[2], Map.of());
        assertEquals(List.of(), list("**"));
        assertEquals(List.of(), keychain.read(LAYOUT, SecretPattern.parse("bare"), CONTEXT));
        assertThrows(SecretsException.Invalid.class, () -> set("bare", "x"), "it is not ours to replace");
    }

    @Test
    void refusesToTakeOneSpellingForAnother() throws Exception {
        set("Token", "one");
        SecretsException refused = assertThrows(SecretsException.Invalid.class, () -> set("token", "two"));
        assertEquals("the Credential Manager does not tell token from Token, which is there already",
                refused.getMessage());
        assertEquals(List.of(), keychain.read(LAYOUT, SecretPattern.parse("token"), CONTEXT));
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("token"), CONTEXT));
        assertArrayEquals("one".getBytes(UTF_8), get("Token"));
    }

    /** What docker's own tool makes of {@code docker pass set}. */
    private void plantSecret(String id) throws Exception {
        plant(LABEL + id, id, "theirs".getBytes(UTF_16LE), Map.of("id", id, "service:group",
                "com.docker.pass.shared", "service:name", "docker-pass-cli"));
    }

    private void assertSetRefused(String id, String value, String message) {
        credentials.changes.clear();
        SecretsException refused = assertThrows(SecretsException.Invalid.class, () -> set(id, value));
        assertEquals(message, refused.getMessage());
        assertEquals(List.of(), credentials.changes, "nothing was changed");
    }

    @Test
    void refusesAnIdThatIsTheNameOfAChunk() throws Exception {
        String refused = "IDs ending in :chunk: and a number are reserved for parts of large values in the Credential"
                + " Manager";
        assertSetRefused("v:chunk:0", "x", refused);
        assertSetRefused("v:CHUNK:0", "x", refused);
        set("v", "x".repeat(3000));
        assertSetRefused("v:chunk:0", "x", refused);
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("v:chunk:0"), CONTEXT));
        assertArrayEquals("x".repeat(3000).getBytes(UTF_8), get("v"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 2})
    void refusesALargeValueWhoseChunkWouldReplaceAnotherSecret(int index) throws Exception {
        String other = "v:chunk:" + index;
        plantSecret(other);
        String message = "the Credential Manager already has another credential named \"" + LABEL + other + "\"";
        assertSetRefused("v", "x".repeat(3000), message);
        set("v", "old");
        assertSetRefused("v", "x".repeat(3000), message);
        assertArrayEquals("old".getBytes(UTF_8), get("v"));
        assertArrayEquals("theirs".getBytes(UTF_8), get(other));
        assertEquals(List.of("v", other), list("**"));
    }

    @Test
    void keepsALargeValueThatCannotGrow() throws Exception {
        set("v", "x".repeat(2000));
        plantSecret("v:chunk:2");
        assertThrows(SecretsException.Invalid.class, () -> set("v", "y".repeat(3000)));
        assertArrayEquals("x".repeat(2000).getBytes(UTF_8), get("v"));
        set("v", "z".repeat(1500));
        assertArrayEquals("z".repeat(1500).getBytes(UTF_8), get("v"));
        assertArrayEquals("theirs".getBytes(UTF_8), get("v:chunk:2"));
    }

    @ParameterizedTest
    @CsvSource({"w, 0", "V, 0", "alice, 0", "v, 1", "v, 00", "v, "})
    void keepsACredentialThatIsNoChunkOfTheSecret(String userName, String index) throws Exception {
        set("v", "old");
        plant(LABEL + "v:chunk:0", userName, new byte[]{1}, index == null ? Map.of() : Map.of("chunk:index", index));
        assertThrows(SecretsException.Invalid.class, () -> set("v", "x".repeat(3000)));
        set("v", "small");
        assertEquals(List.of("v"), list("**"));
        assertTrue(keychain.delete(LAYOUT, SecretId.parse("v"), CONTEXT));
        assertArrayEquals(new byte[]{1}, stored("v:chunk:0").blob());
    }

    @Test
    void keepsAnotherSecretWhenASmallValueIsSetOrRemoved() throws Exception {
        plantSecret("v:chunk:0");
        set("v", "small");
        assertTrue(keychain.delete(LAYOUT, SecretId.parse("v"), CONTEXT));
        assertEquals(List.of("v:chunk:0"), list("**"));
        assertArrayEquals("theirs".getBytes(UTF_8), get("v:chunk:0"));
        assertTrue(keychain.delete(LAYOUT, SecretId.parse("v:chunk:0"), CONTEXT));
    }

    @Test
    void neverReadsAnotherCredentialAsAChunk() throws Exception {
        set("v", "x".repeat(3000));
        plant(LABEL + "v:chunk:1", "alice", new byte[2560], Map.of("chunk:index", "1"));
        assertThrows(SecretsException.Invalid.class, () -> get("v"));
    }

    @Test
    void removesWhatAnInterruptedWriteHasLeft() throws Exception {
        for (int i = 0; i < 5; i++) {
            plant(LABEL + "v:chunk:" + i, "v", new byte[]{'o', 0}, Map.of("chunk:index", Integer.toString(i)));
        }
        assertEquals(List.of(), list("**"));
        assertEquals(List.of(), keychain.read(LAYOUT, SecretPattern.parse("v"), CONTEXT));
        set("v", "x".repeat(2000));
        assertArrayEquals("x".repeat(2000).getBytes(UTF_8), get("v"));
        assertEquals(3, credentials.credentials.size());
        credentials.delete(LABEL + "v");
        assertFalse(keychain.delete(LAYOUT, SecretId.parse("v"), CONTEXT), "there is no secret");
        assertEquals(Map.of(), credentials.credentials, "and nothing of its value is left");
    }

    @Test
    void refusesWhatACredentialCannotHold() throws Exception {
        byte[] value = {'x'};
        assertThrows(SecretsException.Invalid.class, () -> set("m", value, Map.of("k", "v".repeat(257))));
        assertThrows(SecretsException.Invalid.class, () -> set("m", value, Map.of("k".repeat(255), "v")));
        assertThrows(SecretsException.Invalid.class, () -> set("x".repeat(514), value, Map.of()));
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 62; i++) {
            many.put("k" + i, "v");
        }
        assertThrows(SecretsException.Invalid.class, () -> set("m", value, many));
        assertEquals(Map.of(), credentials.credentials);
    }

    @Test
    void saysThatAValueIsIncomplete() throws Exception {
        set("v", "x".repeat(3000));
        credentials.delete(LABEL + "v:chunk:1");
        assertThrows(SecretsException.Invalid.class, () -> get("v"));
        assertEquals(List.of("v"), list("**"));
        for (String count : List.of("", "x", "-1", "0", "99999999")) {
            plant(LABEL + "v", "v", new byte[0], Map.of("id", "v", "service:group", "com.docker.pass.shared",
                    "service:name", "docker-pass-cli", "chunk:count", count));
            assertThrows(SecretsException.Invalid.class, () -> get("v"), count);
        }
        set("v", "mended");
        assertArrayEquals("mended".getBytes(UTF_8), get("v"));
    }

    @Test
    void saysThatAValueIsNoText() throws Exception {
        plant(LABEL + "v", "v", new byte[]{0, (byte) 0xd8, 'x'}, Map.of("service:group", "com.docker.pass.shared",
                "service:name", "docker-pass-cli"));
        assertThrows(SecretsException.Invalid.class, () -> get("v"));
    }

    @ParameterizedTest
    @CsvSource({"5, Denied", "87, Failed", "1004, Failed", "1312, Unavailable", "1783, Invalid", "2202, Invalid",
            "8, Failed"})
    void namesEachFailure(int code, String kind) throws Exception {
        set("there", "x".repeat(2000));
        for (String function : List.of("read", "list", "write", "delete")) {
            FakeCredentials failing = FakeCredentials.ignoringCase();
            failing.credentials.putAll(credentials.credentials);
            failing.fail(function, code);
            Keychain broken = failing.keychain();
            SecretsException thrown = assertThrows(SecretsException.class, () -> {
                switch (function) {
                    case "read" -> broken.read(LAYOUT, SecretPattern.parse("there"), CONTEXT);
                    case "list" -> broken.list(LAYOUT, SecretPattern.parse("**"), CONTEXT);
                    case "delete" -> broken.delete(LAYOUT, SecretId.parse("there"), CONTEXT);
                    default -> {
                        try (SecretValue value = SecretValue.copyOf(new byte[]{1})) {
                            broken.write(LAYOUT, SecretId.parse("there"), value, Map.of(), CONTEXT);
                        }
                    }
                }
            });
            assertEquals(kind, thrown.getClass().getSimpleName(), function);
            assertFalse(thrown.hint().isEmpty(), function);
        }
    }

    @ParameterizedTest
    @CsvSource({"1312, ABSENT", "5, LOCKED", "8, LOCKED"})
    void probes(int code, State state) {
        assertEquals(new Probe(State.READY, ""), keychain.probe(LAYOUT, CONTEXT));
        credentials.fail("list", code);
        Probe probe = keychain.probe(LAYOUT, CONTEXT);
        assertEquals(state, probe.state());
        assertFalse(probe.message().isEmpty());
    }

    @Test
    void isAbsentWhereTheLibraryIsMissing() {
        Keychain without = new WindowsKeychain(() -> {
            throw new NoClassDefFoundError("com/sun/jna/NativeLibrary");
        });
        assertEquals(State.ABSENT, without.probe(LAYOUT, CONTEXT).state());
        assertThrows(SecretsException.Unavailable.class,
                () -> without.list(LAYOUT, SecretPattern.parse("**"), CONTEXT));
    }
}
