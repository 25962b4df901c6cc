package dev.secretsengine.core.plugin;

import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The dropped bundles that ended an engine: they are left off for a while, the longer the more often. Kept in files of the
 * state folder, because it is the next engine that has to know. Thread-safe.
 *
 * <p>Who called System.exit is known. Of an engine that just died there are only the marks of those that were at work, and
 * a good bundle is at work, too, when somebody kills the engine. So such a bundle is a suspect at first, and left off only
 * if the next engine dies under it as well, before it has answered anything and while no other suspect is at work.
 */
public final class Quarantine {

    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    private static final String MARK = ".running";
    private static final String SENTENCE = ".off";
    private static final List<Duration> TERMS = List.of(Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(1), Duration.ofHours(24));

    /** Nobody saw what happened: that is never worth a day. */
    private static final int HARDEST_FOR_DEATHS = 2;

    private static final Duration REMEMBERED = Duration.ofDays(7);
    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

    /**
     * What a bundle has done.
     *
     * @param until when it may run again
     * @param exits how often it called System.exit
     * @param deaths how many engines died under it since it answered last
     * @param reason empty if it is only a suspect
     */
    private record Sentence(Instant until, int exits, int deaths, String reason) {

        static final Sentence NONE = new Sentence(Instant.EPOCH, 0, 0, "");

        private static Instant after(int term) {
            return Instant.now().truncatedTo(ChronoUnit.SECONDS).plus(TERMS.get(Math.min(term, TERMS.size() - 1)));
        }

        Sentence exit(String cause) {
            return new Sentence(after(exits), exits + 1, deaths, cause);
        }

        Sentence death(boolean alone) {
            if (deaths == 0 || !alone) {
                // It, another one, or nobody: suspects work one after the other from now on.
                return new Sentence(Instant.now(), exits, Math.max(1, deaths), "");
            }
            return new Sentence(after(Math.min(deaths - 1, HARDEST_FOR_DEATHS)), exits, deaths + 1,
                    "the engine died " + (deaths + 1) + " times in a row while this bundle was at work");
        }

        boolean isOff() {
            return !reason.isEmpty() && Instant.now().isBefore(until);
        }

        String text() {
            return until.getEpochSecond() + "\n" + exits + "\n" + deaths + "\n" + reason + "\n";
        }
    }

    /** A piece of work of a bundle that may end the engine. */
    @FunctionalInterface
    public interface Risk extends AutoCloseable {

        /** Work that cannot end it. */
        Risk NONE = () -> {
        };

        /** The work is done and the engine lives. */
        @Override
        void close();
    }

    private static final long TURN_SECONDS = 10;

    private final Path folder;
    private final String boot;
    private final Semaphore turn = new Semaphore(1);
    private final Map<String, Sentence> sentences = new HashMap<>();
    private final Map<String, Integer> marks = new HashMap<>();
    private boolean ended;

    /** What is known of earlier engines from this folder. */
    public Quarantine(Path folder) {
        this(folder, text(BOOT));
    }

