package dev.secretsengine.core.wire;

import java.io.IOException;
import java.util.Arrays;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.HttpProcessors;
import org.apache.hc.core5.http.impl.io.DefaultBHttpServerConnection;
import org.apache.hc.core5.http.impl.io.HttpService;
import org.apache.hc.core5.http.io.HttpServerRequestHandler.ResponseTrigger;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.message.BasicClassicHttpResponse;
import org.apache.hc.core5.http.protocol.HttpCoreContext;
import org.apache.hc.core5.util.Timeout;

/** Serves HTTP/1.1 on a Unix socket, one request of a connection after the other. */
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

    private static final int MAX_LINE = 8192;
    private static final int MAX_HEADERS = 100;
    private static final int TOO_LARGE = 413;
    private static final Http1Config LIMITS = Http1Config.custom().setMaxLineLength(MAX_LINE)
            .setMaxHeaderCount(MAX_HEADERS).build();

    /** A daemon keeps its connection open between requests; a sender that stops within one is hung up on as well. */
    private static final Timeout SILENCE = Timeout.ofSeconds(60);

    private final Service service;
    private final int maxBody;

    /** Hands requests with bodies of at most so many bytes to the service. */
    public HttpHandler(Service service, int maxBody) {
        this.service = service;
        this.maxBody = maxBody;
    }

    @Override
    public void serve(Connection connection) throws IOException {
        try (DefaultBHttpServerConnection http = new DefaultBHttpServerConnection(null, LIMITS)) {
            http.bind(connection.socket());
            http.setSocketTimeout(SILENCE);
            HttpService requests = new HttpService(HttpProcessors.server(),
                    (request, trigger, _) -> answer(request, trigger));
            while (http.isOpen()) {
                requests.handleRequest(http, HttpCoreContext.create());
            }
        } catch (ConnectionClosedException e) {
            // The peer is done.
        } catch (HttpException e) {
            throw new IOException("not HTTP", e);
        }
    }

    private void answer(ClassicHttpRequest request, ResponseTrigger trigger) throws HttpException, IOException {
        byte[] body = body(request.getEntity());
        Reply reply = body.length > maxBody
                ? new Reply(TOO_LARGE, "text/plain", new byte[0])
                : service.answer(request.getMethod(), request.getPath(), body);
        try (BasicClassicHttpResponse response = new BasicClassicHttpResponse(reply.status);
                ByteArrayEntity entity = new ByteArrayEntity(reply.body, ContentType.parse(reply.type))) {
            response.setEntity(entity);
            trigger.submitResponse(response);
        } finally {
            Arrays.fill(reply.body, (byte) 0);
        }
    }

    /** The body, cut off behind the first byte that is too many. */
    private byte[] body(HttpEntity entity) throws IOException {
        return entity == null ? new byte[0] : entity.getContent().readNBytes(maxBody + 1);
    }
}
