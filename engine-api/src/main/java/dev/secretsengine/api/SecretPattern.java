package dev.secretsengine.api;

import java.util.List;
import java.util.Optional;

/**
 * A set of secret IDs: an identifier whose components may be {@code *} (exactly one component) or {@code **} (zero or
 * more). An identifier is the pattern that matches itself only. An instance is always valid.
 */
public final class SecretPattern {

    private static final String ONE = "*";
    private static final String ANY = "**";

    private final String text;
    private final List<String> components;

    private SecretPattern(String text, List<String> components) {
        this.text = text;
        this.components = components;
    }

    /**
     * Parses a pattern.
     *
     * @throws IllegalArgumentException if it is empty, has an empty component, a wildcard that is not a whole component
     *     or a character outside {@code A-Za-z0-9.-_:}; the message says which rule was broken and where
     */
    public static SecretPattern parse(String text) {
        return new SecretPattern(text, Components.parse(text, "pattern", true));
    }

    /** The pattern that matches this one identifier. */
    public static SecretPattern of(SecretId id) {
        return new SecretPattern(id.toString(), id.components());
    }

    /** The identifier, if this pattern has no wildcard. */
    public Optional<SecretId> asId() {
        return components.contains(ONE) || components.contains(ANY)
                ? Optional.empty()
                : Optional.of(SecretId.parse(text));
    }

    /** Whether the identifier is in the set. */
    public boolean matches(SecretId id) {
        return intersects(of(id));
    }

    /** Whether some identifier is matched by both patterns. */
    public boolean intersects(SecretPattern other) {
        List<String> a = components;
        List<String> b = other.components;
        // reach[j]: the components of a seen so far and the first j of b can stand for the same text.
        boolean[] reach = new boolean[b.size() + 1];
        reach[0] = true;
        for (int j = 1; j <= b.size(); j++) {
            reach[j] = reach[j - 1] && b.get(j - 1).equals(ANY);
        }
        for (String left : a) {
            boolean[] next = new boolean[b.size() + 1];
            next[0] = reach[0] && left.equals(ANY);
            for (int j = 1; j <= b.size(); j++) {
                String right = b.get(j - 1);
                if (left.equals(ANY) || right.equals(ANY)) {
                    // ** stands for nothing, or for one component more of the other side.
                    next[j] = reach[j] || next[j - 1];
                } else {
                    next[j] = reach[j - 1] && (left.equals(ONE) || right.equals(ONE) || left.equals(right));
                }
            }
            reach = next;
        }
        return reach[b.size()];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretPattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The pattern as it was parsed. */
    @Override
    public String toString() {
        return text;
    }
}
