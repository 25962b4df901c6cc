package dev.secretsengine.onepassword;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** A Connect server, over TLS if it has a certificate. */
public final class FakeConnect implements AutoCloseable {

    private static final String NOT_FOUND = "{\"status\":404,\"message\":\"not found\"}";

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Vaults vaults;
    private final HttpServer server;
    private final String scheme;
    private volatile int failure;
    private volatile String retryAfter = "";
    private volatile String missing = "";
    private volatile boolean isHanging;
    private volatile boolean isGarbled;
    private volatile String token = Given.TOKEN;

    public FakeConnect(Vaults vaults, Optional<TestCertificate> certificate) throws Exception {
        this.vaults = vaults;
        this.scheme = certificate.isPresent() ? "https" : "http";
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        if (certificate.isPresent()) {
            HttpsServer secure = HttpsServer.create(address, 0);
            secure.setHttpsConfigurator(new HttpsConfigurator(certificate.get().context()));
            server = secure;
        } else {
            server = HttpServer.create(address, 0);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    public String url() {
        return scheme + "://localhost:" + server.getAddress().getPort();
    }

    /** The settings of a plugin that asks this server. */
    public Given settings() {
        return Given.sdk().set("connect-host", url());
    }

    /** Path of each request. */
    public List<String> requests() {
        return requests;
    }

    public Vaults vaults() {
        return vaults;
    }

    /** Fails from now on; 0 for no more. */
    public FakeConnect failing(int status, String wait) {
        retryAfter = wait;
        failure = status;
        return this;
    }

    /** A path that is not there from now on. */
    public FakeConnect missing(String path) {
        missing = path;
        return this;
    }

    public FakeConnect hanging(boolean on) {
        isHanging = on;
        return this;
    }

    public FakeConnect garbled() {
        isGarbled = true;
        return this;
    }

    /** Only this token is good from now on. */
    public FakeConnect token(String good) {
        token = good;
        return this;
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            requests.add(path);
            if (isHanging) {
                await();
            } else if (isGarbled) {
                send(exchange, 200, "<html>it works</html>");
            } else if (!("Bearer " + token).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
                send(exchange, 401, "{\"status\":401,\"message\":\"Invalid token signature\"}");
            } else if (failure != 0) {
                if (!retryAfter.isEmpty()) {
                    exchange.getResponseHeaders().set("Retry-After", retryAfter);
                }
                send(exchange, failure, "{\"status\":" + failure + ",\"message\":\"canary-of-the-server\"}");
            } else {
                route(exchange, path.split("/"));
            }
        }
    }

    private void route(HttpExchange exchange, String[] path) throws IOException {
        // "", v1, vaults, V, items, I
        boolean isVaults = path.length > 2 && path[1].equals("v1") && path[2].equals("vaults");
        if (exchange.getRequestURI().getRawPath().equals(missing)) {
            send(exchange, 404, NOT_FOUND);
        } else if (isVaults && path.length == 3) {
            send(exchange, 200, vaults.vaultsJson());
        } else if (isVaults && path.length == 5) {
            send(exchange, 200, vaults.listJson(path[3]));
        } else {
            Optional<Vaults.Entry> entry = isVaults && path.length == 6
                    ? vaults.entry(path[3], path[5])
                    : Optional.empty();
            send(exchange, entry.isPresent() ? 200 : 404,
                    entry.map(vaults::itemJson).orElse(NOT_FOUND));
        }
    }

    private void await() {
        try {
            closed.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
