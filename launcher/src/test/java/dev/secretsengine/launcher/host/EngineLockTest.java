package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class EngineLockTest {

    @TempDir
    Path folder;

    /** Another process, which says whether it got the lock. */
    static final class Other {

        private Other() {
        }

        public static void main(String[] args) throws IOException {
            System.out.print(EngineLock.take(Path.of(args[0])).isPresent());
        }
    }

    /** Everything that this module and its tests were loaded from, on the class path. */
    private static String classPath() {
        String modules = System.getProperty("jdk.module.path", "");
        String tests = Path.of(EngineLockTest.class.getResource("EngineLockTest.class").getPath())
                .resolve("../../../../..").normalize().toString();
        return String.join(File.pathSeparator, tests, modules, System.getProperty("java.class.path"));
    }

    private static boolean anotherProcessTakes(Path lock) throws Exception {
        Process other = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData", "-cp", classPath(), Other.class.getName(),
                lock.toString()).redirectErrorStream(true).start();
        try {
            String said = new String(other.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertTrue(other.waitFor(20, TimeUnit.SECONDS));
            assertTrue(said.equals("true") || said.equals("false"), said);
            return said.equals("true");
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void isHeldByOneProcessUntilItIsClosed() throws Exception {
        Path file = folder.resolve("state/engine.lock");
        EngineLock lock = EngineLock.take(file).orElseThrow();
        try {
            assertEquals(false, anotherProcessTakes(file));
        } finally {
            lock.close();
        }
        assertEquals(true, anotherProcessTakes(file));
        EngineLock.take(file).orElseThrow().close();
    }

    @Test
    void isAFileOfItsUserOnly() throws Exception {
        Path file = folder.resolve("state/engine.lock");
        EngineLock.take(file).orElseThrow().close();
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file.getParent())));
    }
}
