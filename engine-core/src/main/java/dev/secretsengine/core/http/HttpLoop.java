package dev.secretsengine.core.http;

import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.watch.PassedOn;
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

        /**
         * Answers a request; never fails. Wipes its body.
         *
         * @throws PassedOn if another thread does
         */
        HttpAnswer answer(HttpHead head, byte[] body);

        /** The answer to a request was sent. */
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

    /** Whether a request was read that is not answered yet. */
    private boolean within;

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
     * @throws PassedOn if another thread goes on with {@link #resume}
     */
    public boolean serve() throws IOException {
        return guarded(() -> serveFrom(reader.readRequest()));
    }

    /** Goes on in place of a thread that serves no more, with the answer to the request that it had read. */
    public boolean resume(HttpHead head, HttpAnswer answer) throws IOException {
        return guarded(() -> !send(kept(head, answer)) && serveFrom(reader.readRequest()));
    }

    /** Serving, which may end early. */
    @FunctionalInterface
    private interface Serving {

        boolean serve() throws IOException, HttpException;
    }

    private boolean guarded(Serving serving) throws IOException {
        try {
            return serving.serve();
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

    private boolean serveFrom(@Nullable HttpHead first) throws IOException, HttpException {
        HttpHead head = first;
        while (head != null) {
            if (service.isUpgrade(head)) {
                return true;
            }
            within = true;
            boolean last = send(answer(head));
            head = last ? null : reader.readRequest();
        }
        return false;
    }

    /** Whether it was the last one. */
    private boolean send(HttpAnswer answer) throws IOException {
        answer.send(writer);
        service.answered();
        within = false;
        return answer.isLast();
    }

    private static HttpAnswer kept(HttpHead head, HttpAnswer answer) {
        return head.keepAlive() ? answer : answer.closing();
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
        return kept(head, service.answer(head, reader.readBody(head, service.maxBody())));
    }
}
