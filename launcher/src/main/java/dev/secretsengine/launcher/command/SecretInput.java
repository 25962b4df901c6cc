package dev.secretsengine.launcher.command;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.launcher.format.WipedOutput;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A value on its way into the store, and the metadata that came with it. Wiped on close. */
final class SecretInput implements AutoCloseable {

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
    private static @Nullable SecretInput json(byte[] input) throws IOException {
        JsonFactory factory = JsonFactory.builder().recyclerPool(JsonRecyclerPools.nonRecyclingPool()).build();
        byte[] value = null;
        Map<String, String> metadata = new LinkedHashMap<>();
        try (JsonParser json = factory.createParser(input)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                JsonToken token = json.nextToken();
                if ("secret".equals(field) && token == JsonToken.VALUE_STRING) {
                    value = text(json);
                } else if ("metadata".equals(field) && token == JsonToken.START_OBJECT) {
                    metadata(json, metadata);
                } else {
                    return discard(value);
                }
            }
            return json.nextToken() == null && value != null ? new SecretInput(value, metadata) : discard(value);
        } catch (JsonProcessingException | CharConversionException e) {
            // Not JSON, so it is a value like any other.
            return discard(value);
        }
    }

    private static @Nullable SecretInput discard(byte @Nullable [] value) {
        if (value != null) {
            Arrays.fill(value, (byte) 0);
        }
        return null;
    }

    private static void metadata(JsonParser json, Map<String, String> metadata) throws IOException {
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (!json.nextToken().isScalarValue()) {
                throw new UsageException("the metadata \"" + key + "\" is not a text: nothing was stored");
            }
            metadata.put(key, json.getValueAsString(""));
        }
    }

    /** The text that the parser has come to, in UTF-8. */
    static byte[] text(JsonParser json) throws IOException {
        char[] buffer = json.getTextCharacters();
        int start = json.getTextOffset();
        int length = json.getTextLength();
        // Three bytes for a char at most: a surrogate pair takes four.
        byte[] encoded = new byte[3 * length];
        ByteBuffer target = ByteBuffer.wrap(encoded);
        StandardCharsets.UTF_8.newEncoder().onMalformedInput(CodingErrorAction.REPLACE)
                .encode(CharBuffer.wrap(buffer, start, length), target, true);
        byte[] value = Arrays.copyOf(encoded, target.position());
        Arrays.fill(encoded, (byte) 0);
        Arrays.fill(buffer, start, start + length, '\0');
        return value;
    }
}
