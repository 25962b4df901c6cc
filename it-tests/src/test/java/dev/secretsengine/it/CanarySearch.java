package dev.secretsengine.it;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Looks for canaries where they must not be, in each of their forms; in files that have changed since this was made. */
final class CanarySearch {

    private static final long LARGEST_FILE = 32 << 20;

    private final List<String> forms;
    private final Instant begin = Instant.now().minus(Duration.ofSeconds(1));
    private final Set<String> found = new ConcurrentSkipListSet<>();

    CanarySearch(Canary... planted) {
        forms = Stream.of(planted).flatMap(canary -> canary.forms().stream()).toList();
    }

    /** Where it was, so far. */
    Set<String> found() {
        return found;
    }

    void lookInto(String where, byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1);
        if (forms.stream().anyMatch(text::contains)) {
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

    void lookBelow(Path folder, int depth) {
        try (Stream<Path> files = Files.walk(folder, depth)) {
            files.iterator().forEachRemaining(this::lookInto);
        } catch (IOException | UncheckedIOException e) {
            // A folder of another test that went meanwhile.
        }
    }

    /** Where an engine and its clients could have left something. */
    void lookEverywhere(Home home) throws IOException {
        lookInto("the log", home.pass("engine", "logs").bytes());
        lookBelow(home.folder(), Integer.MAX_VALUE);
        lookBelow(Path.of(System.getProperty("java.io.tmpdir")), 3);
        lookBelow(Path.of("/dev/shm"), 1);
        home.pass("engine", "stop").ok();
        lookBelow(home.folder(), Integer.MAX_VALUE);
    }

    /** Looks at the command lines and environments of all processes, but for the command that is to have the secret. */
    void lookAtProcesses(String allowed) {
        ProcessHandle.allProcesses().map(process -> Path.of("/proc", Long.toString(process.pid()))).forEach(process -> {
            try {
                lookInto(process + " argv", Files.readAllBytes(process.resolve("cmdline")));
                byte[] environment = Files.readAllBytes(process.resolve("environ"));
                if (!Files.readString(process.resolve("comm")).strip().equals(allowed)) {
                    lookInto(process + " environment", environment);
                }
            } catch (IOException e) {
                // It has ended, or is another user's.
            }
        });
    }

    /** What may go wrong. */
    @FunctionalInterface
    interface Action {

        void run() throws Exception;
    }

    /** Looks at processes for as long as this takes, more often than any client is short. */
    void lookAtProcessesDuring(String allowed, Action action) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        Thread sampler = Thread.ofPlatform().start(() -> {
            while (!done.get()) {
                lookAtProcesses(allowed);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        });
        try {
            action.run();
        } finally {
            done.set(true);
            sampler.join();
        }
    }
}
