package dev.secretsengine.core.store;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The file that remembers which store was chosen: its name, and why not a better one, each on a line. Then a line for each
 * store with collections, with its name and the collection that holds the user's secrets.
 */
final class StoreRecord {

    private final Path file;

    StoreRecord(Path file) {
        this.file = file;
    }

    /**
     * A choice.
     *
     * @param store its name
     * @param reason why the stores before it were skipped, one line or empty
     * @param collections the collection that is used of each store that has some, whether it is the chosen store or not
     */
    record Choice(String store, String reason, Map<String, String> collections) {

        /** The collection that is used of the chosen store. */
        Optional<String> collection() {
            return Optional.ofNullable(collections.get(store));
        }

        /** The same choice with a store's collection. */
        Choice with(String named, String collection) {
            Map<String, String> more = new TreeMap<>(collections);
            more.put(named, collection);
            return new Choice(store, reason, Map.copyOf(more));
        }
    }

    Optional<Choice> read() throws IOException {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        if (lines.isEmpty() || lines.get(0).isBlank()) {
            return Optional.empty();
        }
        Map<String, String> collections = new TreeMap<>();
        for (String line : lines.subList(Math.min(2, lines.size()), lines.size())) {
            String[] words = line.split(" ", 2);
            if (words.length == 2) {
                collections.put(words[0], words[1]);
            }
        }
        return Optional.of(new Choice(lines.get(0), lines.size() > 1 ? lines.get(1) : "", Map.copyOf(collections)));
    }

    void write(Choice choice) throws IOException {
        StringBuilder text = new StringBuilder(choice.store()).append('\n').append(choice.reason()).append('\n');
        new TreeMap<>(choice.collections()).forEach(
                (store, collection) -> text.append(store).append(' ').append(collection).append('\n'));
        PrivateFiles.write(file, text.toString());
    }
}
