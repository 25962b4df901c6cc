package dev.secretsengine.kit.http;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.kit.WipedBuffer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Asks one server by HTTP. It follows no redirect, so that a credential goes where it was meant to go; it has no threads
 * before the first request and none after close. Thread-safe.
 */
public final class RestClient implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final Duration END = Duration.ofSeconds(2);

    private final Optional<InetSocketAddress> proxy;
    private final Optional<CertificateAuthorities> trusted;
    private final int maxBody;

    /** Guarded by this. */
    private @Nullable HttpClient client;
    private @Nullable ExecutorService threads;
    private boolean isClosed;

    /**
     * A client that has not done anything yet.
     *
     * @param proxy empty for none
     * @param trusted who may vouch for the server, empty for those that Java knows
     * @param maxBody in bytes; a longer body is cut off there
     */
    public RestClient(Optional<InetSocketAddress> proxy, Optional<CertificateAuthorities> trusted, int maxBody) {
        this.proxy = proxy;
        this.trusted = trusted;
        this.maxBody = maxBody;
    }

    /**
     * Gets a resource; the caller closes the response.
     *
     * @param headers checked by the caller: a value that HTTP does not allow would show up in an exception
     * @throws TimeoutException if the request was over first
     * @throws IOException if the server cannot be reached, or is not trusted
     */
    public Response get(URI address, Map<String, String> headers, RequestContext context)
            throws IOException, InterruptedException, TimeoutException {
        HttpRequest.Builder request = HttpRequest.newBuilder(address).GET();
        headers.forEach(request::setHeader);
        CompletableFuture<HttpResponse<WipedBuffer>> answer = client().sendAsync(request.build(),
                head -> new BodyReader(maxBody));
        Cancellation.Registration gone = context.cancellation().onCancel(() -> answer.cancel(true));
        try {
            HttpResponse<WipedBuffer> response = answer.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
            return new Response(response.statusCode(), response.headers().firstValue("Retry-After").orElse(""),
                    response.body());
        } catch (CancellationException | TimeoutException e) {
            giveUp(answer);
            throw new TimeoutException("the request is over");
        } catch (InterruptedException e) {
            giveUp(answer);
            throw e;
        } catch (ExecutionException e) {
            if (context.isOver()) {
                throw new TimeoutException("the request is over");
            }
            throw e.getCause() instanceof IOException known ? known : new IOException(e.getCause());
        } finally {
            gone.close();
        }
    }

    private static void giveUp(CompletableFuture<HttpResponse<WipedBuffer>> answer) {
        if (!answer.cancel(true) && answer.state() == Future.State.SUCCESS) {
            answer.resultNow().body().close();
        }
    }

    private synchronized HttpClient client() throws IOException {
        if (isClosed) {
            throw new IOException("closed");
        }
        if (client == null) {
            HttpClient.Builder builder = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1)
                    .followRedirects(HttpClient.Redirect.NEVER).connectTimeout(CONNECT).sslContext(context());
            // Its own would live on for a while after the client's end.
            threads = Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("rest-client-", 0).factory());
            client = builder.executor(threads).proxy(proxy.map(ProxySelector::of).orElse(HttpClient.Builder.NO_PROXY))
                    .build();
        }
        return client;
    }

    private SSLContext context() throws IOException {
        try {
            return trusted.isPresent() ? trusted.get().context() : SSLContext.getDefault();
        } catch (GeneralSecurityException e) {
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        HttpClient open;
        ExecutorService running;
        synchronized (this) {
            isClosed = true;
            open = client;
            running = threads;
            client = null;
        }
        if (open == null || running == null) {
            return;
        }
        open.shutdownNow();
        try {
            open.awaitTermination(END);
            running.shutdownNow();
            running.awaitTermination(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
