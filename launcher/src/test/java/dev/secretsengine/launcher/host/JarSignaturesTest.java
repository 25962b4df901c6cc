package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.FolderTrust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars signed with the JDK's own tools. */
class JarSignaturesTest {

    @TempDir
    Path temp;

    private Path folder;
    private Path jar;
    private JarSignatures signatures;

    @BeforeEach
    void makeAJar() throws Exception {
        folder = temp.toRealPath();
        jar = folder.resolve("sample.jar");
        SampleBundle.drop(jar, "org.example.sample", "1.0.0", "");
        signatures = new JarSignatures(new EngineConfig(folder.resolve("config.toml")),
                FolderTrust.ofThisProcess(), folder);
    }

    private static void tool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    /** Makes a key and writes its certificate. */
    private Path key(String name) throws Exception {
        String store = folder.resolve(name + ".p12").toString();
        tool("keytool", "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-keystore", store,
                "-storepass", "changeit");
        Path certificate = folder.resolve(name + ".pem");
        tool("keytool", "-exportcert", "-rfc", "-alias", name, "-keystore", store, "-storepass", "changeit", "-file",
                certificate.toString());
        Files.setPosixFilePermissions(certificate, PosixFilePermissions.fromString("rw-r--r--"));
        return certificate;
    }

    private void sign(String name) throws Exception {
        tool("jarsigner", "-keystore", folder.resolve(name + ".p12").toString(), "-storepass", "changeit",
                jar.toString(), name);
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
        key("alice");
        sign("alice");
        assertEquals("CN=alice", check());
        try (var files = Files.list(folder)) {
            assertEquals(List.of(), files.filter(file -> file.getFileName().toString().startsWith("signed")).toList());
        }
    }

    @Test
    void takesOnlyWhatAListedCertificateHasSigned() throws Exception {
        Path alice = key("alice");
        Path bob = key("bob");
        require(bob);
        assertEquals("it is not signed, and plugins.require-signature is true", refusal());
        sign("alice");
        assertEquals("it is signed by CN=alice, whose certificate is not in plugins.trusted-certificates", refusal());
        require(bob, alice);
        assertEquals("CN=alice", check());
    }

    @Test
    void refusesWhatWasAddedOrChangedAfterwards() throws Exception {
        require(key("alice"));
        sign("alice");
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

    private void add(String entry, String text) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar, Map.of("compressionMethod", "STORED"))) {
            Path file = content.getPath("/" + entry);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        }
    }

    @Test
    void takesForSignedWhatHasTheFilesOfASignatureOnly() throws Exception {
        add("readme.txt", "see the .sfx module");
        assertEquals("", check());
        add("META-INF/alice.sf", "x");
        add("META-INF/bob.rsa", "x");
        add("doc/bob.SF", "x");
        assertEquals("", check());
        require(key("alice"));
        assertEquals("it is not signed, and plugins.require-signature is true", refusal());
    }

    @Test
    void refusesWhatIsSignedInPartEvenIfNoSignatureIsRequired() throws Exception {
        key("alice");
        sign("alice");
        add("added.txt", "x");
        assertEquals("its signature does not cover all of it: sign it anew", refusal());
    }

    @Test
    void rulesAreEqualUntilWhatTheyDependOnChanges() throws Exception {
        Path alice = key("alice");
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
        Path alice = key("alice");
        sign("alice");
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
