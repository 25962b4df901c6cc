package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A secret that is planted, and looked for where it must not be: raw, in base64 and in hexadecimal. */
class CanaryIT {

    private static final long LARGEST_FILE = 32 << 20;

    private final Canary planted = new Canary();
    private final String canary = planted.text();
    private final byte[] value = planted.bytes();
    private final Set<String> found = new TreeSet<>();
    private Home home;
    private Instant begin;

    @BeforeEach
    void makeHome() throws IOException {
        begin = Instant.now().minus(Duration.ofSeconds(1));
        home = Home.withAge();
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    private void lookInto(String where, byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        if (planted.forms().stream().anyMatch(text::contains)) {
            found.add(where);
        }
    }

    private void lookInto(Path file) {
        try {
            if (Files.isRegularFile(file) && Files.isReadable(file) && Files.size(file) < LARGEST_FILE
                    && Files.getLastModifiedTime(file).toInstant().isAfter(begin)) {
                lookInto(file.toString(), Files.readAllBytes(file));
            }
        } catch (IOException e) {
            // It went while it was looked at.
        }
    }

    private void lookBelow(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            files.iterator().forEachRemaining(this::lookInto);
        } catch (IOException | UncheckedIOException e) {
            // A folder of another test that went meanwhile.
        }
    }

    /** Looks at the command lines and environments of all processes, but for the command that is to have the secret. */
    private void lookAtProcesses() {
        ProcessHandle.allProcesses().map(process -> Path.of("/proc", Long.toString(process.pid()))).forEach(process -> {
            try {
                lookInto(process + " argv", Files.readAllBytes(process.resolve("cmdline")));
                byte[] environment = Files.readAllBytes(process.resolve("environ"));
                if (!Files.readString(process.resolve("comm")).startsWith("sleep")) {
                    lookInto(process + " environment", environment);
                }
            } catch (IOException e) {
                // It has ended, or is another user's.
            }
        });
    }

    private void use() throws IOException {
        home.passWith(value, "set", "canary").ok();
        home.passWith(value, "set", "raw", "--raw", "--metadata", "a=b").ok();
        home.passWith(("{\"secret\":\"" + canary + "\",\"metadata\":{\"a\":\"b\"}}").getBytes(StandardCharsets.UTF_8),
                "set", "json").ok();
        assertEquals(canary, home.pass("get", "--reveal", "canary").ok());
        assertEquals(canary, home.pass("get", "--reveal", "se://json").ok());
        home.sh("X=se://canary docker pass run -- sleep 0.3").ok();
        home.pass("ls", "--format", "json").ok();
        home.pass("get", "canary", "--format", "json").ok();
        home.pass("rm", "raw").ok();
        home.pass("plugins", "ls").ok();
    }

    /** Whatever goes wrong with it, it is not quoted. */
    private void misuse() throws IOException {
        Path dotenv = Files.writeString(home.folder().resolve("bad.env"), "A=\"" + canary + "\n");
        List<Outcome> outcomes = List.of(home.passWith(value, "set", "bad//id"),
                home.passWith((canary + "\0").getBytes(StandardCharsets.UTF_8), "set", "nul"),
                home.sh("X=se://nul docker pass run -- true"),
                home.passWith(canary.repeat(40_000).getBytes(StandardCharsets.UTF_8), "set", "large"),
                home.passWith(
                        ("{\"secret\":\"" + canary + "\",\"metadata\":{\"a\":[]}}").getBytes(StandardCharsets.UTF_8),
                        "set", "json"),
                home.pass("run", "--env-file", dotenv.toString(), "--", "true"),
                home.passWith(value, "identity", "passphrase", "--nonsense"),
                home.passWith(value, "unlock"));
        Files.delete(dotenv);
        for (Outcome outcome : outcomes) {
            lookInto("the output of a failed command",
                    (outcome.out() + outcome.err()).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void secretIsNowhereButInTheEncryptedStore() throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread sampler = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                lookAtProcesses();
                // Far shorter than any client lives.
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        });
        try {
            use();
            misuse();
        } finally {
            done.set(true);
            sampler.join();
        }
        lookInto("the log", home.pass("engine", "logs").bytes());
        lookBelow(home.folder(), Integer.MAX_VALUE);
        lookBelow(Path.of(System.getProperty("java.io.tmpdir")), 3);
        lookBelow(Path.of("/dev/shm"), 1);
        home.pass("engine", "stop").ok();
        lookBelow(home.folder(), Integer.MAX_VALUE);
        assertEquals(Set.of(), found);
    }

    @Test
    void valueOnTheCommandLineIsInNoMessageAndNoLog() throws Exception {
        List<Outcome> outcomes = List.of(home.pass("set", "good=" + canary), home.pass("set", "bad//id=" + canary),
                home.pass("set", "a=" + canary, "b=" + canary), home.pass("set", "--nonsense", "a=" + canary),
                home.pass("sett", "a=" + canary),
                home.pass("--debug", "set", "b//d=" + canary));
        for (Outcome outcome : outcomes.subList(1, outcomes.size())) {
            assertTrue(outcome.code() != 0, outcome::toString);
            lookInto(outcome.err().replace(canary, "CANARY"), outcome.err().getBytes(StandardCharsets.UTF_8));
        }
        lookBelow(home.folder(), Integer.MAX_VALUE);
        assertEquals(Set.of(), found);
    }

    /** The looking itself: it would find the canary in each of its forms. */
    @Test
    void canaryIsFoundWhereItIs() throws Exception {
        for (String form : List.of(canary,
                Base64.getEncoder().encodeToString(("x" + canary + "y").getBytes(StandardCharsets.US_ASCII)),
                Base64.getEncoder().encodeToString(("xy" + canary).getBytes(StandardCharsets.US_ASCII)),
                HexFormat.of().formatHex(value))) {
            found.clear();
            Files.writeString(home.folder().resolve("leak"), "before " + form + " after");
            lookBelow(home.folder(), Integer.MAX_VALUE);
            assertFalse(found.isEmpty(), form);
        }
        found.clear();
        Process leaking = home.process("sh", "-c", "sleep 5; true", canary).start();
        try {
            lookAtProcesses();
        } finally {
            leaking.descendants().forEach(ProcessHandle::destroyForcibly);
            leaking.destroyForcibly();
        }
        assertFalse(found.isEmpty());
    }
}
