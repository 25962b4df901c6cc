package dev.secretsengine.core.store;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.config.PrivateFiles;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The file that remembers which store was chosen: its name, and why not a better one, each on a line. Then a line for each
 * store with collections, with its name and the collection that holds the user's secrets.
 */
final class StoreRecord {

    private static final Pattern STORE = Pattern.compile("[a-z0-9][a-z0-9-]*");

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

        /** The chosen store in its recorded collection; the same where there is none. */
        LocalStore in(LocalStore chosen) throws SecretsException {
            return chosen instanceof CollectionStore divided && collection().isPresent()
                    ? divided.in(collection().get())
                    : chosen;
        }

        /** The same choice with a store's collection. */
        Choice with(String named, String collection) {
            Map<String, String> more = new TreeMap<>(collections);
            more.put(named, collection);
            return new Choice(store, reason, Map.copyOf(more));
        }
    }

    /**
     * What was chosen, empty if nothing was.
     *
     * @throws SecretsException.Failed if there is a record that cannot be read: which store has the secrets is not known then
     */
    Optional<Choice> read() throws SecretsException {
        try {
            List<String> lines = Files.readAllLines(file);
            if (lines.isEmpty() || !STORE.matcher(lines.get(0)).matches()) {
                throw damaged("is damaged");
            }
            return Optional.of(new Choice(lines.get(0), lines.size() > 1 ? lines.get(1) : "", collections(lines)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (CharacterCodingException e) {
            throw damaged("is damaged").causedBy(e);
        } catch (IOException e) {
            throw damaged("cannot be read").causedBy(e);
        }
    }

    private Map<String, String> collections(List<String> lines) throws SecretsException {
        Map<String, String> collections = new TreeMap<>();
        for (String line : lines.subList(Math.min(2, lines.size()), lines.size())) {
            String[] words = line.split(" ", -1);
            if (words.length != 2 || !STORE.matcher(words[0]).matches() || words[1].isEmpty()) {
                throw damaged("is damaged");
            }
            collections.put(words[0], words[1]);
        }
        return Map.copyOf(collections);
    }

    private SecretsException damaged(String what) {
        return new SecretsException.Failed(ActiveStore.PLUGIN,
                file + ", which names the store of your secrets, " + what,
                "set store in config.toml to the name of that store");
    }

    /** That the recorded store is not there. */
    SecretsException missing(Choice choice, Set<String> installed) {
        return new SecretsException.Invalid(ActiveStore.PLUGIN,
                "the store \"" + choice.store() + "\", which " + file + " names, is not installed",
                "install it, or set store in config.toml to one of " + installed);
    }

    void write(Choice choice) throws IOException {
        StringBuilder text = new StringBuilder(choice.store()).append('\n').append(choice.reason()).append('\n');
        new TreeMap<>(choice.collections()).forEach(
                (store, collection) -> text.append(store).append(' ').append(collection).append('\n'));
        PrivateFiles.write(file, text.toString());
    }
}
