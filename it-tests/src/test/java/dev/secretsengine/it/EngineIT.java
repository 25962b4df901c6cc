package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** One engine under many clients, and under kill -9. */
class EngineIT {

    private Home home;

    @BeforeEach
    void makeHome() throws Exception {
        home = Home.withAge();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    private long pid() throws IOException {
        return pid(home);
    }

    private static long pid(Home home) throws IOException {
        return Long.parseLong(home.pass("engine", "status", "--format", "{{.PID}}").ok().strip());
    }

    @Test
    void hundredParallelSetsOfDifferentIdsLoseNothing() throws Exception {
        assertEquals("", home.sh("for i in $(seq 100); do docker-pass set par/$i=value-$i & done; wait").ok());
        String expected = IntStream.rangeClosed(1, 100).mapToObj(i -> "par/" + i).sorted()
                .collect(Collectors.joining("\n", "", "\n"));
        assertEquals(expected, home.pass("ls").ok());
        for (int i = 1; i <= 100; i++) {
            assertEquals("value-" + i, home.direct().pass("get", "--reveal", "par/" + i).ok());
        }
    }

    @Test
    void hundredParallelSetsOfOneIdLeaveOneOfThem() throws Exception {
        home.pass("set", "one=0").ok();
        String line = "for i in $(seq 100); do docker-pass set one=$i & done; "
                + "for i in $(seq 20); do docker-pass get --reveal one > /dev/null || echo absent; done; wait";
        assertEquals("", home.sh(line).ok());
        assertEquals("one\n", home.pass("ls").ok());
        int last = Integer.parseInt(home.pass("get", "--reveal", "one").ok());
        assertTrue(last >= 1 && last <= 100, () -> "nobody has set " + last);
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void twentyClientsAtOnceStartOneEngine(Installation installation) throws Exception {
        try (Home other = Home.withAge(installation)) {
            Outcome all = other.sh("for i in $(seq 20); do docker-pass engine start & done; wait");
            assertEquals(1, all.ok().lines().distinct().count(), all::toString);
            assertEquals(20, all.out().lines().count());
            assertEquals(List.of(pid(other)), other.engines());
        }
    }

    @Test
    void killedEngineHasLostNothingThatItAcknowledged() throws Exception {
        home.pass("engine", "start").ok();
        // Four shells with fifty sets each note what was acknowledged.
        Process sets = home.process("sh", "-c", """
                for shell in 1 2 3 4; do
                  (for i in $(seq 50); do
                    docker-pass set s$shell/$i=v$i 2>> errors.$shell && echo s$shell/$i v$i >> acknowledged.$shell
                  done) &
                done
                wait""").redirectError(Redirect.DISCARD).start();
        int kills = 0;
        while (sets.isAlive()) {
            sets.waitFor(1, TimeUnit.SECONDS);
            for (long engine : kills < 3 ? home.engines() : List.<Long>of()) {
                kills += kill(engine) ? 1 : 0;
            }
        }
        assertTrue(kills > 0, "the sets were done before the engine was killed");

        Map<String, String> acknowledged = new HashMap<>();
        for (int shell = 1; shell <= 4; shell++) {
            for (String line : Files.readAllLines(home.folder().resolve("acknowledged." + shell))) {
                acknowledged.put(line.split(" ")[0], line.split(" ")[1]);
            }
            for (String error : Files.readAllLines(home.folder().resolve("errors." + shell))) {
                assertTrue(error.startsWith("docker-pass: the "), error);
            }
        }
        assertTrue(acknowledged.size() >= 100, "only " + acknowledged.size() + " of 200 sets were acknowledged");
        TreeSet<String> listed = new TreeSet<>(home.pass("ls").ok().lines().toList());
        for (Map.Entry<String, String> secret : acknowledged.entrySet()) {
            assertTrue(listed.contains(secret.getKey()), secret.getKey());
            assertEquals(secret.getValue(), home.direct().pass("get", "--reveal", secret.getKey()).ok());
        }
    }

    /** Kills it for good: a client may be faster than a process that dies. */
    private static boolean kill(long pid) {
        return ProcessHandle.of(pid).filter(ProcessHandle::destroyForcibly).map(ProcessHandle::onExit)
                .map(CompletableFuture::join).isPresent();
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void staleSocketIsNoObstacle(Installation installation) throws Exception {
        try (Home other = Home.withAge(installation)) {
            other.pass("set", "a=1").ok();
            long before = pid(other);
            kill(before);
            assertTrue(Files.exists(other.socket()), "there is no stale socket to try this with");
            assertEquals("1", other.pass("get", "--reveal", "a").ok());
            assertFalse(other.engines().contains(before));
        }
    }

    @Test
    void engineThatIsToldToEndBySignalCleansUp() throws Exception {
        home.pass("set", "a=1").ok();
        ProcessHandle engine = ProcessHandle.of(pid()).orElseThrow();
        engine.destroy();
        engine.onExit().get(20, TimeUnit.SECONDS);
        assertFalse(Files.exists(home.socket()));
        assertEquals("a\n", home.pass("ls").ok());
    }

    @Test
    void noFileIsLeftOfAnythingInterrupted() throws Exception {
        home.pass("set", "a=1").ok();
        for (int i = 0; i < 5; i++) {
            kill(pid());
            home.pass("set", "a=" + i).ok();
        }
        assertEquals(List.of(), leftovers(home.data().resolve("secrets")));
        assertEquals(List.of(), leftovers(home.folder().resolve("run/secrets-engine")));
    }

    /** Temporary files, by their names. */
    private static List<String> leftovers(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> !List.of(".lock", "a.age", "cli.sock").contains(name)).toList();
        }
    }
}
