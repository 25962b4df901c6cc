package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.SocketServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.Set;

/** Serves the requests of a connection one after the other, and hands it over when it becomes something else. */
public final class ConnectServer implements SocketServer.Handler {

    /** A connection that has become raw. */
    @FunctionalInterface
    public interface Upgrade {

        /**
         * Serves it to its end.
         *
         * @param input what comes from the peer, with what was sent right behind the request
         */
        void serve(Connection connection, InputStream input) throws IOException;
    }

    /** A client keeps idle connections for 90 s; one that stops within a request is hung up on as well. */
    private static final int SILENCE_MILLIS = 120_000;
    private static final int REQUEST_TIMEOUT = 408;

    /** Beyond this the rest of a refused request is not read to keep its connection. */
    private static final int MAX_SKIPPED = 1 << 16;

    private static final Set<String> HIJACK_METHODS = Set.of("GET", "POST");

    private final Router router;
    private final Upgrade upgrade;
    private final SlowCalls slowCalls;

    /** Serves the router's procedures, and plugins by way of {@code /hijack}. */
    public ConnectServer(Router router, Upgrade upgrade, SlowCalls slowCalls) {
        this.router = router;
        this.upgrade = upgrade;
        this.slowCalls = slowCalls;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        HttpWriter writer = new HttpWriter(connection.output());
        try (HttpReader reader = new HttpReader(connection.input())) {
            connection.socket().setSoTimeout(SILENCE_MILLIS);
            boolean more = true;
            while (more) {
                HttpHead head = reader.readRequest();
                if (head != null && isHijack(head)) {
                    writer.response(101).header("Connection", "upgrade").header("Upgrade", "tcp").send();
                    connection.socket().setSoTimeout(0);
                    upgrade.serve(connection, reader.rest());
                    return;
                }
                more = head != null && answer(head, reader, writer, connection);
            }
        } catch (HttpException e) {
            Answer.refusal(e.status()).send(writer);
        } catch (SocketTimeoutException e) {
            Answer.refusal(REQUEST_TIMEOUT).send(writer);
        }
    }

    private static boolean isHijack(HttpHead head) {
        return head.path().equals("/hijack") && HIJACK_METHODS.contains(head.method())
                && head.hasToken("connection", "upgrade") && head.hasToken("upgrade", "tcp");
    }

    /** Whether the connection may carry another request. */
    private boolean answer(HttpHead head, HttpReader reader, HttpWriter writer, Connection connection)
            throws IOException, HttpException {
        if (!router.takes(head)) {
            boolean keeps = head.keepAlive() && !head.expectsContinue();
            if (keeps) {
                reader.readBody(head, MAX_SKIPPED);
            }
            Answer refusal = router.refusal(head);
            (keeps ? refusal : refusal.with("Connection", "close")).send(writer);
            return keeps;
        }
        if (head.expectsContinue() && !reader.hasBuffered()) {
            writer.sendContinue();
        }
        byte[] body = reader.readBody(head, Router.MAX_REQUEST);
        Cancellation cancellation = new Cancellation();
        Answer answer;
        try (SlowCalls.Watch _ = slowCalls.watch(connection, cancellation)) {
            answer = router.answer(head, body, connection.peer(), cancellation);
        }
        if (!head.keepAlive()) {
            answer.with("Connection", "close");
        }
        answer.send(writer);
        return head.keepAlive();
    }
}
