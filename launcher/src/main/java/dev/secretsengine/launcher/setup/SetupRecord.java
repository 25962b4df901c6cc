package dev.secretsengine.launcher.setup;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a setup remembers for its undoing, in a file beside {@code daemon.json}.
 *
 * @param written the digest of what was written; nothing matches an empty one
 * @param backup the name of the file that holds what was there before, empty where there was no file
 * @param formerDefault {@code default-runtime} as it was before
 * @param emptyRuntimes whether there was an empty {@code runtimes} before
 */
record SetupRecord(String written, Optional<String> backup, Optional<String> formerDefault, boolean emptyRuntimes) {

    /** In the names of the backups. */
    static final String BACKUP = ".before-docker-pass";

    private static final String WRITTEN = "written";
    private static final String BACKUP_NAME = "backup";
    private static final String FORMER_DEFAULT = "default-runtime";
    private static final String EMPTY_RUNTIMES = "empty-runtimes";

    private static Path path(ConfigFile file, String runtime) {
        return file.beside(".docker-pass-" + runtime);
    }

    /** The record of this runtime's setup. */
    static Optional<SetupRecord> read(ConfigFile file, String runtime) throws IOException {
        Path path = path(file, runtime);
        if (!Files.exists(path)) {
            return Optional.empty();
        }
        Map<String, String> facts = Files.readAllLines(path).stream().filter(line -> line.contains("="))
                .map(line -> line.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1], (a, b) -> b));
        return Optional.of(new SetupRecord(facts.getOrDefault(WRITTEN, ""), fact(facts, BACKUP_NAME),
                fact(facts, FORMER_DEFAULT), facts.containsKey(EMPTY_RUNTIMES)));
    }

    private static Optional<String> fact(Map<String, String> facts, String name) {
        return Optional.ofNullable(facts.get(name)).filter(value -> !value.isEmpty());
    }

    void write(ConfigFile file, String runtime) throws IOException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(WRITTEN, written);
        backup.ifPresent(name -> facts.put(BACKUP_NAME, name));
        formerDefault.ifPresent(name -> facts.put(FORMER_DEFAULT, name));
        if (emptyRuntimes) {
            facts.put(EMPTY_RUNTIMES, "true");
        }
        String text = facts.entrySet().stream().map(fact -> fact.getKey() + "=" + fact.getValue() + "\n")
                .collect(Collectors.joining());
        Path path = path(file, runtime);
        ConfigFile.writeLike(path, path, text.getBytes(StandardCharsets.UTF_8));
    }

    static void remove(ConfigFile file, String runtime) throws IOException {
        Files.deleteIfExists(path(file, runtime));
    }

    /** Whether a file is still what was written. */
    boolean isOf(ConfigFile file) {
        return file.bytes().map(ConfigFile::digest).filter(written::equals).isPresent();
    }

    /** Remembers another content. */
    SetupRecord withWritten(byte[] content) {
        return new SetupRecord(ConfigFile.digest(content), backup, formerDefault, emptyRuntimes);
    }

    /** Somebody else has changed the file as well: it can no longer be put back as a whole. */
    SetupRecord withoutWritten() {
        return new SetupRecord("", backup, formerDefault, emptyRuntimes);
    }
}
