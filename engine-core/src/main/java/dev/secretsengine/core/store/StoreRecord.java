package dev.secretsengine.core.store;

import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The file that remembers which store was chosen: its name, and why not a better one, each on a line. */
final class StoreRecord {

    private final Path file;

    StoreRecord(Path file) {
        this.file = file;
    }

    /**
     * A choice.
     *
     * @param store its name
     * @param reason why the stores before it were passed over, one line or empty
     */
    record Choice(String store, String reason) {
    }

    Optional<Choice> read() throws IOException {
        try {
            List<String> lines = Files.readAllLines(file);
            return lines.isEmpty() || lines.get(0).isBlank()
                    ? Optional.empty()
                    : Optional.of(new Choice(lines.get(0), lines.size() > 1 ? lines.get(1) : ""));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    void write(Choice choice) throws IOException {
        PrivateFiles.write(file, choice.store() + "\n" + choice.reason() + "\n");
    }
}
