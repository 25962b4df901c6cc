package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code plugins.require-signature}, with jars that are signed by the JDK's own tools. */
class SignedJarsIT {

    private static Path keys;

    private Home home;
    private Path folder;
    private Path certificate;

    @BeforeAll
    static void makeKeys() throws Exception {
        keys = Files.createTempDirectory("se-keys");
        for (String name : List.of("vendor", "stranger")) {
            tool("keytool", "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-keystore",
                    keys.resolve(name + ".p12").toString(), "-storepass", "changeit");
        }
    }

    @AfterAll
    static void removeKeys() throws IOException {
        Home.remove(keys);
    }

    private static void tool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", name).toString()));
        command.addAll(List.of(arguments));
        Outcome done = Outcome.of(new ProcessBuilder(command), new byte[0]);
        assertEquals(0, done.code(), done::toString);
    }

    @BeforeEach
    void makeAHome() throws Exception {
        home = Home.withAge();
        certificate = home.folder().resolve(".config/secrets-engine/vendor.pem");
        tool("keytool", "-exportcert", "-rfc", "-alias", "vendor", "-keystore", keys.resolve("vendor.p12").toString(),
                "-storepass", "changeit", "-file", certificate.toString());
        Files.setPosixFilePermissions(certificate, PosixFilePermissions.fromString("rw-------"));
        folder = home.data().resolve("runtime");
    }

    @AfterEach
    void stopEngine() throws IOException {
        home.close();
    }

    private void configure(String plugins) throws IOException {
        Path next = Files.writeString(home.folder().resolve("next.toml"), "store = \"age\"\n" + plugins);
        Files.move(next, home.folder().resolve(".config/secrets-engine/config.toml"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    private void requireSignature(String certificates) throws IOException {
        configure("[plugins]\nrequire-signature = true\ntrusted-certificates = [" + certificates + "]\n");
    }

    private Path built(String name, String... signers) throws Exception {
        Path jar = home.folder().resolve(name + ".jar");
        new BundleJar(name, "1.0.0").writeTo(jar);
        for (String signer : signers) {
            tool("jarsigner", "-keystore", keys.resolve(signer + ".p12").toString(), "-storepass", "changeit",
                    jar.toString(), signer);
        }
        return jar;
    }

    private void drop(Path jar) throws IOException {
        Files.createDirectories(folder);
        Files.move(jar, folder.resolve(jar.getFileName()));
    }

    private static Path with(Path jar, String entry) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar)) {
            Path file = content.getPath("/" + entry);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "x");
        }
        return jar;
    }

    /** Status and message; empty if there is no such row. */
    private String row(String name) throws IOException {
        return home.direct().pass("plugins", "ls", "--format", "{{.Name}} {{.Status}} {{.Message}}").out().lines()
                .filter(line -> line.startsWith(name + " ")).map(line -> line.substring(name.length() + 1)).findFirst()
                .orElse("");
    }

    private void becomes(String name, String start) throws Exception {
        Poll.until(name + " to be " + start, () -> row(name).startsWith(start));
    }

    private String value(String id) throws IOException {
        return home.pass("get", "--reveal", "se://" + id).ok();
    }

    private String inspected(String name, String field) throws IOException {
        return home.pass("plugins", "inspect", name, "--format", "{{." + field + "}}").ok().strip();
    }

    @Test
    void onlyWhatAListedCertificateHasSignedStarts() throws Exception {
        requireSignature('"' + certificate.toString() + '"');
        drop(built("good", "vendor"));
        drop(built("both", "stranger", "vendor"));
        drop(built("unsigned"));
        drop(built("foreign", "stranger"));
        drop(with(built("tampered", "vendor"), "test/tampered/Plugin.class"));
        drop(with(built("added", "vendor"), "META-INF/services/test.added.Plugin"));
        drop(with(built("hidden", "vendor"), "META-INF/HIDDEN.EC"));

        assertEquals("1.0.0", value("good/key"));
        assertEquals("1.0.0", value("both/key"));
        assertEquals("CN=vendor", inspected("good", "Signer"));
        assertEquals("CN=vendor", inspected("both", "Signer"), "whoever else has signed it");
        assertEquals("crashed it is not signed, and plugins.require-signature is true", row("unsigned.jar"));
        assertEquals("crashed it is signed by CN=stranger, whose certificate is not in plugins.trusted-certificates",
                row("foreign.jar"));
        assertEquals("crashed its signature does not fit its content: sign it anew, or remove it",
                row("tampered.jar"));
        assertEquals("crashed its signature does not cover all of it: sign it anew", row("added.jar"));
        assertEquals("crashed a file of its META-INF is named like one of a signature and belongs to none: remove it,"
                + " and sign the jar anew", row("hidden.jar"));
        try (Stream<Path> own = Files.list(Installation.built().dropFolder())) {
            for (Path jar : own.toList()) {
                assertTrue(row(String.valueOf(jar.getFileName())).startsWith("crashed it is not signed"),
                        jar::toString);
            }
        }
        for (String name : List.of("unsigned", "foreign", "tampered", "added", "hidden")) {
            assertFalse(Files.exists(home.state().resolve(name + ".started")), name);
            home.pass("get", "se://" + name + "/key").failed(3);
        }
    }

    @Test
    void settingCountsForAnEngineThatRuns() throws Exception {
        drop(built("good", "vendor"));
        drop(built("plain"));
        assertEquals("1.0.0", value("good/key"));
        assertEquals("1.0.0", value("plain/key"));
        assertEquals("CN=vendor", inspected("good", "Signer"));
        assertEquals("", inspected("plain", "Signer"));
        long engine = home.engines().get(0);

        requireSignature('"' + certificate.toString() + '"');
        becomes("plain.jar", "crashed it is not signed");
        home.pass("get", "se://plain/key").failed(3);
        assertEquals("1.0.0", value("good/key"));

        configure("[plugins\n");
        drop(built("late", "vendor"));
        Poll.until("a row of the new jar", () -> row("late.jar").contains("not valid TOML"));
        assertEquals("1.0.0", value("good/key"), "what runs goes on");

        requireSignature("");
        becomes("good.jar", "crashed it is signed by CN=vendor, whose certificate is not in");
        configure("");
        for (String name : List.of("good", "plain", "late")) {
            becomes(name, "running");
        }
        assertEquals(List.of(engine), home.engines());
    }
}
