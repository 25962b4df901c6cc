package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.http.HttpAnswer;
import dev.secretsengine.core.http.HttpLoop;
import dev.secretsengine.core.http.TimedInput;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.SocketServer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Serves the calls of a connection, and hands it over when it becomes something else. */
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

    /**
     * A client keeps idle connections for 90 s. A request has to come within this time as well, and its answer to be
     * taken: a client that does not read would hold its thread and the bytes of the answer.
     */
    private static final int SILENCE_MILLIS = 120_000;

    private static final Set<String> HIJACK_METHODS = Set.of("GET", "POST");

    private final Router router;
    private final Upgrade upgrade;
    private final SlowCalls slowCalls;
    private final int silenceMillis;
    private volatile boolean ending;

    /** Serves the router's procedures, and plugins by way of {@code /hijack}. */
    public ConnectServer(Router router, Upgrade upgrade, SlowCalls slowCalls) {
        this(router, upgrade, slowCalls, SILENCE_MILLIS);
    }

    ConnectServer(Router router, Upgrade upgrade, SlowCalls slowCalls, int silenceMillis) {
        this.router = router;
        this.upgrade = upgrade;
        this.slowCalls = slowCalls;
        this.silenceMillis = silenceMillis;
    }

    /** From now on the answer to a request is the last one on its connection. */
    public void end() {
        ending = true;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        SlowCalls.Watch watch = slowCalls.watch(connection, Duration.ofMillis(silenceMillis));
        HttpWriter writer = new HttpWriter(watch.output());
        TimedInput input = new TimedInput(connection.input(), Duration.ofMillis(silenceMillis));
        try (HttpReader reader = new HttpReader(input)) {
            connection.socket().setSoTimeout(silenceMillis);
            if (new HttpLoop(reader, writer, new Calls(connection, input, watch)).serve()) {
                input.endTiming();
                writer.response(101).header("Connection", "upgrade").header("Upgrade", "tcp").send();
                connection.socket().setSoTimeout(0);
                upgrade.serve(connection, reader.rest());
            }
        }
    }

    /** Those of one connection. */
    private final class Calls implements HttpLoop.Service {

        private final Connection connection;
        private final TimedInput input;
        private final SlowCalls.Watch watch;

        Calls(Connection connection, TimedInput input, SlowCalls.Watch watch) {
            this.connection = connection;
            this.input = input;
            this.watch = watch;
        }

        @Override
        public int maxBody() {
            return Router.MAX_REQUEST;
        }

        @Override
        public @Nullable HttpAnswer refusal(HttpHead head) {
            HttpAnswer refusal = router.refusal(head);
            return refusal != null && ending ? refusal.closing() : refusal;
        }

        @Override
        public HttpAnswer answer(HttpHead head, byte[] body) {
            Cancellation cancellation = new Cancellation();
            watch.asked(cancellation);
            HttpAnswer answer = router.answer(head, body, connection.peer(), cancellation);
            return ending ? answer.closing() : answer;
        }

        @Override
        public void answered() {
            watch.answered();
            input.next();
        }

        @Override
        public boolean isUpgrade(HttpHead head) {
            return head.path().equals("/hijack") && HIJACK_METHODS.contains(head.method())
                    && head.hasToken("connection", "upgrade") && head.hasToken("upgrade", "tcp");
        }
    }
}
