package dev.secretsengine.launcher.signature;

import static org.junit.jupiter.api.Assertions.assertEquals;

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

/**
 * Signs jars with the JDK's own tools, and spoils them afterwards.
 *
 * @param keys where keys are kept, and found if they were made before
 * @param folder where certificates go
 */
record Signer(Path keys, Path folder) {

    private static void tool(String name, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", name).toString());
        command.addAll(Arrays.asList(arguments));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), output);
    }

    private String store(String name) {
        return keys.resolve(name + ".p12").toString();
    }

    /** Writes the certificate of a key. */
    Path key(String name) throws Exception {
        Path kept = keys.resolve(name + ".pem");
        if (!Files.exists(kept)) {
            tool("keytool", "-genkeypair", "-alias", name, "-keyalg", "EC", "-dname", "CN=" + name, "-keystore",
                    store(name), "-storepass", "changeit");
            tool("keytool", "-exportcert", "-rfc", "-alias", name, "-keystore", store(name), "-storepass", "changeit",
                    "-file", kept.toString());
        }
        Path certificate = Files.copy(kept, folder.resolve(name + ".pem"));
        Files.setPosixFilePermissions(certificate, PosixFilePermissions.fromString("rw-r--r--"));
        return certificate;
    }

    void sign(Path jar, String name) throws Exception {
        tool("jarsigner", "-keystore", store(name), "-storepass", "changeit", jar.toString(), name);
    }

    /** Work on the files of a jar. */
    @FunctionalInterface
    interface Change {

        void make(FileSystem content) throws IOException;
    }

    static void change(Path jar, Change change) throws IOException {
        try (FileSystem content = FileSystems.newFileSystem(jar, Map.of("compressionMethod", "STORED"))) {
            change.make(content);
        }
    }

    static void add(Path jar, String entry, String text) throws IOException {
        change(jar, content -> {
            Path file = content.getPath("/" + entry);
            Files.createDirectories(file.getParent());
            Files.writeString(file, text);
        });
    }
}
