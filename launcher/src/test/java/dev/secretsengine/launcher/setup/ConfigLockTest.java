package dev.secretsengine.launcher.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ConfigLockTest {

    @TempDir
    Path folder;

    private ConfigFile file() throws SetupException {
        return ConfigFile.read(folder.resolve("etc/daemon.json"));
    }

    private Path lock() {
        return folder.resolve("etc/.daemon.json.docker-pass-lock");
    }

    @Test
    void isThereForItsTimeOnly() throws Exception {
        try (ConfigLock _ = ConfigLock.of(file())) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(lock())));
        }
        assertFalse(Files.exists(lock()));
    }

    @Test
    void takesWhatAKilledOneHasLeft() throws Exception {
        Files.createDirectories(lock().getParent());
        Files.createFile(lock());
        ConfigLock.of(file()).close();
        assertFalse(Files.exists(lock()));
    }

    @Test
    void followsNoLink() throws IOException {
        Files.createDirectories(lock().getParent());
        Path target = Files.writeString(folder.resolve("target"), "x");
        Files.createSymbolicLink(lock(), target);
        assertThrows(SetupException.class, () -> ConfigLock.of(file()));
        assertEquals("x", Files.readString(target));
    }

    @Test
    void letsOneInAtATime() throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CountDownLatch start = new CountDownLatch(1);
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<Boolean>> done = IntStream.range(0, 6).mapToObj(i -> threads.submit(() -> {
                start.await();
                for (int round = 0; round < 5; round++) {
                    try (ConfigLock _ = ConfigLock.of(file())) {
                        most.accumulateAndGet(inside.incrementAndGet(), Math::max);
                        Thread.sleep(2);
                        inside.decrementAndGet();
                    }
                }
                return true;
            })).toList();
            start.countDown();
            for (Future<Boolean> one : done) {
                assertTrue(one.get(100, TimeUnit.SECONDS));
            }
        }
        assertEquals(1, most.get());
    }
}
