package dev.secretsengine.core.connect;

import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.core.http.HttpAnswer;
import java.nio.charset.StandardCharsets;

/** The answers of Connect. */
final class Answers {

    private static final int OK = 200;
    private static final int NOT_FOUND = 404;
    private static final int WRONG_VERB = 405;
    private static final int WRONG_TYPE = 415;

    private Answers() {
    }

    static HttpAnswer message(String contentType, byte[] body) {
        return new HttpAnswer(OK, body).with("Content-Type", contentType);
    }

    static HttpAnswer error(ConnectError error) {
        return new HttpAnswer(error.code().status(), error.toJson()).with("Accept-Encoding", "gzip")
                .with("Content-Type", "application/json");
    }

    static HttpAnswer notFound() {
        return new HttpAnswer(NOT_FOUND, "404 page not found\n".getBytes(StandardCharsets.US_ASCII))
                .with("Content-Type", "text/plain; charset=utf-8");
    }

    static HttpAnswer wrongVerb() {
        return new HttpAnswer(WRONG_VERB, new byte[0]).with("Allow", "POST");
    }

    static HttpAnswer wrongType() {
        return new HttpAnswer(WRONG_TYPE, new byte[0]).with("Accept-Post",
                "application/json, application/json; charset=utf-8, application/proto");
    }
}
