package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.SecretValue;
import java.util.List;
import java.util.stream.Stream;

/**
 * A field of an item, with its value, which the field owns.
 *
 * @param type {@code CONCEALED}, {@code STRING} and the like
 * @param purpose {@code PASSWORD}, {@code USERNAME}, {@code NOTES}, or empty
 * @param sectionId empty if it is in none
 */
public record Field(String id, String label, String type, String purpose, String sectionId, String sectionLabel,
        SecretValue value) {

    /** What it can be called in an ID, the best name first. */
    public List<String> names() {
        return names(label, id);
    }

    /** What its section can be called in an ID, the best name first; empty if it is in none. */
    public List<String> sections() {
        return sectionId.isEmpty() ? List.of() : names(sectionLabel, sectionId);
    }

    private static List<String> names(String label, String id) {
        return Stream.of(label, id).map(Normalised::of).filter(name -> !name.isEmpty()).distinct().toList();
    }

    /** Whether it has one of these names. */
    boolean isCalled(String name) {
        return names().stream().anyMatch(name::equalsIgnoreCase);
    }

    /** Whether its section has one of these names. */
    boolean isIn(String section) {
        return sections().stream().anyMatch(section::equalsIgnoreCase);
    }

    /** The rest of an ID that leads to it: {@code field} or {@code section/field}; empty if there is none. */
    String path() {
        if (names().isEmpty()) {
            return "";
        }
        return sections().isEmpty() ? names().getFirst() : sections().getFirst() + "/" + names().getFirst();
    }
}
