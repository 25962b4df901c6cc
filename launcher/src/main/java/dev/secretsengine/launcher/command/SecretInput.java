package dev.secretsengine.launcher.command;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.codec.JsonScanner;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.launcher.format.WipedOutput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A value on its way into the store, and the metadata that came with it. Wiped on close. */
final class SecretInput implements AutoCloseable {

    private static final String SECRET = "secret";
    private static final String METADATA = "metadata";

    private final byte[] value;
    private final Map<String, String> metadata;

    private SecretInput(byte[] value, Map<String, String> metadata) {
        this.value = value;
        this.metadata = metadata;
    }

    Map<String, String> metadata() {
        return metadata;
    }

    /** The value, which the caller closes. */
    SecretValue take() {
        if (value.length > LocalStore.MAX_VALUE_LENGTH) {
            throw tooLarge();
        }
        return SecretValue.copyOf(value);
    }

    private static UsageException tooLarge() {
        return new UsageException(
                "the value is larger than 1 MiB (" + LocalStore.MAX_VALUE_LENGTH + " bytes): nothing was stored");
    }

    @Override
    public void close() {
        Arrays.fill(value, (byte) 0);
    }

    /** A value from the command line; the array is taken over. */
    static SecretInput of(byte[] value) {
        return new SecretInput(value, Map.of());
    }

    /** A value from the terminal or from standard input. */
    static SecretInput read(Session session, SecretId id, boolean raw) throws IOException, SecretsException {
        if (session.isTerminal(0)) {
            return of(typed(session, "Value for " + id + ": "));
        }
        byte[] input = all(session);
        if (raw) {
            return of(input);
        }
        SecretInput json = json(input);
        if (json != null) {
            Arrays.fill(input, (byte) 0);
            return json;
        }
        return of(withoutLineEnd(input, id));
    }

    /** Asks twice, without echo. */
    static byte[] typed(Session session, String question) throws IOException, SecretsException {
        byte[] first = once(session, question);
        byte[] second = once(session, "Once more: ");
        try {
            if (!Arrays.equals(first, second)) {
                Arrays.fill(first, (byte) 0);
                throw new SecretsException.Invalid("", "the two entries differ", "nothing was stored, try again");
            }
            return first;
        } finally {
            Arrays.fill(second, (byte) 0);
        }
    }

    /** Asks once, without echo. */
    static byte[] once(Session session, String question) throws IOException, SecretsException {
        Optional<byte[]> answer = session.prompt(question, true);
        // The terminal did not echo the line end either.
        session.err().write('\n');
        if (answer.isEmpty() || answer.get().length == 0) {
            throw new SecretsException.Invalid("", "nothing was typed", "nothing was changed");
        }
        return answer.get();
    }

    /** All of standard input. */
    static byte[] all(Session session) throws IOException {
        try (WipedOutput input = new WipedOutput()) {
            byte[] piece = session.read();
            while (piece.length > 0) {
                input.writeBytes(piece);
                Arrays.fill(piece, (byte) 0);
                // Room for one line end, and no more.
                if (input.size() > LocalStore.MAX_VALUE_LENGTH + 2) {
                    throw tooLarge();
                }
                piece = session.read();
            }
            return input.toByteArray();
        }
    }

    private static byte[] withoutLineEnd(byte[] input, SecretId id) throws SecretsException {
        byte[] value = withoutLineEnd(input);
        if (value.length == 0) {
            throw new SecretsException.Invalid(id.toString(), "standard input was empty and nothing was stored",
                    "docker pass set " + id + "= stores an empty value");
        }
        return value;
    }

    /** Without the final line end, if there is one; the input is wiped. */
    static byte[] withoutLineEnd(byte[] input) {
        int length = input.length;
        if (length > 0 && input[length - 1] == '\n') {
            length--;
            if (length > 0 && input[length - 1] == '\r') {
                length--;
            }
        }
        byte[] value = Arrays.copyOf(input, length);
        Arrays.fill(input, (byte) 0);
        return value;
    }

    /** The value in a JSON object with {@code secret} and, if at all, {@code metadata}; null if it is anything else. */
    private static @Nullable SecretInput json(byte[] input) {
        JsonScanner json = new JsonScanner(input);
        byte[] value = null;
        SecretInput result = null;
        Map<String, String> metadata = new LinkedHashMap<>();
        String field = "";
        try {
            json.expect('{');
            for (boolean first = true; json.more(first, '}'); first = false) {
                field = field(json);
                if (field.equals(SECRET) && json.peek() == '"') {
                    wipe(value);
                    value = json.secretBytes();
                } else if (field.equals(METADATA) && json.peek() == '{') {
                    metadata(json, metadata);
                } else {
                    return null;
                }
                field = "";
            }
            result = value != null && json.atEnd() ? new SecretInput(value, metadata) : null;
            return result;
        } catch (MalformedException e) {
            if (e.isText() && !field.isEmpty()) {
                throw new UsageException("standard input is JSON whose \"" + field
                        + "\" is not valid UTF-8 or has half of a surrogate pair, and nothing was stored: "
                        + "correct it, or store the input as it is with --raw");
            }
            // Not JSON, so it is a value like any other.
            return null;
        } finally {
            if (result == null) {
                wipe(value);
            }
        }
    }

    /** The name of a field with its colon; empty for one that is unknown, and may be a part of a value. */
    private static String field(JsonScanner json) throws MalformedException {
        byte[] name = json.stringBytes();
        json.expect(':');
        String known = Arrays.equals(name, SECRET.getBytes(StandardCharsets.US_ASCII))
                ? SECRET
                : Arrays.equals(name, METADATA.getBytes(StandardCharsets.US_ASCII)) ? METADATA : "";
        wipe(name);
        return known;
    }

    private static void wipe(byte @Nullable [] bytes) {
        if (bytes != null) {
            Arrays.fill(bytes, (byte) 0);
        }
    }

    private static void metadata(JsonScanner json, Map<String, String> metadata) throws MalformedException {
        json.expect('{');
        for (boolean first = true; json.more(first, '}'); first = false) {
            String key = json.string();
            json.expect(':');
            if (json.peek() == '{' || json.peek() == '[') {
                throw new UsageException("the metadata \"" + key + "\" is not a text: nothing was stored");
            }
            metadata.put(key, scalar(json));
        }
    }

    private static String scalar(JsonScanner json) throws MalformedException {
        if (json.peek() == '"') {
            return json.string();
        }
        for (String word : List.of("true", "false")) {
            if (json.takeWord(word)) {
                return word;
            }
        }
        return json.takeWord("null") ? "" : json.number();
    }
}
