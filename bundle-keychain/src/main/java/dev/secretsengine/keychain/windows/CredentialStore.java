package dev.secretsengine.keychain.windows;

import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Secrets as credentials. A value that is larger than a credential may be lies in further ones, whose targets are the
 * label with {@code :chunk:} and a number. A credential is replaced or deleted only after it was read and found to be
 * of the secret. Callers see to it that no change runs at the same time as anything else.
 */
final class CredentialStore {

    /** Attributes of ours; none of the user's can have such a name. */
    private static final String CHUNK_COUNT = "chunk:count";
    private static final String CHUNK_INDEX = "chunk:index";
    private static final String ENCODING = "encoding";
    private static final String BASE64 = "base64";

    private static final Pattern CHUNK_ID = Pattern.compile(".*:chunk:\\d+", Pattern.CASE_INSENSITIVE);

    /** More than the largest value needs. */
    private static final int MAX_CHUNKS = 2048;

    private final Credentials credentials;

    CredentialStore(Credentials credentials) {
        this.credentials = credentials;
    }

    /** Fails if the Credential Manager cannot be used. */
    void look() throws Win32Exception {
        credentials.list("secrets-engine-probe*");
    }

    /** The credentials of our secrets that the pattern matches, without values. */
    List<Credential> find(Layout layout, SecretPattern pattern) throws Win32Exception {
        Optional<SecretId> id = pattern.asId();
        List<Credential> found = id.isPresent()
                ? credentials.read(layout.label(id.get())).stream().toList()
                : credentials.list(layout.group() + ":" + layout.name() + ":*");
        found.forEach(Credential::close);
        return found.stream().filter(credential -> idOf(layout, credential).filter(pattern::matches).isPresent())
                .toList();
    }

    /** As the other systems have them. A credential that docker's tools made tells the ID by its user name too. */
    static Map<String, String> attributes(Credential credential) {
        Map<String, String> attributes = new HashMap<>();
        credential.attributes()
                .forEach((key, value) -> attributes.put(key, new String(value, StandardCharsets.UTF_8)));
        attributes.putIfAbsent(Layout.ID, credential.userName());
        return attributes;
    }

    /** The secret that a credential is the main one of; empty for a chunk, and for what is not ours. */
    private static Optional<SecretId> idOf(Layout layout, Credential credential) {
        return credential.attributes().containsKey(CHUNK_INDEX)
                ? Optional.empty()
                : layout.idOf(attributes(credential));
    }

    /** Whether a credential found at a chunk's target, which has group and name, is that chunk of the secret. */
    private static boolean isChunk(Credential credential, SecretId id, int index) {
        return credential.userName().equals(id.toString())
                && Arrays.equals(credential.attributes().get(CHUNK_INDEX), bytes(index));
    }

    private static String chunk(String label, int index) {
        return label + ":chunk:" + index;
    }

    /** The value of a secret, empty if it is gone. */
    Optional<SecretValue> value(Layout layout, SecretId id) throws Win32Exception, SecretsException {
        try (Credential credential = credentials.read(layout.label(id)).orElse(null)) {
            if (credential == null || !idOf(layout, credential).equals(Optional.of(id))) {
                return Optional.empty();
            }
            Map<String, String> attributes = attributes(credential);
            String count = attributes.get(CHUNK_COUNT);
            byte[] blob = count == null ? credential.blob().clone() : join(layout.label(id), id, count);
            try {
                return Optional.of(SecretValue.wrap(
                        BASE64.equals(attributes.get(ENCODING)) ? Text.bytes(blob) : Text.text(blob)));
            } catch (CharacterCodingException | IllegalArgumentException e) {
                throw damaged(id);
            } finally {
                Arrays.fill(blob, (byte) 0);
            }
        }
    }

    private byte[] join(String label, SecretId id, String count) throws Win32Exception, SecretsException {
        int chunks;
        try {
            chunks = Integer.parseInt(count);
        } catch (NumberFormatException e) {
            throw damaged(id);
        }
        if (chunks < 1 || chunks > MAX_CHUNKS) {
            throw damaged(id);
        }
        byte[] joined = new byte[chunks * Credential.MAX_BLOB];
        int length = 0;
        try {
            for (int i = 0; i < chunks; i++) {
                try (Credential part = credentials.read(chunk(label, i)).orElseThrow(() -> damaged(id))) {
                    if (!isChunk(part, id, i)) {
                        throw damaged(id);
                    }
                    System.arraycopy(part.blob(), 0, joined, length, part.blob().length);
                    length += part.blob().length;
                }
            }
            return Arrays.copyOf(joined, length);
        } catch (IndexOutOfBoundsException e) {
            throw damaged(id);
        } finally {
            Arrays.fill(joined, (byte) 0);
        }
    }

    private static SecretsException damaged(SecretId id) {
        return new SecretsException.Invalid(id.toString(),
                "the value in the Credential Manager is incomplete or damaged",
                "set it again");
    }

