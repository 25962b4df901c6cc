package dev.secretsengine.keychain.windows;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.system.Keychain.Layout;
import dev.secretsengine.keychain.testing.NativeFake;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The calls by JNA and the structures, against a library whose structures a C compiler laid out. */
class JnaCredentialsTest {

    @TempDir
    Path folder;

    private NativeFake fake;
    private Credentials credentials;

    @BeforeEach
    void load() throws Exception {
        fake = new NativeFake("advapi32", folder);
        credentials = new JnaCredentials(fake.library());
    }

    @AfterEach
    void checkThatAllWasFreed() {
        assertEquals(0, fake.outstanding());
    }

    private static Credential credential(String target, byte[] blob, Map<String, byte[]> attributes) {
        return new Credential(target, "user of " + target, blob, attributes, null);
    }

    @Test
    void writesAndReads() throws Exception {
        byte[] blob = {0, 1, (byte) 0xff};
        Map<String, byte[]> attributes = Map.of("x_k\u00e9y", "v\u00e4lue".getBytes(UTF_8), "empty", new byte[0]);
        credentials.write(credential("g:n:a/\ud83d\udd11", blob, attributes));
        Credential read = credentials.read("g:n:a/\ud83d\udd11").orElseThrow();
        assertEquals("g:n:a/\ud83d\udd11", read.target());
        assertEquals("user of g:n:a/\ud83d\udd11", read.userName());
        assertArrayEquals(blob, read.blob());
        assertEquals(attributes.keySet(), read.attributes().keySet());
        attributes.forEach((key, value) -> assertArrayEquals(value, read.attributes().get(key)));
        assertEquals(Instant.parse("2026-01-02T03:04:05.600Z"), read.lastWritten());
    }

    @Test
    void takesTheLargestAndTheSmallest() throws Exception {
        credentials.write(credential("large", new byte[2560], Map.of("k", new byte[256])));
        credentials.write(credential("small", new byte[0], Map.of()));
        assertEquals(2560, credentials.read("large").orElseThrow().blob().length);
        assertEquals(0, credentials.read("small").orElseThrow().blob().length);
    }

    @Test
    void listsWithoutValues() throws Exception {
        assertEquals(List.of(), credentials.list("g:n:*"));
        credentials.write(credential("g:n:a", new byte[]{1}, Map.of("k", new byte[]{2})));
        credentials.write(credential("g:n:b", new byte[]{1}, Map.of()));
        credentials.write(credential("other", new byte[]{1}, Map.of()));
        List<Credential> listed = credentials.list("g:n:*");
        assertEquals(List.of("g:n:a", "g:n:b"), listed.stream().map(Credential::target).toList());
        assertEquals(0, listed.getFirst().blob().length);
        assertArrayEquals(new byte[]{2}, listed.getFirst().attributes().get("k"));
    }

    @Test
    void deletes() throws Exception {
        credentials.write(credential("a", new byte[]{1}, Map.of()));
        assertTrue(credentials.delete("a"));
        assertFalse(credentials.delete("a"));
        assertEquals(Optional.empty(), credentials.read("a"));
    }

    @Test
    void leavesACredentialOfAnotherTypeAlone() throws Exception {
        try (CredentialMemory domain = new CredentialMemory(credential("g:n:v:chunk:0", new byte[]{1}, Map.of()))) {
            domain.pointer().setInt(CredentialMemory.TYPE, 2);
            assertEquals(1, fake.library().getFunction("CredWriteW").invokeInt(new Object[]{domain.pointer(), 0}));
        }
        assertEquals(Optional.empty(), credentials.read("g:n:v:chunk:0"));
        assertEquals(List.of(), credentials.list("g:n:*"));
        assertFalse(credentials.delete("g:n:v:chunk:0"));
        setLarge();
        assertEquals(2560, credentials.read("G:N:V:chunk:0").orElseThrow().blob().length);
    }

    @Test
    void refusesALargeValueWhoseChunkWouldReplaceAnotherCredential() throws Exception {
        credentials.write(credential("g:n:v:chunk:0", new byte[]{1}, Map.of()));
        assertThrows(SecretsException.Invalid.class, this::setLarge);
        assertArrayEquals(new byte[]{1}, credentials.read("g:n:v:chunk:0").orElseThrow().blob());
        assertEquals(1, credentials.list("g:n:*").size());
    }

    private void setLarge() throws Exception {
        try (SecretValue value = SecretValue.wrap("x".repeat(2000).getBytes(UTF_8))) {
            new WindowsKeychain(() -> credentials).write(new Layout("g", "n"), SecretId.parse("v"), value, Map.of(),
                    RequestContext.of(Duration.ofSeconds(20)));
        }
    }

    @Test
    void passesTheSystemsErrorOn() {
        Win32Exception thrown = assertThrows(Win32Exception.class,
                () -> credentials.write(credential("a", new byte[2561], Map.of())));
        assertEquals(Win32Exception.STUB_DATA, thrown.code());
    }

    @Test
    void laysTheStructuresOutAsDocumented() {
        try (CredentialMemory memory = new CredentialMemory(
                credential("t", new byte[]{7, 8}, Map.of("k", new byte[]{9})))) {
            Pointer structure = memory.pointer();
            assertEquals(80, ((Memory) structure).size());
            assertEquals(24, CredentialMemory.ATTRIBUTE_SIZE);
            assertEquals(0, structure.getInt(0), "Flags");
            assertEquals(1, structure.getInt(4), "Type");
            assertEquals("t", text(structure.getPointer(8)), "TargetName");
            assertEquals(null, structure.getPointer(16), "Comment");
            assertEquals(0, structure.getLong(24), "LastWritten");
            assertEquals(2, structure.getInt(32), "CredentialBlobSize");
            assertArrayEquals(new byte[]{7, 8}, structure.getPointer(40).getByteArray(0, 2), "CredentialBlob");
            assertEquals(2, structure.getInt(48), "Persist");
            assertEquals(1, structure.getInt(52), "AttributeCount");
            assertEquals(null, structure.getPointer(64), "TargetAlias");
            assertEquals("user of t", text(structure.getPointer(72)), "UserName");
            Pointer attribute = structure.getPointer(56);
            assertEquals("k", text(attribute.getPointer(0)), "Keyword");
            assertEquals(0, attribute.getInt(8), "Flags");
            assertEquals(1, attribute.getInt(12), "ValueSize");
            assertEquals(9, attribute.getPointer(16).getByte(0), "Value");
        }
    }

    private static String text(Pointer pointer) {
        int units = 0;
        while (pointer.getShort(2L * units) != 0) {
            units++;
        }
        return new String(pointer.getByteArray(0, 2 * units), StandardCharsets.UTF_16LE);
    }

    @Test
    void wipesTheValueWhereTheSystemPutIt() {
        Memory blob = new Memory(2);
        blob.write(0, new byte[]{7, 8}, 0, 2);
        Memory structure = new Memory(80);
        structure.clear();
        structure.setInt(32, 2);
        structure.setPointer(40, blob);
        try (Credential read = CredentialMemory.read(structure, true)) {
            assertArrayEquals(new byte[]{7, 8}, read.blob());
            assertArrayEquals(new byte[2], blob.getByteArray(0, 2));
            assertEquals("", read.userName());
            assertEquals(null, read.lastWritten());
        }
    }
}
