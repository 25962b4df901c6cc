package dev.secretsengine.core.connect;

import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What goes back for a request; its body is wiped once it is sent. */
final class Answer {

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int WRONG_VERB = 405;
    private static final int WRONG_TYPE = 415;

    private final int status;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final byte[] body;

    private Answer(int status, byte[] body) {
        this.status = status;
        this.body = body;
    }

    static Answer message(String contentType, byte[] body) {
        return new Answer(OK, body).with("Content-Type", contentType);
    }

    static Answer error(ConnectError error) {
        return new Answer(error.code().status(), error.toJson()).with("Accept-Encoding", "gzip").with("Content-Type",
                "application/json");
    }

    static Answer notFound() {
        return new Answer(NOT_FOUND, "404 page not found\n".getBytes(StandardCharsets.US_ASCII)).with("Content-Type",
                "text/plain; charset=utf-8");
    }

    static Answer wrongVerb() {
        return new Answer(WRONG_VERB, new byte[0]).with("Allow", "POST");
    }

    static Answer wrongType() {
        return new Answer(WRONG_TYPE, new byte[0]).with("Accept-Post",
                "application/json, application/json; charset=utf-8, application/proto");
    }

    /** To a request that is no HTTP, or too large. */
    static Answer refusal(int status) {
        return new Answer(status, new byte[0]).with("Connection", "close");
    }

    Answer with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    void send(HttpWriter writer) throws IOException {
        writer.response(status);
        headers.forEach(writer::header);
        try {
            writer.send(body);
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }
}
