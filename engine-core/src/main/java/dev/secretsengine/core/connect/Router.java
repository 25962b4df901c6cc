package dev.secretsengine.core.connect;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.ConnectError;
import dev.secretsengine.client.protocol.codec.MalformedException;
import dev.secretsengine.client.protocol.codec.Wipeable;
import dev.secretsengine.client.protocol.http.Gzip;
import dev.secretsengine.client.protocol.http.HttpException;
import dev.secretsengine.client.protocol.http.HttpHead;
import dev.secretsengine.client.protocol.http.HttpReader;
import dev.secretsengine.client.protocol.http.HttpWriter;
import dev.secretsengine.core.http.HttpAnswer;
import dev.secretsengine.core.http.HttpLoop;
import dev.secretsengine.core.watch.PassedOn;
import dev.secretsengine.core.wire.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the procedure that a request names, and turns its outcome into an answer. Thread-safe. */
public final class Router {

    private static final Logger LOG = LoggerFactory.getLogger(Router.class);

    /** The largest request, as it is sent and inflated. */
    static final int MAX_REQUEST = 4 << 20;

    /** For callers that give no time-out: time enough to answer an unlock prompt. */
    private static final Duration PATIENCE = Duration.ofSeconds(100);

    private static final String PROTO = "application/proto";
    private static final String JSON = "application/json";
    private static final int MAX_TIMEOUT_DIGITS = 10;

    private static final Courses FIXED = (_, _) -> Call.Course.FIXED;

    private final Map<String, Endpoint<?, ?>> endpoints = new HashMap<>();

    /** Serves these procedures. */
    public Router(List<Endpoint<?, ?>> endpoints) {
        endpoints.forEach(endpoint -> this.endpoints.put(endpoint.rpc().path(), endpoint));
    }

    /** What to answer if the head names no procedure, or not in a way that it can be called; else null. */
    @Nullable
    HttpAnswer refusal(HttpHead head) {
        if (!endpoints.containsKey(head.path())) {
            return Answers.notFound();
        }
        if (!head.method().equals("POST")) {
            return Answers.wrongVerb();
        }
        return contentType(head).isEmpty() ? Answers.wrongType() : null;
    }

    /** Which of the two, without parameters; empty for anything else. */
    private static String contentType(HttpHead head) {
        String given = head.header("Content-Type");
        if (given == null || given.equals(PROTO) || given.equals(JSON)) {
            return given == null ? "" : given;
        }
        String[] parts = given.split(";", 2);
        String type = parts[0].strip().toLowerCase(Locale.ROOT);
        if (type.equals(PROTO) && parts.length == 1) {
            return PROTO;
        }
        boolean utf8 = parts.length == 1 || parts[1].strip().equalsIgnoreCase("charset=utf-8");
        return type.equals(JSON) && utf8 ? JSON : "";
    }

    /** Makes the answer of a procedure that another thread goes on with. */
    @FunctionalInterface
    interface Finish {

        HttpAnswer of(Call.Rest rest);
    }

    /** Knows how the calls of a connection are gone on with. */
    @FunctionalInterface
    interface Courses {

        Call.Course course(HttpHead head, Finish finish);
    }

    /** Answers a request that {@link #refusal} has let pass; wipes its body. */
    HttpAnswer answer(HttpHead head, byte[] body, Peer peer, Cancellation cancellation, Courses courses) {
        Endpoint<?, ?> endpoint = endpoints.get(head.path());
        if (endpoint == null) {
            return Answers.notFound();
        }
        try {
            checkVersion(head);
            String type = contentType(head);
            Call call = new Call(peer, RequestContext.of(timeout(head), cancellation, Map.of()),
                    courses.course(head, new Finishing(endpoint, type)));
            return perform(endpoint, type, inflated(head, body), call);
        } catch (CallException | RuntimeException e) {
            return failure(endpoint, e);
        } finally {
            Arrays.fill(body, (byte) 0);
        }
    }

    private record Finishing(Endpoint<?, ?> endpoint, String type) implements Finish {

