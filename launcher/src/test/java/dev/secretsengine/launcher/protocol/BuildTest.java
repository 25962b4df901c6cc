package dev.secretsengine.launcher.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BuildTest {

    private static final String IMAGE = "dev.secretsengine.image";

    @TempDir
    Path image;

    @BeforeEach
    void pointAtTheImage() throws IOException {
        System.setProperty(IMAGE, image.toString());
        Files.createDirectories(image.resolve("lib"));
    }

    @AfterEach
    void forgetTheImage() {
        System.clearProperty(IMAGE);
    }

    private void release(byte[] content) throws IOException {
        Files.write(image.resolve("lib/release"), content);
    }

    @Test
    void readsTheReleaseFile() throws IOException {
        release("version=1.2.3\ncommit=abc\nbuilt=1700000000\n".getBytes());
        Build build = Build.ofThisImage();
        assertEquals(new Build("1.2.3", "abc", 1_700_000_000), build);
        assertEquals("1700000000.1.2.3", build.toString());
    }

    @Test
    void isOlderThanALaterBuildOnly() {
        Build build = new Build("1.2.3", "abc", 1000);
        assertTrue(build.isOlderThan("1001.1.0.0"), "the number decides, not the version");
        assertFalse(build.isOlderThan(build.toString()));
        assertFalse(build.isOlderThan("999.9.9.9"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "x.1", "9999", ".9999", "99999999999999999999.1"})
    void isNotOlderThanWhatMakesNoSense(String hello) {
        assertFalse(new Build("1", "abc", 1000).isOlderThan(hello));
    }

    @Test
    void hasNoVersionWithoutAnImage() {
        assertEquals(new Build("0", "unknown", 0), Build.ofThisImage());
    }

    @Test
    void takesADamagedReleaseFileForNone() throws IOException {
        release(new byte[]{'v', 'e', 'r', 's', 'i', 'o', 'n', '=', (byte) 0xFF, (byte) 0xFE});
        assertEquals(new Build("0", "unknown", 0), Build.ofThisImage());
        release("version=2\nbuilt=soon\n".getBytes());
        assertEquals(new Build("2", "unknown", 0), Build.ofThisImage());
    }
}
