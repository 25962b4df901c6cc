package dev.secretsengine.core.wire;

import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.Arrays;

/** Serves plain HTTP/1.1 on a Unix socket, one request of a connection after the other. */
public final class HttpHandler implements SocketServer.Handler {

    /** Answers requests. */
    @FunctionalInterface
    public interface Service {

        /** Answers a request; never fails. */
        Reply answer(String method, String path, byte[] body);
    }

    /** An answer. */
    public static final class Reply {

        private final int status;
        private final String type;
        private final byte[] body;

        /** An answer with a status of HTTP and a body of this content type, which is wiped once it is sent. */
        public Reply(int status, String type, byte[] body) {
            this.status = status;
            this.type = type;
            this.body = body;
        }
    }

    /** A daemon keeps its connection open between requests; a sender that stops within one is hung up on as well. */
    private static final int SILENCE_MILLIS = 60_000;

    private final Service service;
    private final int maxBody;

    /** Hands requests with bodies of at most so many bytes to the service. */
    public HttpHandler(Service service, int maxBody) {
        this.service = service;
        this.maxBody = maxBody;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        HttpWriter writer = new HttpWriter(connection.output());
        try (HttpReader reader = new HttpReader(connection.input())) {
            connection.socket().setSoTimeout(SILENCE_MILLIS);
            HttpHead head = reader.readRequest();
            while (head != null) {
                if (head.expectsContinue() && !reader.hasBuffered()) {
                    writer.sendContinue();
                }
                answer(head, reader.readBody(head, maxBody), writer);
                head = head.keepAlive() ? reader.readRequest() : null;
            }
        } catch (HttpException e) {
            writer.response(e.status()).header("Connection", "close").send(new byte[0]);
        } catch (SocketTimeoutException e) {
            // Nobody has asked for anything in a while.
            connection.close();
        }
    }

    private void answer(HttpHead head, byte[] body, HttpWriter writer) throws IOException {
        Reply reply = service.answer(head.method(), head.path(), body);
        try {
            writer.response(reply.status).header("Content-Type", reply.type).send(reply.body);
        } finally {
            Arrays.fill(reply.body, (byte) 0);
        }
    }
}
