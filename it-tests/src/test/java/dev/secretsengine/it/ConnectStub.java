package dev.secretsengine.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * A Connect server on the loopback interface, with the documented paths, shapes and errors of those requests that only
 * read. Lists are never paged: Connect pages its activity log alone. Safe to change while it serves.
 */
final class ConnectStub implements AutoCloseable {

    private static final Pattern PATH = Pattern
            .compile("/v1/vaults(?:/(?<vault>[0-9a-z]{26})(?<items>/items(?:/(?<item>[0-9a-z]{26}))?)?)?");
    private static final Pattern FILTER = Pattern.compile("filter=(name|title) eq \"((?:[^\"\\\\]|\\\\.)*)\"");

    /** An answer of this server's, other than the usual one. */
    private record Failure(int status, String message, String retryAfter) {
    }

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final ConnectVaults vaults;
    private final HttpServer server;
    private final String scheme;
    private volatile Map<String, Set<String>> tokens = Map.of();
    private volatile @Nullable Failure failure;

    /** Serves at once, over TLS if it is given what it needs for that. */
    ConnectStub(ConnectVaults vaults, Optional<SSLContext> tls) throws IOException {
        this.vaults = vaults;
        scheme = tls.isPresent() ? "https" : "http";
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (tls.isPresent()) {
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(tls.get()));
            server = secure;
        } else {
            server = HttpServer.create(address, 0);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return scheme + "://localhost:" + server.getAddress().getPort();
    }

    /** Lets nobody in but who has this token, which sees these vaults. */
    void accept(String token, String... ids) {
        tokens = Map.of(token, Set.of(ids));
    }

    /** Lets nobody in. */
    void revoke() {
        tokens = Map.of();
    }

    /** Fails from now on; the waiting time is a header, empty for none. */
    void fail(int status, String message, String retryAfter) {
        failure = new Failure(status, message, retryAfter);
    }

    /** As ever again. */
    void recover() {
        failure = null;
    }

    /** Path and query of each request that has come this far: one without TLS, or that refused our certificate, has not. */
    List<String> requests() {
        return requests;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            requests.add(exchange.getRequestURI().toString());
            Failure current = failure;
            if (path.equals("/heartbeat")) {
                send(exchange, 200, "text/plain; charset=UTF-8", ".");
            } else if (path.equals("/health")) {
                send(exchange, 200, "application/json", """
                        {"name":"1Password Connect API","version":"1.7.3","dependencies":[
                          {"service":"sync","status":"ACTIVE"}]}""");
            } else if (current != null) {
                if (!current.retryAfter().isEmpty()) {
                    exchange.getResponseHeaders().set("Retry-After", current.retryAfter());
                }
                error(exchange, current.status(), current.message());
            } else {
                answer(exchange, path, tokens.get(token(exchange)));
            }
        }
    }

    private static String token(HttpExchange exchange) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        return header == null ? "" : header.replaceFirst("^Bearer ", "");
    }

    private void answer(HttpExchange exchange, String path, @Nullable Set<String> scope) throws IOException {
        Matcher parts = PATH.matcher(path);
        if (!parts.matches()) {
            send(exchange, 404, "text/plain", "404 page not found");
        } else if (scope == null) {
            error(exchange, 401, "Invalid token signature");
        } else if (parts.group("vault") == null) {
            send(exchange, vaults.list(scope, filter(exchange)));
        } else if (!vaults.has(parts.group("vault"))) {
            error(exchange, 404, "vault " + parts.group("vault") + " not found");
        } else if (!scope.contains(parts.group("vault"))) {
            error(exchange, 403, "vault " + parts.group("vault") + " is not in scope");
        } else if (parts.group("items") == null) {
            send(exchange, vaults.vault(parts.group("vault")));
        } else if (parts.group("item") == null) {
            send(exchange, vaults.items(parts.group("vault"), filter(exchange)));
        } else {
            Optional<String> item = vaults.item(parts.group("vault"), parts.group("item"));
            if (item.isPresent()) {
                send(exchange, item.get());
            } else {
                error(exchange, 404, "item " + parts.group("item") + " not found");
            }
        }
    }

    /** The name or title that is asked for. */
    private static Optional<String> filter(HttpExchange exchange) {
        String query = exchange.getRequestURI().getRawQuery();
        Matcher filter = FILTER.matcher(query == null ? "" : URLDecoder.decode(query, StandardCharsets.UTF_8));
        return filter.matches() ? Optional.of(filter.group(2).replaceAll("\\\\(.)", "$1")) : Optional.empty();
    }

    private static void error(HttpExchange exchange, int status, String message) throws IOException {
        send(exchange, status, "application/json", "{\"status\":" + status + ",\"message\":\"" + message + "\"}");
    }

    private static void send(HttpExchange exchange, String json) throws IOException {
        send(exchange, 200, "application/json", json);
    }

    private static void send(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
