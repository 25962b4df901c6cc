package dev.secretsengine.core.http;

import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** What goes back for a request of HTTP; its body is wiped once it is sent. */
public final class HttpAnswer {

    private final int status;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final byte[] body;
    private boolean last;

    /** An answer with a status of HTTP; the body is taken over. */
    public HttpAnswer(int status, byte[] body) {
        this.status = status;
        this.body = body;
    }

    /** Adds a header. */
    public HttpAnswer with(String header, String value) {
        headers.put(header, value);
        return this;
    }

    /** Makes it the last one on its connection. */
    public HttpAnswer closing() {
        last = true;
        return with("Connection", "close");
    }

    boolean isLast() {
        return last;
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
