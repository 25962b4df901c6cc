package dev.secretsengine.client.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What the official client, a plugin and a module of access control and an engine said to each other. */
final class Recording {

    /** A request and its answer, as bytes of HTTP. */
    record Exchange(String name, byte[] request, byte[] response) {
    }

    private static final int FRAME_HEAD = 12;
    private static final byte[] HEAD_END = "\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** All that one side sent on one connection behind its upgrade, by the number of the stream. */
    private final Map<String, ByteArrayOutputStream> tunnels = new LinkedHashMap<>();

    private final Map<String, ByteArrayOutputStream> requests = new LinkedHashMap<>();
    private final Map<String, ByteArrayOutputStream> responses = new LinkedHashMap<>();

    private Recording() {
    }

    static List<Exchange> exchanges() throws IOException {
        Recording recording = new Recording();
        recording.read();
        recording.tunnels.forEach(recording::takeApart);
        List<Exchange> exchanges = new ArrayList<>();
        recording.requests.forEach((name, request) -> {
            ByteArrayOutputStream response = recording.responses.get(name);
            assertNotNull(response, name);
            exchanges.add(new Exchange(name, request.toByteArray(), response.toByteArray()));
        });
        return exchanges;
    }

    private void read() throws IOException {
        try (InputStream in = Recording.class.getResourceAsStream("/dev/secretsengine/client/recorded-exchanges.jsonl");
                JsonParser parser = new JsonFactory().createParser(in)) {
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                Map<String, String> line = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    line.put(name, parser.getText());
                }
                String text = line.get("text");
                take(line, text == null
                        ? Base64.getDecoder().decode(line.get("base64"))
                        : text.getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void take(Map<String, String> line, byte[] bytes) {
        String connection = line.get("conn");
        boolean tunnel = Integer.parseInt(connection) >= 3;
        String sender = line.get("from");
        if (tunnel) {
            tunnels.computeIfAbsent(connection + " " + sender, _ -> new ByteArrayOutputStream()).writeBytes(bytes);
        } else {
            (sender.equals("engine") ? responses : requests)
                    .computeIfAbsent(line.get("scenario"), _ -> new ByteArrayOutputStream()).writeBytes(bytes);
        }
    }

    /** Puts the data of yamux's frames together. */
    private void takeApart(String who, ByteArrayOutputStream sent) {
        String connection = who.split(" ")[0];
        boolean engine = who.endsWith("engine");
        byte[] bytes = sent.toByteArray();
        int at = headEnd(bytes);
        (engine ? responses : requests).computeIfAbsent(connection + " upgrade", _ -> new ByteArrayOutputStream())
                .writeBytes(Arrays.copyOf(bytes, at));
        while (at < bytes.length) {
            ByteBuffer head = ByteBuffer.wrap(bytes, at, FRAME_HEAD);
            int type = head.get(at + 1);
            int stream = head.getInt(at + 4);
            int length = type == 0 ? head.getInt(at + 8) : 0;
            at += FRAME_HEAD;
            // Streams with odd numbers are the plugin's requests, those with even numbers the engine's.
            boolean request = engine == (stream % 2 == 0);
            if (length > 0) {
                (request ? requests : responses)
                        .computeIfAbsent(connection + " stream " + stream, _ -> new ByteArrayOutputStream())
                        .write(bytes, at, length);
            }
            at += length;
        }
        assertEquals(bytes.length, at);
    }

    private static int headEnd(byte[] bytes) {
        int at = 0;
        while (!Arrays.equals(bytes, at, at + HEAD_END.length, HEAD_END, 0, HEAD_END.length)) {
            at++;
        }
        return at + HEAD_END.length;
    }
}
