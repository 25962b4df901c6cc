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
                : Optional.of(new SecretId(text, components));
    }

    /** Whether the identifier is in the set. */
    public boolean matches(SecretId id) {
        return meet(components, id.components());
    }

    /** Whether some identifier is matched by both patterns. */
    public boolean intersects(SecretPattern other) {
        return meet(components, other.components);
    }

    /** What comes before the first wildcard has to be the same, and nearly always decides: every lookup comes by. */
    private static boolean meet(List<String> a, List<String> b) {
        int shorter = Math.min(a.size(), b.size());
        for (int i = 0; i < shorter; i++) {
            String left = a.get(i);
            String right = b.get(i);
            if (isWildcard(left) || isWildcard(right)) {
                boolean rest = (i == a.size() - 1 && left.equals(ANY)) || (i == b.size() - 1 && right.equals(ANY));
                return rest || restsMeet(a.subList(i, a.size()), b.subList(i, b.size()));
            }
            if (!left.equals(right)) {
                return false;
            }
        }
        return a.size() == b.size() || restsMeet(a.subList(shorter, a.size()), b.subList(shorter, b.size()));
    }

    private static boolean isWildcard(String component) {
        return component.charAt(0) == '*';
    }

    private static boolean restsMeet(List<String> a, List<String> b) {
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
