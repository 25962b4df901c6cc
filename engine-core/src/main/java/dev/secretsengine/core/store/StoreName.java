package dev.secretsengine.core.store;

/**
 * What the user calls a store, as in {@code store = "keychain:work"}.
 *
 * @param store the name that the store's bundle declares
 * @param collection which of its collections is used, empty for the recorded one, or else the store's own choice
 */
public record StoreName(String store, String collection) {

    /** Splits at the first colon. */
    public static StoreName parse(String text) {
        int colon = text.indexOf(':');
        return colon < 0 ? new StoreName(text, "") : new StoreName(text.substring(0, colon), text.substring(colon + 1));
    }

    /** What the user would type. */
    @Override
    public String toString() {
        return collection.isEmpty() ? store : store + ":" + collection;
    }
}