    /**
     * For tests.
     *
     * @param boot tells this run of the machine from all others
     */
    Quarantine(Path folder, String boot) {
        this.folder = folder;
        this.boot = boot;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            read(files);
        } catch (NoSuchFileException e) {
            LOG.debug("no bundle has ended an engine yet");
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", folder, e.getMessage());
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file, StandardCharsets.ISO_8859_1).strip();
        } catch (IOException e) {
            LOG.debug("cannot read {}: {}", file, e.getMessage());
            return "";
        }
    }

    private void read(DirectoryStream<Path> files) {
        List<String> left = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(SENTENCE)) {
                readSentence(file, name.substring(0, name.length() - SENTENCE.length()));
            } else if (name.endsWith(MARK)) {
                // If it was the machine that went down, no bundle was it.
                if (text(file).equals(boot)) {
                    left.add(name.substring(0, name.length() - MARK.length()));
                }
                erase(name);
            }
        }
        List<String> again = left.stream().filter(this::isSuspect).toList();
        // Who was at work both times explains the death of today, and whoever was at work beside it goes free.
        List<String> suspects = again.isEmpty() ? left : again;
        suspects.forEach(key -> keep(key, before(key).death(suspects.size() == 1)));
    }

    private void readSentence(Path file, String key) {
        try {
            List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
            Sentence sentence = new Sentence(Instant.ofEpochSecond(Long.parseLong(lines.get(0))),
                    Integer.parseInt(lines.get(1)), Integer.parseInt(lines.get(2)), lines.get(3));
            if (sentence.until().plus(REMEMBERED).isAfter(Instant.now())) {
                sentences.put(key, sentence);
            } else {
                erase(key + SENTENCE);
            }
        } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | DateTimeException e) {
            LOG.warn("{} is damaged: its bundle does not run for now", file);
            keep(key, new Sentence(Sentence.after(TERMS.size()), TERMS.size(), 0, file + " was damaged"));
        }
    }

    private Sentence before(String key) {
        return sentences.getOrDefault(key, Sentence.NONE);
    }

    private void keep(String key, Sentence sentence) {
        sentences.put(key, sentence);
        try {
            PrivateFiles.folder(folder);
            PrivateFiles.write(folder.resolve(key + SENTENCE), sentence.text());
        } catch (IOException e) {
            LOG.warn("cannot write to {}: {}", folder, e.getMessage());
        }
    }

    private static Optional<String> key(PluginBundle bundle) {
        return bundle.jar().map(jar -> UUID.nameUUIDFromBytes(
                (bundle.name() + "\n" + bundle.version() + "\n" + jar.facts()).getBytes(StandardCharsets.UTF_8))
                .toString());
    }

    /** The bundle's code is about to run: if the engine dies before this is closed, the bundle did it. */
    public Risk risk(PluginBundle bundle) {
        Optional<String> key = key(bundle);
        if (key.isEmpty()) {
            return Risk.NONE;
        }
        // The next death is to tell who it was.
        boolean alone = isSuspect(key.get()) && enterAlone();
        mark(key.get());
        return () -> {
            unmark(key.get());
            if (alone) {
                turn.release();
            }
        };
    }

    private synchronized boolean isSuspect(String key) {
        return before(key).deaths() > 0;
    }

    private boolean enterAlone() {
        try {
            return turn.tryAcquire(TURN_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private synchronized void mark(String key) {
        if (ended || marks.merge(key, 1, Integer::sum) > 1) {
            return;
        }
        try {
            PrivateFiles.folder(folder);
            // Not forced to the disk: it has to outlive the engine, not the machine.
            Files.writeString(folder.resolve(key + MARK), boot);
        } catch (IOException e) {
            LOG.warn("cannot write to {}: {}", folder, e.getMessage());
        }
    }

    private synchronized void unmark(String key) {
        if (ended || marks.merge(key, -1, Integer::sum) > 0) {
            return;
        }
        marks.remove(key);
        erase(key + MARK);
    }

    private void erase(String name) {
        try {
            Files.deleteIfExists(folder.resolve(name));
        } catch (IOException e) {
            LOG.warn("cannot delete {}: {}", folder.resolve(name), e.getMessage());
        }
    }

    /** It has answered a lookup, and the engine lives: nothing speaks against it but what it was seen to do. */
    public synchronized void answered(PluginBundle bundle) {
        key(bundle).filter(this::isSuspect).ifPresent(key -> {
            Sentence before = before(key);
            if (before.exits() == 0) {
                sentences.remove(key);
                erase(key + SENTENCE);
            } else {
                keep(key, new Sentence(before.until(), before.exits(), 0, before.reason()));
            }
        });
    }

    /** This bundle ends the engine right now; the others are innocent. */
    public synchronized void blame(PluginBundle bundle, String reason) {
        end();
        key(bundle).ifPresent(key -> keep(key, before(key).exit(reason)));
    }

    /** The engine ends in order: nobody is to blame. */
    public synchronized void end() {
        ended = true;
        marks.keySet().forEach(key -> erase(key + MARK));
    }

    /** Why a bundle is left off now, one line. */
    public synchronized Optional<String> reason(PluginBundle bundle) {
        return key(bundle).map(this::before).filter(Sentence::isOff)
                .map(sentence -> sentence.reason() + "; it is left off until " + sentence.until());
    }

    /** How long a bundle is still left off; zero if it is not. */
    public synchronized Duration left(PluginBundle bundle) {
        return key(bundle).map(this::before).filter(Sentence::isOff)
                .map(sentence -> Duration.between(Instant.now(), sentence.until())).filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    /** The user wants to try it again. */
    public synchronized void release(PluginBundle bundle) {
        key(bundle).filter(key -> sentences.remove(key) != null).ifPresent(key -> erase(key + SENTENCE));
    }
}
