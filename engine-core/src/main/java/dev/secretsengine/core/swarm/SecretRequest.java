package dev.secretsengine.core.swarm;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.secretsengine.core.resolve.References;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/**
 * What dockerd asks of a secret driver, as far as it matters here.
 *
 * @param name the secret's name in Swarm
 * @param label its label {@code reference}, empty if it has none
 */
record SecretRequest(String name, String label) {

    private static final JsonFactory JSON = new JsonFactory();

    /**
     * Reads the JSON of a request.
     *
     * @throws IOException if it is none, or names no secret
     */
    static SecretRequest parse(byte[] body) throws IOException {
        String name = "";
        String label = "";
        try (JsonParser json = JSON.createParser(body)) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new IOException("no object");
            }
            for (String field = json.nextFieldName(); field != null; field = json.nextFieldName()) {
                JsonToken value = json.nextToken();
                if (field.equals("SecretName") && value == JsonToken.VALUE_STRING) {
                    name = json.getText();
                } else if (field.equals("SecretLabels") && value == JsonToken.START_OBJECT) {
                    label = label(json);
                } else {
                    json.skipChildren();
                }
            }
        }
        if (name.isEmpty()) {
            throw new IOException("no name");
        }
        return new SecretRequest(name, label);
    }

    private static String label(JsonParser json) throws IOException {
        String found = "";
        for (String label = json.nextFieldName(); label != null; label = json.nextFieldName()) {
            JsonToken value = json.nextToken();
            if (label.equals("reference") && value == JsonToken.VALUE_STRING) {
                found = json.getText();
            } else {
                json.skipChildren();
            }
        }
        return found;
    }

    /** The reference to be resolved, with or without {@code se://} in the label. */
    String reference() {
        String meant = label.isEmpty() ? name : label;
        return meant.startsWith(References.SCHEME) ? meant : References.SCHEME + meant;
    }

    /** An object with one text in it. */
    static String object(String field, String text) {
        StringWriter object = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(object)) {
            json.writeStartObject();
            json.writeStringField(field, text);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return object.toString();
    }
}
