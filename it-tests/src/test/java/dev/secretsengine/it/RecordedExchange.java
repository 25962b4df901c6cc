package dev.secretsengine.it;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What the official client sent and was answered.
 *
 * @param name of the scenario
 * @param request as bytes of HTTP
 * @param response likewise
 */
record RecordedExchange(String name, byte[] request, byte[] response) {

    private static final Path FILE = Path
            .of("../engine-client/src/test/resources/dev/secretsengine/client/recorded-exchanges.jsonl");

    /** Those of clients, without the one whose answer was another module's decision. */
    static List<RecordedExchange> ofClients() throws IOException {
        Map<String, ByteArrayOutputStream> requests = new LinkedHashMap<>();
        Map<String, ByteArrayOutputStream> responses = new LinkedHashMap<>();
        try (JsonParser parser = new JsonFactory().createParser(FILE.toFile())) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> line = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    line.put(name, parser.getText());
                }
                // The later ones are plugins'.
                if (Integer.parseInt(line.get("conn")) < 3 && !line.get("scenario").equals("authorize-deny")) {
                    (line.get("from").equals("client") ? requests : responses)
                            .computeIfAbsent(line.get("scenario"), _ -> new ByteArrayOutputStream())
                            .writeBytes(bytes(line));
                }
            }
        }
        List<RecordedExchange> exchanges = new ArrayList<>();
        requests.forEach((name, request) -> exchanges
                .add(new RecordedExchange(name, request.toByteArray(), responses.get(name).toByteArray())));
        return exchanges;
    }

    private static byte[] bytes(Map<String, String> line) {
        String text = line.get("text");
        return text == null
                ? Base64.getDecoder().decode(line.get("base64"))
                : text.getBytes(StandardCharsets.UTF_8);
    }
}
