package dev.secretsengine.keychain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import dev.secretsengine.keychain.linux.SecretService;
import dev.secretsengine.keychain.macos.MacKeychain;
import dev.secretsengine.keychain.windows.WindowsKeychain;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeychainActivatorTest {

    @Test
    void takesTheKeychainOfTheSystem() {
        assertInstanceOf(SecretService.class, KeychainActivator.ofThisSystem("Linux"));
        assertInstanceOf(SecretService.class, KeychainActivator.ofThisSystem("FreeBSD"));
        assertInstanceOf(MacKeychain.class, KeychainActivator.ofThisSystem("Mac OS X"));
        assertInstanceOf(WindowsKeychain.class, KeychainActivator.ofThisSystem("Windows 11"));
    }

    @Test
    void loadsNothingOfJnaOnLinux() throws Exception {
        String classes = String.join(File.pathSeparator, "target/test-classes", System.getProperty("jdk.module.path"),
                System.getProperty("java.class.path"));
        Process java = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-Xlog:class+load", "-cp", classes,
                "dev.secretsengine.keychain.KeychainActivatorTest$Linux").redirectErrorStream(true).start();
        List<String> loaded = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertEquals(0, java.waitFor());
        assertEquals(1, loaded.stream().filter(line -> line.contains("keychain.linux.SecretService ")).count());
        assertEquals(List.of(), loaded.stream()
                .filter(line -> line.contains("com.sun.jna") || line.contains("keychain.macos")
                        || line.contains("keychain.windows"))
                .toList());
    }

    /** What the bundle does at its start. */
    static final class Linux {

        private Linux() {
        }

        public static void main(String[] args) {
            try (var keychain = KeychainActivator.ofThisSystem("Linux")) {
                new KeychainStore(keychain);
            }
        }
    }
}