        @Override
        public HttpAnswer of(Call.Rest rest) {
            try {
                return message(endpoint, type, rest.answer());
            } catch (CallException | RuntimeException e) {
                return failure(endpoint, e);
            }
        }
    }

    private static HttpAnswer failure(Endpoint<?, ?> endpoint, Exception e) {
        return switch (e) {
            case CallException known -> Answers.error(known.error());
            case PassedOn elsewhere -> throw elsewhere;
            default -> {
                // Its message may hold anything.
                LOG.error("a call of {} failed: {}", endpoint.rpc().path(), e.getClass().getName());
                yield Answers.error(new ConnectError(ConnectCode.INTERNAL, "the engine failed"));
            }
        };
    }

    /** Answers the one request of a connection that carries no more. */
    public void answerOne(InputStream in, OutputStream out, Peer peer, Cancellation cancellation) throws IOException {
        HttpLoop.Service once = new HttpLoop.Service() {

            @Override
            public int maxBody() {
                return MAX_REQUEST;
            }

            @Override
            public HttpAnswer answer(HttpHead head, byte[] body) {
                HttpAnswer refusal = refusal(head);
                return (refusal == null ? Router.this.answer(head, body, peer, cancellation, FIXED) : refusal)
                        .closing();
            }
        };
        try (HttpReader reader = new HttpReader(in)) {
            new HttpLoop(reader, new HttpWriter(out), once).serve();
        }
    }

    private static void checkVersion(HttpHead head) throws CallException {
        String version = head.header("Connect-Protocol-Version");
        if (version != null && !version.equals("1")) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT,
                    "Connect-Protocol-Version must be \"1\": got \"" + version + "\"");
        }
    }

    private static Duration timeout(HttpHead head) throws CallException {
        String given = head.header("Connect-Timeout-Ms");
        if (given == null) {
            return PATIENCE;
        }
        if (given.isEmpty() || given.length() > MAX_TIMEOUT_DIGITS
                || !given.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT,
                    "Connect-Timeout-Ms must be a number of at most ten digits: got \"" + given + "\"");
        }
        Duration asked = Duration.ofMillis(Long.parseLong(given));
        return asked.compareTo(PATIENCE) < 0 ? asked : PATIENCE;
    }

    private static byte[] inflated(HttpHead head, byte[] body) throws CallException {
        String encoding = head.header("Content-Encoding");
        if (encoding == null || encoding.equals("identity")) {
            return body;
        }
        if (!encoding.equals("gzip")) {
            throw new CallException(ConnectCode.UNIMPLEMENTED,
                    "unknown compression \"" + encoding + "\": supported encodings are gzip");
        }
        try {
            return body.length == 0 ? body : Gzip.inflate(body, MAX_REQUEST);
        } catch (HttpException e) {
            throw new CallException(
                    e.status() == 413 ? ConnectCode.RESOURCE_EXHAUSTED : ConnectCode.INVALID_ARGUMENT,
                    String.valueOf(e.getMessage()));
        }
    }

    private static <Q, A> HttpAnswer perform(Endpoint<Q, A> endpoint, String type, byte[] body, Call call)
            throws CallException {
        Q request;
        try {
            request = type.equals(JSON)
                    ? endpoint.rpc().request().fromJson(body)
                    : endpoint.rpc().request().fromProto(body);
        } catch (MalformedException e) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT, "unmarshal message: " + e.getMessage());
        } finally {
            Arrays.fill(body, (byte) 0);
        }
        return message(endpoint, type, endpoint.procedure().call(request, call));
    }

    @SuppressWarnings("unchecked") // It comes from the endpoint's own procedure.
    private static <Q, A> HttpAnswer message(Endpoint<Q, A> endpoint, String type, Object answer) {
        try {
            return Answers.message(type, type.equals(JSON)
                    ? endpoint.rpc().response().toJson((A) answer)
                    : endpoint.rpc().response().toProto((A) answer));
        } finally {
            if (answer instanceof Wipeable wipeable) {
                wipeable.close();
            }
        }
    }
}
