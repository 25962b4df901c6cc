package dev.secretsengine.keychain.system;

import dev.secretsengine.api.CollectionStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The keychain of one operating system. Every call waits no longer than its context allows, and opens the keychain if
 * it is not open. Items of others are left alone: the layout says which are ours. Thread-safe.
 */
public interface Keychain extends AutoCloseable {

    /** See {@link LocalStore#probe}. */
    LocalStore.Probe probe(Layout layout, RequestContext context);

    /** The items that the pattern matches, each ID once, without values. */
    List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context) throws SecretsException;

    /** The items that the pattern matches, each ID once, with values; the caller closes them. */
    List<Envelope> read(Layout layout, SecretPattern pattern, RequestContext context) throws SecretsException;

    /** Creates an item, or replaces its value and metadata in place. */
    void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException;

    /**
     * Removes every item of an ID.
     *
     * @return whether there was one
     */
    boolean delete(Layout layout, SecretId id, RequestContext context) throws SecretsException;

    /** See {@link CollectionStore#collection}. */
    default String collection(Layout layout, RequestContext context) throws SecretsException {
        return "";
    }

    /** See {@link CollectionStore#elsewhere}. */
    default Map<SecretId, List<String>> elsewhere(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return Map.of();
    }

    /** See {@link dev.secretsengine.api.Unlockable#requireUnlockable}. */
    default void requireUnlockable(Layout layout, RequestContext context) throws SecretsException {
        throw new SecretsException.Invalid(layout.label(), "this keychain takes its passphrase in its own window only",
                "unlock it there");
    }

    /** See {@link dev.secretsengine.api.Unlockable#unlock}. */
    default void unlock(Layout layout, SecretValue passphrase, RequestContext context) throws SecretsException {
        requireUnlockable(layout, context);
    }

    /** Lets go of the connection; a later call opens it again. */
    @Override
    void close();

    /**
     * How our items lie in a keychain, so that docker's own tools and ours see the same ones.
     *
     * @param group the service group
     * @param name the service name
     * @param collection the collection that holds them, empty where the keychain chooses it or has none
     */
    record Layout(String group, String name, String collection) {

        /** Items in the collection that the keychain chooses. */
        public Layout(String group, String name) {
            this(group, name, "");
        }

        /** The same items in a collection. */
        public Layout in(String other) {
            return new Layout(group, name, other);
        }

        /** The attribute that holds the ID. */
        public static final String ID = "id";

        /** The attribute that holds the service group. */
        public static final String GROUP = "service:group";

        /** The attribute that holds the service name. */
        public static final String NAME = "service:name";

        private static final String METADATA = "x_";

        /** What every item of ours carries. */
        public Map<String, String> service() {
            return Map.of(GROUP, group, NAME, name);
        }

        /** What tells one item from all others. Metadata is never part of it. */
        public Map<String, String> identity(SecretId id) {
            return Map.of(ID, id.toString(), GROUP, group, NAME, name);
        }

        /** The identity and the user's metadata. */
        public Map<String, String> attributes(SecretId id, Map<String, String> metadata) {
            Map<String, String> attributes = new HashMap<>(identity(id));
            metadata.forEach((key, value) -> attributes.put(METADATA + key, value));
            return attributes;
        }

        /** What all items are labelled with, before their ID. */
        public String label() {
            return group + ":" + name;
        }

        /** What a keychain's own window shows. */
        public String label(SecretId id) {
            return label() + ":" + id;
        }

        /** Whose item it is; empty if it is not one of ours, or somebody gave it an ID that is none. */
        public Optional<SecretId> idOf(Map<String, String> attributes) {
            String id = attributes.get(ID);
            if (id == null || !group.equals(attributes.get(GROUP)) || !name.equals(attributes.get(NAME))) {
                return Optional.empty();
            }
            try {
                return Optional.of(SecretId.parse(id));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }

        /** Whether the identity can be read: a keyring that was never unlocked shows hashes in its place. */
        public static boolean isReadable(Map<String, String> attributes) {
            return attributes.containsKey(ID);
        }

        /** The user's metadata; attributes of the keychain's own are dropped. */
        public static Map<String, String> metadataOf(Map<String, String> attributes) {
            Map<String, String> metadata = new HashMap<>();
            attributes.forEach((key, value) -> {
                if (key.startsWith(METADATA)) {
                    metadata.put(key.substring(METADATA.length()), value);
                }
            });
            return metadata;
        }
    }
}
