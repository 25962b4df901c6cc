package dev.secretsengine.core.store;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretsException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Secrets of the active store that are in other collections than the one it uses, and what to tell the user about them.
 *
 * @param used the store with the collection that it uses
 * @param found the names of the other collections by ID
 */
public record OtherCollections(StoreName used, Map<SecretId, List<String>> found) {

    static final OtherCollections NONE = new OtherCollections(new StoreName("", ""), Map.of());

    /** How many IDs a note names. */
    private static final int NAMED = 3;

    /** Says where a secret is that the used collection does not have; empty if no other one has it. */
    public Optional<SecretsException.NotFound> missing(SecretId id) {
        return Optional.ofNullable(found.get(id)).map(others -> new SecretsException.NotFound(id.toString(),
                "there is no secret " + id + " in the collection " + quoted(used.collection()) + ", but one in "
                        + others.stream().map(OtherCollections::quoted).collect(Collectors.joining(", ")),
                migration(others.getFirst()) + " " + id));
    }

    /**
     * Notes on secrets that are in several collections, and on those that are only in others.
     *
     * @param shown the IDs that the used collection has
     * @return one line each
     */
    public List<String> notes(Collection<SecretId> shown) {
        List<String> notes = new ArrayList<>();
        List<SecretId> twice = found.keySet().stream().filter(shown::contains).sorted().toList();
        List<SecretId> hidden = found.keySet().stream().filter(id -> !shown.contains(id)).sorted().toList();
        if (!twice.isEmpty()) {
            notes.add(listed(twice) + " also in the collection " + quoted(String.join(", ", others(twice)))
                    + "; used is the one in "
                    + quoted(used.collection()));
        }
        if (!hidden.isEmpty()) {
            List<String> others = others(hidden);
            notes.add(listed(hidden) + " in the collection " + quoted(String.join(", ", others)) + ", not in "
                    + quoted(used.collection()) + ": " + migration(others.getFirst()));
        }
        return notes;
    }

    /** Says where secrets of an ID are left after it was removed; empty if nowhere. */
    public Optional<String> left(SecretId id) {
        return Optional.ofNullable(found.get(id))
                .map(others -> id + " is still in the collection " + quoted(String.join(", ", others)));
    }

    private String migration(String from) {
        return "docker pass migrate --from " + new StoreName(used.store(), from) + " --to " + used.store();
    }

    private List<String> others(List<SecretId> ids) {
        return ids.stream().flatMap(id -> found.getOrDefault(id, List.of()).stream()).distinct().sorted().toList();
    }

    private static String listed(List<SecretId> ids) {
        String names = ids.stream().limit(NAMED).map(SecretId::toString).collect(Collectors.joining(", "));
        return ids.size() > NAMED
                ? names + " and " + (ids.size() - NAMED) + " more are"
                : names + (ids.size() == 1 ? " is" : " are");
    }

    private static String quoted(String text) {
        return "\"" + text + "\"";
    }
}
