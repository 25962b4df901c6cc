package dev.secretsengine.launcher.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.core.config.EngineConfig;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.launcher.host.SampleBundle;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What somebody could put into a signed jar beside what was signed. */
class SignedJarTest {

    private static final String PART = "its signature does not cover all of it: sign it anew";
    private static final String FALSE = "a file of its META-INF is named like one of a signature and belongs to none:"
            + " remove it, and sign the jar anew";

    @TempDir
    static Path keys;

    private static Path signed;

    @TempDir
    Path temp;

    private Path folder;
    private Path jar;
    private Signer signer;
    private JarSignatures signatures;

    @BeforeAll
    static void signAJar() throws Exception {
        signed = keys.resolve("signed.jar");
        SampleBundle.drop(signed, "org.example.sample", "1.0.0", "");
        Signer.change(signed, content -> Files.createDirectory(content.getPath("/empty")));
        Signer first = new Signer(keys, Files.createDirectory(keys.resolve("first")));
        first.key("alice");
        first.sign(signed, "alice");
    }

    @BeforeEach
    void copyIt() throws Exception {
        folder = temp.toRealPath();
        jar = Files.copy(signed, folder.resolve("sample.jar"));
        signer = new Signer(keys, folder);
        Files.writeString(folder.resolve("config.toml"),
                "[plugins]\nrequire-signature = true\ntrusted-certificates = [\""
                        + signer.key("alice") + "\"]\n");
        signatures = new JarSignatures(new EngineConfig(folder.resolve("config.toml")),
                FolderTrust.ofThisProcess(), folder);
    }

    private String check() throws Exception {
        return signatures.check(Files.readAllBytes(jar), signatures.rules());
    }

    private String refusal() {
        return String.valueOf(assertThrows(JarSignatures.RefusedException.class, this::check).getMessage());
    }

    @ParameterizedTest
    @ValueSource(strings = {"META-INF/EVIL.EC", "META-INF/evil.rsa", "META-INF/EVIL.DSA", "META-INF/EVIL.SF",
            "META-INF/SIG-EVIL", "META-INF/sig-evil.jar"})
    void refusesAFileThatIsOnlyNamedLikeOneOfASignature(String name) throws Exception {
        assertEquals("CN=alice", check());
        Signer.add(jar, name, "x");
        assertEquals(FALSE, refusal());
    }

    @ParameterizedTest
    @ValueSource(strings = {"META-INF/versions/25/org/example/Evil.class", "META-INF/services/org.example.Evil",
            "META-INF/lib/ALICE.EC", "META-INF/versions/25/META-INF/MANIFEST.MF", "META-INF/INDEX.LIST",
            "META-INF/evil.class", "META-INF/ALICE.EC/evil", "ALICE.SF"})
    void refusesWhatIsNotSignedBelowMetaInf(String name) throws Exception {
        rename("META-INF/ALICE.EC", "META-INF/ALICE.EC", name);
        assertEquals(PART, refusal());
    }

    @Test
    void refusesAPairOfFilesThatIsNoSignature() throws Exception {
        Signer.add(jar, "META-INF/EVIL.SF", "Signature-Version: 1.0\nX-Digest-Manifest-Main-Attributes: x\n\n");
        Signer.add(jar, "META-INF/EVIL.EC", "x");
        assertEquals(FALSE, refusal());
    }

    @Test
    void refusesASecondBlockOfOneSignature() throws Exception {
        Signer.add(jar, "META-INF/ALICE.RSA", "x");
        assertEquals(FALSE, refusal());
    }

    @Test
    void refusesAFileOfTheSignatureInAnotherSpelling() throws Exception {
        rename("META-INF/ALICE.SF", "META-INF/ALICE.SF", "META-INF/alice.sf");
        assertEquals(FALSE, refusal());
    }

    /** The framework reads the one, a signature may be of the other. */
    @Test
    void refusesASecondManifestInAnotherSpelling() throws Exception {
        rename("META-INF/MANIFEST.MF", "META-INF/MANIFEST.MF", "meta-inf/manifest.mf");
        assertEquals(FALSE, refusal());
        rename("META-INF/MANIFEST.MF", "META-INF/Manifest.mf");
        assertEquals(FALSE, refusal());
    }

    @Test
    void refusesAFolderWithContent() throws Exception {
        assertEquals("CN=alice", check());
        rename("META-INF/ALICE.EC", "META-INF/ALICE.EC", "evil/");
        assertEquals(PART, refusal());
    }

    @Test
    void refusesAManifestThatUsesFilesOfTheSignature() throws Exception {
        SampleBundle.drop(jar, "org.example.sample", "1.0.0", "");
        Signer.change(jar, content -> {
            Path manifest = content.getPath("/META-INF/MANIFEST.MF");
            Files.writeString(manifest, Files.readString(manifest).strip()
                    + "\r\nBundle-ClassPath: .,META-INF/Alice.ec\r\n\r\n");
        });
        signer.sign(jar, "alice");
        assertEquals("its manifest uses a file of its signature as content: build it anew", refusal());
    }

    @Test
    void refusesASignatureThatLeavesTheManifestOut() throws Exception {
        Signer.change(jar, content -> {
            Path file = content.getPath("/META-INF/ALICE.SF");
            Files.write(file, Files.readAllLines(file).stream().filter(line -> !line.contains("Main-Attributes"))
                    .toList());
        });
        assertEquals("its signature does not cover its manifest: sign it anew", refusal());
    }

    /** Writes the jar with an entry once for each of these names. */
    private void rename(String entry, String... names) throws Exception {
        Path copy = jar.resolveSibling("copy");
        try (JarFile content = new JarFile(jar.toFile(), false);
                OutputStream file = Files.newOutputStream(copy);
                JarOutputStream out = new JarOutputStream(file)) {
            List<JarEntry> entries = new ArrayList<>();
            Enumeration<JarEntry> all = content.entries();
            all.asIterator().forEachRemaining(entries::add);
            for (JarEntry old : entries) {
                for (String name : old.getName().equals(entry) ? names : new String[]{old.getName()}) {
                    out.putNextEntry(new JarEntry(name));
                    content.getInputStream(old).transferTo(out);
                }
            }
        }
        Files.move(copy, jar, StandardCopyOption.REPLACE_EXISTING);
    }
}