    /**
     * Stores a secret, in one step unless both its old value and the new one are larger than a credential.
     *
     * @throws SecretsException.Invalid if it cannot be stored without replacing another credential; nothing is changed then
     */
    void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata)
            throws Win32Exception, SecretsException {
        String label = layout.label(id);
        Map<String, byte[]> attributes = new HashMap<>();
        layout.attributes(id, metadata)
                .forEach((key, text) -> attributes.put(key, text.getBytes(StandardCharsets.UTF_8)));
        if (id.toString().length() > Credential.MAX_ATTRIBUTE) {
            // The user name has room for it.
            attributes.remove(Layout.ID);
        }
        byte[] blob = blob(id, value, attributes);
        try {
            int chunks = blob.length <= Credential.MAX_BLOB ? 0 : Math.ceilDiv(blob.length, Credential.MAX_BLOB);
            if (chunks > 0) {
                attributes.put(CHUNK_COUNT, bytes(chunks));
            }
            requireFits(id, attributes);
            requireOurs(layout, id, label);
            requireChunksOurs(label, id, chunks);
            if (chunks == 0) {
                write(label, id, blob, attributes);
                removeChunks(label, id);
            } else {
                // Old ones go first: what is left of them must never be taken for parts of the new value.
                removeChunks(label, id);
                writeChunks(label, id, blob, chunks, attributes);
            }
        } finally {
            Arrays.fill(blob, (byte) 0);
        }
    }

    private void writeChunks(String label, SecretId id, byte[] blob, int chunks, Map<String, byte[]> attributes)
            throws Win32Exception {
        boolean good = false;
        try {
            for (int i = 0; i < chunks; i++) {
                byte[] part = Arrays.copyOfRange(blob, i * Credential.MAX_BLOB,
                        Math.min(blob.length, (i + 1) * Credential.MAX_BLOB));
                write(chunk(label, i), id, part, Map.of(CHUNK_INDEX, bytes(i)));
                Arrays.fill(part, (byte) 0);
            }
            write(label, id, new byte[0], attributes);
            good = true;
        } finally {
            if (!good) {
                removeChunks(label, id);
            }
        }
    }

    private void write(String target, SecretId id, byte[] blob, Map<String, byte[]> attributes)
            throws Win32Exception {
        try (Credential credential = new Credential(target, id.toString(), blob.clone(), attributes, null)) {
            credentials.write(credential);
        }
    }

    private static byte[] bytes(int number) {
        return Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] blob(SecretId id, SecretValue value, Map<String, byte[]> attributes)
            throws SecretsException {
        byte[] plain = value.copyBytes();
        try {
            if (Text.isText(plain)) {
                return Text.ofText(plain);
            }
            attributes.put(ENCODING, BASE64.getBytes(StandardCharsets.US_ASCII));
            return Text.ofBytes(plain);
        } catch (CharacterCodingException e) {
            throw damaged(id);
        } finally {
            Arrays.fill(plain, (byte) 0);
        }
    }

    private static void requireFits(SecretId id, Map<String, byte[]> attributes) throws SecretsException {
        if (CHUNK_ID.matcher(id.toString()).matches()) {
            throw new SecretsException.Invalid(id.toString(),
                    "IDs ending in :chunk: and a number are reserved for parts of large values in the Credential Manager",
                    "choose another ID");
        }
        if (id.toString().length() > Credential.MAX_USER_NAME) {
            throw new SecretsException.Invalid(id.toString(), "the Credential Manager takes IDs of up to "
                    + Credential.MAX_USER_NAME + " characters", "choose a shorter one");
        }
        if (attributes.size() > Credential.MAX_ATTRIBUTES
                || attributes.values().stream().anyMatch(value -> value.length > Credential.MAX_ATTRIBUTE)
                || attributes.keySet().stream().anyMatch(key -> key.length() > Credential.MAX_KEYWORD)) {
            throw new SecretsException.Invalid(id.toString(),
                    "the Credential Manager keeps up to 59 notes of up to 256 bytes, with names of up to 254",
                    "shorten the metadata");
        }
    }

    /** The Credential Manager takes A for a: what is there under the other spelling must not be overwritten. */
    private void requireOurs(Layout layout, SecretId id, String label) throws Win32Exception, SecretsException {
        try (Credential present = credentials.read(label).orElse(null)) {
            if (present == null) {
                return;
            }
            Optional<SecretId> other = idOf(layout, present);
            if (other.isEmpty()) {
                throw new SecretsException.Invalid(id.toString(),
                        "another program has a credential of this name", "choose another ID");
            }
            if (!other.get().equals(id)) {
                throw new SecretsException.Invalid(id.toString(), "the Credential Manager does not tell " + id
                        + " from " + other.get() + ", which is there already", "choose another ID");
            }
        }
    }

    /** A chunk must not replace the secret, or another program's credential, that has the name of the chunk. */
    private void requireChunksOurs(String label, SecretId id, int chunks) throws Win32Exception, SecretsException {
        for (int i = 0; i < chunks; i++) {
            try (Credential present = credentials.read(chunk(label, i)).orElse(null)) {
                if (present != null && !isChunk(present, id, i)) {
                    throw new SecretsException.Invalid(id.toString(),
                            "the Credential Manager already has another credential named \"" + present.target() + "\"",
                            "remove that one, choose another ID, or set a value of up to " + Credential.MAX_BLOB / 2
                                    + " characters");
                }
            }
        }
    }

    /** Removes a secret with all of its parts, and parts that an interrupted write has left; tells whether it was there. */
    boolean delete(Layout layout, SecretId id) throws Win32Exception {
        String label = layout.label(id);
        boolean isThere = !find(layout, SecretPattern.of(id)).isEmpty();
        removeChunks(label, id);
        return isThere && credentials.delete(label);
    }

    /** From the last to the first, so that what an interruption leaves is still found by counting up. */
    private void removeChunks(String label, SecretId id) throws Win32Exception {
        int count = 0;
        while (count < MAX_CHUNKS && hasChunk(label, id, count)) {
            count++;
        }
        for (int i = count - 1; i >= 0; i--) {
            credentials.delete(chunk(label, i));
        }
    }

    private boolean hasChunk(String label, SecretId id, int index) throws Win32Exception {
        try (Credential credential = credentials.read(chunk(label, index)).orElse(null)) {
            return credential != null && isChunk(credential, id, index);
        }
    }
}
