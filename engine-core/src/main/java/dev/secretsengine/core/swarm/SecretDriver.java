package dev.secretsengine.core.swarm;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.http.HttpAnswer;
import dev.secretsengine.core.http.HttpLoop;
import dev.secretsengine.core.resolve.References;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.SocketServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The secret driver of Docker Swarm: a plugin of dockerd that is asked for the value of a secret each time a task gets
 * it. The label {@code reference} of the secret says which of ours it is; without it, its name is the ID.
 */
public final class SecretDriver implements SocketServer.Handler {

    private static final Logger LOG = LoggerFactory.getLogger(SecretDriver.class);
    private static final String TYPE = "application/vnd.docker.plugins.v1.2+json";
    private static final int OK = 200;
    private static final int BAD_REQUEST = 400;
    private static final int UNKNOWN = 404;
    private static final int WRONG_VERB = 405;

    /** More than any request of dockerd, which names a service with its labels. */
    private static final int MAX_REQUEST = 1 << 20;

    /** A daemon keeps its connection open between requests; a sender that stops within one is hung up on as well. */
    private static final int SILENCE_MILLIS = 60_000;

    /** dockerd itself waits for half a minute. */
    private static final Duration PATIENCE = Duration.ofSeconds(25);

    /** What Swarm takes as a secret. */
    private static final int MAX_VALUE = 500 * 1024;

    private final References references;
    private final Runnable whenAnswered;

    /**
     * A driver that hands out what these resolve.
     *
     * @param whenAnswered called when the answer to a request was sent
     */
    public SecretDriver(References references, Runnable whenAnswered) {
        this.references = references;
        this.whenAnswered = whenAnswered;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        try (HttpReader reader = new HttpReader(connection.input())) {
            connection.socket().setSoTimeout(SILENCE_MILLIS);
            new HttpLoop(reader, new HttpWriter(connection.output()), new Requests()).serve();
        }
    }

    /** What dockerd asks. */
    private final class Requests implements HttpLoop.Service {

        @Override
        public int maxBody() {
            return MAX_REQUEST;
        }

        @Override
        public void answered() {
            whenAnswered.run();
        }

        @Override
        public HttpAnswer answer(HttpHead head, byte[] body) {
            if (!head.method().equals("POST")) {
                return reply(WRONG_VERB, error("a secret driver is asked by POST"));
            }
            return switch (head.path()) {
                case "/Plugin.Activate" -> reply(OK, "{\"Implements\":[\"secretprovider\"]}");
                case "/SecretProvider.GetSecret" -> secret(body);
                default -> reply(UNKNOWN, error("this is a secret driver and knows no other request"));
            };
        }
    }

    private HttpAnswer secret(byte[] body) {
        String reference;
        try {
            reference = SecretRequest.parse(body).reference();
        } catch (IOException e) {
            return reply(BAD_REQUEST, error("the request is not what a secret driver is asked"));
        }
        try (Envelope found = references.single(reference, RequestContext.of(PATIENCE))) {
            LOG.info("a swarm task gets {}", found.id());
            if (found.value().length() > MAX_VALUE) {
                return reply(OK, error(reference + ": has more than 500 KiB, which Swarm does not take"));
            }
            byte[] value = found.value().copyBytes();
            try {
                return reply(OK, encoded(value));
            } finally {
                Arrays.fill(value, (byte) 0);
            }
        } catch (SecretsException e) {
            // Some versions of dockerd do not pass the reason on.
            LOG.warn("a swarm task was refused a secret: {}", e.advice());
            return reply(OK, error(reference + ": " + e.advice()));
        }
    }

    /** A value that has changed must reach the next task. */
    private static byte[] encoded(byte[] value) {
        byte[] base64 = Base64.getEncoder().encode(value);
        byte[] before = "{\"Value\":\"".getBytes(StandardCharsets.US_ASCII);
        byte[] after = "\",\"DoNotReuse\":true}".getBytes(StandardCharsets.US_ASCII);
        byte[] json = Arrays.copyOf(before, before.length + base64.length + after.length);
        System.arraycopy(base64, 0, json, before.length, base64.length);
        System.arraycopy(after, 0, json, before.length + base64.length, after.length);
        Arrays.fill(base64, (byte) 0);
        return json;
    }

    private static String error(String message) {
        return SecretRequest.object("Err", "docker pass: " + message);
    }

    private static HttpAnswer reply(int status, String json) {
        return reply(status, json.getBytes(StandardCharsets.UTF_8));
    }

    private static HttpAnswer reply(int status, byte[] json) {
        return new HttpAnswer(status, json).with("Content-Type", TYPE);
    }
}
