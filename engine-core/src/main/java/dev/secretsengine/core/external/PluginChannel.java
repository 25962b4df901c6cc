package dev.secretsengine.core.external;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.Empty;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.yamux.YamuxSession;
import dev.secretsengine.core.yamux.YamuxStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls of a plugin's procedures, each on a stream of its own, as its own library expects them. */
final class PluginChannel {

    private static final Logger LOG = LoggerFactory.getLogger(PluginChannel.class);

    /** How long a plugin may take to say that it is going to end. */
    private static final Duration FAREWELL = Duration.ofSeconds(2);

    private static final int OK = 200;
    private static final int MAX_ANSWER = 16 << 20;
    private static final String PROTO = "application/proto";

    private final YamuxSession session;

    PluginChannel(YamuxSession session) {
        this.session = session;
    }

    /** The plugin answered with an error of Connect. */
    static final class RemoteException extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient ConnectError error;

        RemoteException(ConnectError error) {
            super(error.code().wireName(), null, false, false);
            this.error = error;
        }

        ConnectError error() {
            return error;
        }
    }

    /** Something that the plugin was asked; whoever asked awaits the answer, once. */
    static final class Question<A> {

        private final Rpc<?, A> rpc;
        private final YamuxStream stream;
        private final Cancellation.Registration gone;

        private Question(Rpc<?, A> rpc, YamuxStream stream, Cancellation.Registration gone) {
            this.rpc = rpc;
            this.stream = stream;
            this.gone = gone;
        }

        /**
         * The answer.
         *
         * @throws RemoteException if it is an error
         * @throws IOException if there is none, or it is nonsense
         */
        A await() throws IOException, RemoteException {
            try {
                return receive(stream, rpc);
            } catch (HttpException | MalformedException e) {
                throw new IOException("the plugin's answer makes no sense: " + e.getMessage(), e);
            } finally {
                end();
            }
        }

        private void end() throws IOException {
            gone.close();
            stream.close();
        }
    }

    /**
     * Asks, and does not wait for the answer; a cancelled question ends its stream, which cancels the plugin's handler.
     *
     * @throws IOException if it cannot be asked
     */
    <Q, A> Question<A> ask(Rpc<Q, A> rpc, Q request, RequestContext context) throws IOException {
        Duration left = context.remaining();
        YamuxStream stream = session.open(left);
        Question<A> question = new Question<>(rpc, stream, context.cancellation().onCancel(stream::reset));
        boolean sent = false;
        try {
            stream.limit(left);
            send(stream, rpc, request, left);
            sent = true;
            return question;
        } finally {
            if (!sent) {
                question.end();
            }
        }
    }

    /** Asks, and waits for the answer: see {@link #ask} and {@link Question#await}. */
    <Q, A> A call(Rpc<Q, A> rpc, Q request, RequestContext context) throws IOException, RemoteException {
        return ask(rpc, request, context).await();
    }

    /** Tells the plugin to end; whether it has understood. */
    boolean shutdown() {
        try {
            call(Rpc.SHUTDOWN, new Empty(), RequestContext.of(FAREWELL));
            return true;
        } catch (IOException | RemoteException e) {
            LOG.debug("a plugin did not say farewell: {}", e.getMessage());
            return false;
        }
    }

    private static <Q, A> void send(YamuxStream stream, Rpc<Q, A> rpc, Q request, Duration left) throws IOException {
        byte[] body = rpc.request().toProto(request);
        try {
            new HttpWriter(stream.output()).request("POST", rpc.path()).header("Host", "unix")
                    .header("Connection", "close").header("Content-Type", PROTO)
                    .header("Connect-Protocol-Version", "1")
                    .header("Connect-Timeout-Ms", Long.toString(Math.max(1, left.toMillis()))).send(body);
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private static <Q, A> A receive(YamuxStream stream, Rpc<Q, A> rpc)
            throws IOException, HttpException, MalformedException, RemoteException {
        try (HttpReader reader = new HttpReader(stream.input())) {
            HttpHead head = reader.readResponse();
            if (head == null) {
                throw new IOException("the plugin did not answer");
            }
            byte[] body = reader.readBody(head, MAX_ANSWER);
            try {
                if (head.status() != OK) {
                    throw new RemoteException(ConnectError.read(head.status(), body));
                }
                if (!Objects.equals(head.header("Content-Type"), PROTO)) {
                    throw new IOException("the plugin answered in another format");
                }
                return rpc.response().fromProto(body);
            } finally {
                Arrays.fill(body, (byte) 0);
            }
        }
    }
}
