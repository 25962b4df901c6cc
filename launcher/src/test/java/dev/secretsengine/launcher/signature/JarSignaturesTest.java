package dev.secretsengine.launcher.signature;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.host.SampleBundle;
import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars signed with the JDK's own tools. */
class JarSignaturesTest {

    @TempDir
    static Path keys;

    @TempDir
    Path temp;

    private Path folder;
    private Path jar;
    private Signer signer;
    private JarSignatures signatures;

    @BeforeEach
    void makeAJar() throws Exception {
        folder = temp.toRealPath();
        jar = folder.resolve("sample.jar");
        SampleBundle.drop(jar, "org.example.sample", "1.0.0", "");
        signer = new Signer(keys, folder);
        signatures = new JarSignatures(new EngineConfig(folder.resolve("config.toml")),
                FolderTrust.ofThisProcess(), folder);
    }

    private void require(Path... certificates) throws IOException {
        String list = Arrays.stream(certificates).map(path -> '"' + path.toString() + '"').toList().toString();
        Files.writeString(folder.resolve("config.toml"),
                "[plugins]\nrequire-signature = true\ntrusted-certificates = " + list + "\n");
    }

    private String check() throws Exception {
        return signatures.check(Files.readAllBytes(jar), signatures.rules());
    }

    private String refusal() {
        return String.valueOf(assertThrows(JarSignatures.RefusedException.class, this::check).getMessage());
    }

    @Test
    void takesAnyJarWhereNoSignatureIsRequired() throws Exception {
        assertEquals("", check());
        signer.key("alice");
        signer.sign(jar, "alice");
        assertEquals("CN=alice", check());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.filter(file -> file.getFileName().toString().startsWith("signed")).toList());
        }
    }

    /** Then the directory of its names is not where it usually is. */
    @Test
    void findsTheSignatureOfAJarWithAComment() throws Exception {
        signer.key("alice");
        signer.sign(jar, "alice");
        byte[] bytes = Files.readAllBytes(jar);
        byte[] comment = "made for the test, and longer than the record in front of it".getBytes(UTF_8);
        bytes[bytes.length - 2] = (byte) comment.length;
        Files.write(jar, bytes);
        Files.write(jar, comment, StandardOpenOption.APPEND);
        assertEquals("CN=alice", check());
        assertThrows(IOException.class,
                () -> signatures.check("a .SF, and no jar".getBytes(UTF_8), signatures.rules()));
        assertEquals("", signatures.check(new byte[0], signatures.rules()));
    }

    @Test
    void takesOnlyWhatAListedCertificateHasSigned() throws Exception {
        Path alice = signer.key("alice");
        Path bob = signer.key("bob");
        require(bob);
        assertEquals("it is not signed, and plugins.require-signature is true", refusal());
        signer.sign(jar, "alice");
        assertEquals("it is signed by CN=alice, whose certificate is not in plugins.trusted-certificates", refusal());
        require(bob, alice);
        assertEquals("CN=alice", check());
    }

    @Test
    void refusesWhatWasAddedOrChangedAfterwards() throws Exception {
        require(signer.key("alice"));
        signer.sign(jar, "alice");
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            Files.writeString(content.getPath("/added.txt"), "x");
        }
        assertEquals("its signature does not cover all of it: sign it anew", refusal());
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            Files.delete(content.getPath("/added.txt"));
            Path code = content.getPath("/" + SampleBundle.class.getName().replace('.', '/') + ".class");
            Files.write(code, new byte[]{1, 2, 3});
        }
        assertEquals("its signature does not fit its content: sign it anew, or remove it", refusal());
        Files.delete(folder.resolve("config.toml"));
        assertEquals("its signature does not fit its content: sign it anew, or remove it",
                refusal());
    }

    @Test
    void takesForSignedWhatHasTheFilesOfASignatureOnly() throws Exception {
        Signer.add(jar, "readme.txt", "see the .sfx module");
        assertEquals("", check());
        Signer.add(jar, "META-INF/alice.sf", "x");
        Signer.add(jar, "META-INF/bob.rsa", "x");
        Signer.add(jar, "doc/bob.SF", "x");
        assertEquals("", check());
        require(signer.key("alice"));
        assertEquals("it is not signed, and plugins.require-signature is true", refusal());
    }

    @Test
    void takesWhatOneOfSeveralSignersWasListedFor() throws Exception {
        Path alice = signer.key("alice");
        Path bob = signer.key("bob");
        signer.sign(jar, "bob");
        signer.sign(jar, "alice");
        assertEquals("CN=alice and CN=bob", check());
        require(alice);
        assertEquals("CN=alice", check(), "whoever else has signed it");
        require(bob);
        assertEquals("CN=bob", check());
        require(bob, alice);
        assertEquals("CN=alice and CN=bob", check());
        require();
        assertEquals("it is signed by CN=alice and CN=bob, whose certificate is not in plugins.trusted-certificates",
                refusal());
    }

    @Test
    void refusesWhatNoOneHasSignedAllOfThoughEachPartIsSigned() throws Exception {
        Path alice = signer.key("alice");
        Path bob = signer.key("bob");
        signer.sign(jar, "alice");
        Signer.add(jar, "added.txt", "x");
        signer.sign(jar, "bob");
        require(bob);
        assertEquals("CN=bob", check(), "all of it is his");
        require(alice);
        assertEquals("it is signed by CN=bob, whose certificate is not in plugins.trusted-certificates", refusal());
        Signer.add(jar, "more.txt", "x");
        require(alice, bob);
        assertEquals("its signature does not cover all of it: sign it anew", refusal());
    }

    @Test
    void refusesWhatIsSignedInPartEvenIfNoSignatureIsRequired() throws Exception {
        signer.key("alice");
        signer.sign(jar, "alice");
        Signer.add(jar, "added.txt", "x");
        assertEquals("its signature does not cover all of it: sign it anew", refusal());
    }

    @Test
    void rulesAreEqualUntilWhatTheyDependOnChanges() throws Exception {
        Path alice = signer.key("alice");
        JarSignatures.Rules none = signatures.rules();
        Files.writeString(folder.resolve("config.toml"), "store = \"age\"\n");
        assertEquals(none, signatures.rules());
        require(alice);
        JarSignatures.Rules strict = signatures.rules();
        assertNotEquals(none, strict);
        assertEquals(strict, signatures.rules());
        Files.setPosixFilePermissions(alice, PosixFilePermissions.fromString("rw-rw-rw-"));
        JarSignatures.Rules loose = signatures.rules();
        assertNotEquals(strict, loose);
        Files.delete(alice);
        assertNotEquals(loose, signatures.rules());
    }

    @Test
    void refusesEverythingWhileItIsUnclearWhoseSignatureCounts() throws Exception {
        Path alice = signer.key("alice");
        signer.sign(jar, "alice");
        require(folder.resolve("none.pem"));
        assertTrue(refusal().contains("none.pem of plugins.trusted-certificates cannot be read"), refusal());
        require();
        assertTrue(refusal().contains("not in plugins.trusted-certificates"), refusal());
        Files.setPosixFilePermissions(alice, PosixFilePermissions.fromString("rw-rw-rw-"));
        require(alice);
        assertTrue(refusal().contains("can be written by others"), refusal());
        Files.writeString(folder.resolve("config.toml"), "[plugins]\nrequire-signature = 1\n");
        assertTrue(refusal().contains("neither true nor false"), refusal());
        Files.writeString(folder.resolve("config.toml"), "[plugins\n");
        assertTrue(refusal().contains("not valid TOML"), refusal());
    }
}
