package dev.secretsengine.kit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.RequestContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgramTest {

    @TempDir
    private Path folder;

    private static Program sh(String script, Map<String, String> environment) {
        return Program.of(List.of("/bin/sh", "-c", script), environment);
    }

    private static RequestContext context() {
        return RequestContext.of(Duration.ofSeconds(20));
    }

    @Test
    void bothStreamsAndTheExitCodeComeBack() throws Exception {
        try (WipedBuffer out = new WipedBuffer(100); WipedBuffer err = new WipedBuffer(100)) {
            assertEquals(3, sh("cat; echo no >&2; exit 3", Map.of()).reading("yes".getBytes(StandardCharsets.UTF_8))
                    .run(out, err, context()));
            assertEquals("yes", out.text());
            assertEquals("no\n", err.text());
        }
    }

    @Test
    void itSeesTheGivenEnvironmentOnly() throws Exception {
        try (WipedBuffer out = new WipedBuffer(1000)) {
            sh("tr '\\0' '\\n' </proc/$$/environ", Map.of("PATH", "/usr/bin:/bin")).run(out, null, context());
            assertEquals("PATH=/usr/bin:/bin\n", out.text());
        }
    }

    @Test
    void itsInputIsNoPipeUnlessThereIsInput() throws Exception {
        try (WipedBuffer out = new WipedBuffer(1000)) {
            sh("readlink /proc/self/fd/0", Map.of("PATH", "/usr/bin:/bin")).run(out, null, context());
            assertEquals("/dev/null\n", out.text());
        }
    }

    @Test
    void moreErrorsThanAnybodyReadsDoNotStopIt() throws Exception {
        try (WipedBuffer out = new WipedBuffer(100); WipedBuffer err = new WipedBuffer(100)) {
            assertEquals(0, sh("head -c 1000000 /dev/zero >&2; echo end", Map.of("PATH", "/usr/bin:/bin")).run(out, err,
                    context()));
            assertEquals("end\n", out.text());
            assertTrue(err.isOver());
        }
    }

    @Test
    void moreOutputThanAllowedEndsIt() throws Exception {
        try (WipedBuffer out = new WipedBuffer(1000)) {
            assertEquals(-1, sh("yes", Map.of("PATH", "/usr/bin:/bin")).run(out, null, context()));
            assertTrue(out.isOver());
        }
    }

    @Test
    void itAndItsChildrenEndWithTheRequest() throws Exception {
        Path pids = folder.resolve("pids");
        try (WipedBuffer out = new WipedBuffer(1000)) {
            RequestContext context = RequestContext.of(Duration.ofMillis(500));
            assertThrows(TimeoutException.class, () -> sh("sleep 60 & echo $$ $! >" + pids + "; wait",
                    Map.of("PATH", "/usr/bin:/bin")).run(out, null, context));
        }
        for (String pid : Files.readString(pids).strip().split(" ")) {
            long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            while (isAlive(pid) && System.nanoTime() < patience) {
                Thread.sleep(5);
            }
            assertFalse(isAlive(pid));
        }
    }

    private static boolean isAlive(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).map(ProcessHandle::isAlive).orElse(false);
    }

    @Test
    void aProgramThatIsNotThereIsAnError() throws Exception {
        try (WipedBuffer out = new WipedBuffer(1000)) {
            assertThrows(IOException.class,
                    () -> Program.of(List.of(folder + "/none"), Map.of()).run(out, null, context()));
        }
    }
}
