package dev.secretsengine.core.plugin;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
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
 * The dropped bundles that ended an engine, or were at work when one died: they are left off for a while, the longer the
 * more often. Kept in files of the state folder, because it is the next engine that has to know. Thread-safe.
 */
public final class Quarantine {

    private static final Logger LOG = LoggerFactory.getLogger(Quarantine.class);

    private static final String MARK = ".running";
    private static final String SENTENCE = ".off";
    private static final List<Duration> TERMS = List.of(Duration.ofMinutes(1), Duration.ofMinutes(10),
            Duration.ofHours(1), Duration.ofHours(24));

    private static final Duration REMEMBERED = Duration.ofDays(7);

    private record Sentence(Instant until, int count, String reason) {

        String text() {
            return until.getEpochSecond() + "\n" + count + "\n" + reason + "\n";
        }
    }

    /** A piece of work of a bundle that may end the engine. */
    @FunctionalInterface
    public interface Risk extends AutoCloseable {

        /** The work is done and the engine lives. */
        @Override
        void close();
    }

    private static final long TURN_SECONDS = 10;

    private final Path folder;
    private final Semaphore turn = new Semaphore(1);
    private final Map<String, Sentence> sentences = new HashMap<>();
    private final Map<String, Integer> marks = new HashMap<>();
    private boolean ended;

    /** What is known of earlier engines from this folder. */
    public Quarantine(Path folder) {
        this.folder = folder;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            read(files);
        } catch (NoSuchFileException e) {
            LOG.debug("no bundle has ended an engine yet");
        } catch (IOException e) {
            LOG.warn("cannot read {}: {}", folder, e.getMessage());
        }
    }

    private void read(DirectoryStream<Path> files) throws IOException {
        List<String> left = new ArrayList<>();
        for (Path file : files) {
            String name = String.valueOf(file.getFileName());
            if (name.endsWith(SENTENCE)) {
                readSentence(file, name.substring(0, name.length() - SENTENCE.length()));
            } else if (name.endsWith(MARK)) {
                left.add(name.substring(0, name.length() - MARK.length()));
                Files.deleteIfExists(file);
            }
        }
        for (String key : left) {
            // One of several was it: they are only suspected, and come one after the other the next time.
            sentence(key, left.size() == 1 ? "the engine died while this bundle was at work" : "");
        }
    }

    private void readSentence(Path file, String key) throws IOException {
        List<String> lines = Files.readAllLines(file);
        try {
            Sentence sentence = new Sentence(Instant.ofEpochSecond(Long.parseLong(lines.get(0))),
                    Integer.parseInt(lines.get(1)), lines.get(2));
            if (sentence.until().plus(REMEMBERED).isAfter(Instant.now())) {
                sentences.put(key, sentence);
                return;
            }
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            LOG.warn("{} makes no sense and is deleted", file);
        }
        Files.deleteIfExists(file);
    }

    private void sentence(String key, String reason) throws IOException {
        Sentence before = sentences.get(key);
        int count = before == null || before.reason().isEmpty() ? 0 : before.count();
        Duration term = reason.isEmpty() ? Duration.ZERO : TERMS.get(Math.min(count, TERMS.size() - 1));
        Sentence sentence = new Sentence(Instant.now().plus(term), count + 1, reason);
        sentences.put(key, sentence);
        PrivateFiles.write(folder.resolve(key + SENTENCE), sentence.text());
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
            return () -> {
            };
        }
        // Whoever was one of several does its work alone from now on, so that the next death tells who it was.
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
        Sentence sentence = sentences.get(key);
        return sentence != null && sentence.reason().isEmpty();
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
            Files.write(folder.resolve(key + MARK), new byte[0]);
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

    /** This bundle ends the engine right now; the others are innocent. */
    public synchronized void blame(PluginBundle bundle, String reason) {
        end();
        key(bundle).ifPresent(key -> {
            try {
                PrivateFiles.folder(folder);
                sentence(key, reason);
            } catch (IOException e) {
                LOG.warn("cannot write to {}: {}", folder, e.getMessage());
            }
        });
    }

    /** The engine ends in order: nobody is to blame. */
    public synchronized void end() {
        ended = true;
        marks.keySet().forEach(key -> erase(key + MARK));
    }

    /** Why a bundle is left off now, one line. */
    public synchronized Optional<String> reason(PluginBundle bundle) {
        return key(bundle).map(sentences::get)
                .filter(sentence -> !sentence.reason().isEmpty() && Instant.now().isBefore(sentence.until()))
                .map(sentence -> sentence.reason() + " and is left off until " + sentence.until());
    }

    /** How long a bundle is still left off; zero if it is not. */
    public synchronized Duration left(PluginBundle bundle) {
        return key(bundle).map(sentences::get)
                .map(sentence -> Duration.between(Instant.now(), sentence.until())).filter(Duration::isPositive)
                .orElse(Duration.ZERO);
    }

    /** The user wants to try it again. */
    public synchronized void release(PluginBundle bundle) {
        key(bundle).filter(key -> sentences.remove(key) != null).ifPresent(key -> erase(key + SENTENCE));
    }
}
