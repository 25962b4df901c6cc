package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.http.HttpAnswer;
import dev.secretsengine.core.http.HttpLoop;
import dev.secretsengine.core.http.TimedInput;
import dev.secretsengine.core.watch.Baton;
import dev.secretsengine.core.watch.PassedOn;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.SocketServer;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
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

    private final Supplier<Router> routers;
    private @Nullable Router made;
    private final Upgrade upgrade;
    private final SlowCalls slowCalls;
    private final Runnable whenAnswered;
    private final int silenceMillis;
    private final Baton baton = new Baton("sdk-lookups");
    private volatile boolean ending;

    /**
     * Serves a router's procedures, and plugins by way of {@code /hijack}.
     *
     * @param routers makes the router for the first connection: most engines never have one
     * @param whenAnswered called when the answer to a request was sent
     */
    public ConnectServer(Supplier<Router> routers, Upgrade upgrade, SlowCalls slowCalls, Runnable whenAnswered) {
        this(routers, upgrade, slowCalls, whenAnswered, SILENCE_MILLIS);
    }

    ConnectServer(Supplier<Router> routers, Upgrade upgrade, SlowCalls slowCalls, Runnable whenAnswered,
            int silenceMillis) {
        this.routers = routers;
        this.upgrade = upgrade;
        this.slowCalls = slowCalls;
        this.whenAnswered = whenAnswered;
        this.silenceMillis = silenceMillis;
    }

    private synchronized Router router() {
        Router router = made == null ? routers.get() : made;
        made = router;
        return router;
    }

    /** From now on the answer to a request is the last one on its connection. */
    public void end() {
        ending = true;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        connection.socket().setSoTimeout(silenceMillis);
        Session session = new Session(connection);
        session.serve(session.loop::serve);
    }

    /** Nobody is looked after any more. */
    public void close() {
        slowCalls.close();
        baton.close();
    }

    /** Serving a connection; whether it becomes something else. */
    @FunctionalInterface
    private interface Serving {

        boolean serve() throws IOException;
    }

    /** One connection, whichever thread serves it. */
    private final class Session implements HttpLoop.Service, Router.Courses {

        private final Router router = router();
        private final Connection connection;
        private final TimedInput input;
        private final HttpReader reader;
        private final HttpWriter writer;
        private final HttpLoop loop;
        private final SlowCalls.Watch watch;

        Session(Connection connection) {
            this.connection = connection;
            watch = slowCalls.watch(connection, Duration.ofMillis(silenceMillis));
            input = new TimedInput(connection.input(), Duration.ofMillis(silenceMillis));
            reader = new HttpReader(input);
            writer = new HttpWriter(watch.output());
            loop = new HttpLoop(reader, writer, this);
        }

        void serve(Serving serving) throws IOException {
            boolean isMine = true;
            try {
                if (serving.serve()) {
                    upgrade();
                }
            } catch (PassedOn e) {
                isMine = false;
                throw e;
            } finally {
                if (isMine) {
                    watch.answered();
                    reader.close();
                }
            }
        }

        private void upgrade() throws IOException {
            input.endTiming();
            writer.response(101).header("Connection", "upgrade").header("Upgrade", "tcp").send();
            connection.socket().setSoTimeout(0);
            upgrade.serve(connection, reader.rest());
        }

        @Override
        public int maxBody() {
            return Router.MAX_REQUEST;
        }

        @Override
        public @Nullable HttpAnswer refusal(HttpHead head) {
            HttpAnswer refusal = router.refusal(head);
            return refusal == null ? null : lastIfEnding(refusal);
        }

        private HttpAnswer lastIfEnding(HttpAnswer answer) {
            return ending ? answer.closing() : answer;
        }

        @Override
        public HttpAnswer answer(HttpHead head, byte[] body) {
            Cancellation cancellation = new Cancellation();
            watch.asked(cancellation);
            return lastIfEnding(router.answer(head, body, connection.peer(), cancellation, this));
        }

        @Override
        public Call.Course course(HttpHead head, Router.Finish finish) {
            return new Exposure(this, head, finish);
        }

        /** Goes on in place of the thread that is held up in a call. */
        private void succeed(HttpHead head, HttpAnswer answer) throws IOException {
            serve(() -> loop.resume(head, lastIfEnding(answer)));
        }

        @Override
        public void answered() {
            watch.answered();
            input.next();
            whenAnswered.run();
        }

        @Override
        public boolean isUpgrade(HttpHead head) {
            return head.path().equals("/hijack") && HIJACK_METHODS.contains(head.method())
                    && head.hasToken("connection", "upgrade") && head.hasToken("upgrade", "tcp");
        }
    }

    /** The course of a call whose connection another thread can take over. */
    private final class Exposure implements Call.Course, Runnable {

        private final Session session;
        private final HttpHead head;
        private final Router.Finish finish;
        private Call.@Nullable Rest rest;

        Exposure(Session session, HttpHead head, Router.Finish finish) {
            this.session = session;
            this.head = head;
            this.finish = finish;
        }

        @Override
        public boolean isExposed() {
            return true;
        }

        @Override
        public void expose(Runnable work, Call.Rest next) {
            rest = next;
            baton.expose(work, this);
        }

        /** On another thread. */
        @Override
        public void run() {
            SocketServer.attend(session.connection,
                    () -> session.succeed(head, finish.of(Objects.requireNonNull(rest))));
        }
    }
}
