package dev.secretsengine.core.http;

import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.net.SocketTimeoutException;
import org.jspecify.annotations.Nullable;

/** Answers the requests of a connection in HTTP/1.1, one after the other. */
public final class HttpLoop {

    private static final int REQUEST_TIMEOUT = 408;

    /** Beyond this the rest of a refused request is not read to keep its connection. */
    private static final int MAX_SKIPPED = 1 << 16;

    /** What requests are answered with. */
    public interface Service {

        /** The most bytes that the body of a request may have. */
        int maxBody();

        /** What to answer a request whose body is not wanted; null for any other. */
        default @Nullable HttpAnswer refusal(HttpHead head) {
            return null;
        }

        /** Answers a request; never fails. Wipes its body. */
        HttpAnswer answer(HttpHead head, byte[] body);

        /** The answer to a request was sent, or could not be. */
        default void answered() {
        }

        /** Whether the connection is to become something else. */
        default boolean isUpgrade(HttpHead head) {
            return false;
        }
    }

    private final HttpReader reader;
    private final HttpWriter writer;
    private final Service service;

    /** A loop that has read nothing yet. */
    public HttpLoop(HttpReader reader, HttpWriter writer, Service service) {
        this.reader = reader;
        this.writer = writer;
        this.service = service;
    }

    /**
     * Serves until the connection ends, or stays silent for longer than its time-out.
     *
     * @return whether it ended with an upgrade, which nobody has answered yet
     */
    public boolean serve() throws IOException {
        boolean within = false;
        try {
            HttpHead head = reader.readRequest();
            while (head != null) {
                if (service.isUpgrade(head)) {
                    return true;
                }
                within = true;
                boolean last = serve(head);
                within = false;
                head = last ? null : reader.readRequest();
            }
        } catch (HttpException e) {
            refuse(e.status());
        } catch (SocketTimeoutException e) {
            // Between requests it is only idle, and an answer that nobody asked for would confuse its client.
            if (within || reader.hasBuffered()) {
                refuse(REQUEST_TIMEOUT);
            }
        }
        return false;
    }

    /** Whether its answer was the last one. */
    private boolean serve(HttpHead head) throws IOException, HttpException {
        try {
            HttpAnswer answer = answer(head);
            answer.send(writer);
            return answer.isLast();
        } finally {
            service.answered();
        }
    }

    private void refuse(int status) throws IOException {
        new HttpAnswer(status, new byte[0]).closing().send(writer);
    }

    private HttpAnswer answer(HttpHead head) throws IOException, HttpException {
        HttpAnswer refusal = service.refusal(head);
        if (refusal != null) {
            // Who asks first whether the body is wanted sends none now.
            boolean keeps = head.keepAlive() && !head.expectsContinue();
            if (keeps) {
                reader.readBody(head, MAX_SKIPPED);
            }
            return keeps ? refusal : refusal.closing();
        }
        if (head.expectsContinue() && !reader.hasBuffered()) {
            writer.sendContinue();
        }
        HttpAnswer answer = service.answer(head, reader.readBody(head, service.maxBody()));
        return head.keepAlive() ? answer : answer.closing();
    }
}
