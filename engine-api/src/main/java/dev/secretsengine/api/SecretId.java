package dev.secretsengine.api;

import java.util.List;

/**
 * The name of one secret: components joined by {@code /}, such as {@code postgres/prod/password}. Case matters. An
 * instance is always valid.
 */
public final class SecretId implements Comparable<SecretId> {

    private final String text;
    private final List<String> components;

    /** Of components that are known to be valid. */
    SecretId(String text, List<String> components) {
        this.text = text;
        this.components = components;
    }

    /**
     * Parses an identifier.
     *
     * @throws IllegalArgumentException if it is empty, has an empty component or a character outside
     *     {@code A-Za-z0-9.-_:}; the message says which rule was broken and where
     */
    public static SecretId parse(String text) {
        return new SecretId(text, Components.parse(text, "identifier", false));
    }

    /** The components, at least one, none of them empty. */
    public List<String> components() {
        return components;
    }

    @Override
    public int compareTo(SecretId other) {
        return text.compareTo(other.text);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof SecretId id && id.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    /** The identifier as it was parsed. */
    @Override
    public String toString() {
        return text;
    }
}
