package dev.secretsengine.kit.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.kit.WipedBuffer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RestClientTest {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<String> requests = new CopyOnWriteArrayList<>();
    private final CountDownLatch released = new CountDownLatch(1);
    private final RestClient client = new RestClient(Optional.empty(), Optional.empty(), 100_000);
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        released.countDown();
        client.close();
        server.stop(0);
        threads.shutdownNow();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            requests.add(exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("X-Test"));
            switch (exchange.getRequestURI().getPath()) {
                case "/hang" -> await();
                case "/large" -> send(exchange, 200, new byte[200_000]);
                case "/redirect" -> {
                    exchange.getResponseHeaders().set("Location", "/elsewhere");
                    send(exchange, 302, new byte[0]);
                }
                case "/later" -> {
                    exchange.getResponseHeaders().set("Retry-After", "17");
                    send(exchange, 429, "{}".getBytes(StandardCharsets.UTF_8));
                }
                default -> send(exchange, 200, "fine".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private void await() {
        try {
            assertTrue(released.await(30, TimeUnit.SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
    }

    private URI uri(String path) {
        return URI.create("http://localhost:" + server.getAddress().getPort() + path);
    }

    private Response get(String path) throws Exception {
        return client.get(uri(path), Map.of("X-Test", "yes"), RequestContext.of(Duration.ofSeconds(20)));
    }

    @Test
    void aBodyComesAsItIsWithStatusAndHeaders() throws Exception {
        try (Response response = get("/a?b=c")) {
            assertEquals(200, response.status());
            assertEquals("fine", response.body().text());
        }
        assertEquals(List.of("/a?b=c yes"), requests);
        try (Response response = get("/later")) {
            assertEquals(429, response.status());
            assertEquals(Duration.ofSeconds(17), response.wait(Duration.ZERO));
        }
    }

    @Test
    void noRedirectIsFollowed() throws Exception {
        try (Response response = get("/redirect")) {
            assertEquals(302, response.status());
        }
        assertEquals(1, requests.size());
    }

    @Test
    void aBodyIsCutOffAtItsLimit() throws Exception {
        try (Response response = get("/large")) {
            assertTrue(response.body().isOver());
        }
    }

    @Test
    void waitsNoLongerThanTheRequest() {
        assertThrows(TimeoutException.class,
                () -> client.get(uri("/hang"), Map.of(), RequestContext.of(Duration.ofMillis(200))));
    }

    @Test
    void goesWhenItsCallerGoes() throws Exception {
        Cancellation gone = new Cancellation();
        Future<?> asking = threads.submit(() -> assertThrows(TimeoutException.class, () -> client.get(uri("/hang"),
                Map.of(), RequestContext.of(Duration.ofSeconds(30), gone, Map.of()))));
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (requests.isEmpty() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        gone.cancel();
        asking.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aServerThatIsNotThereIsAnError() {
        server.stop(0);
        assertThrows(IOException.class, () -> get("/a"));
    }

    @Test
    void aProxyIsAskedForEverything() throws Exception {
        try (RestClient proxied = new RestClient(Optional.of(server.getAddress()), Optional.empty(), 1000);
                Response response = proxied.get(URI.create("http://nowhere.invalid/x"), Map.of("X-Test", "yes"),
                        RequestContext.of(Duration.ofSeconds(20)))) {
            assertEquals("fine", response.body().text());
        }
        assertEquals(List.of("http://nowhere.invalid/x yes"), requests);
    }

    @Test
    void noThreadIsLeftAfterClose() throws Exception {
        get("/a").close();
        client.close();
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (hasThreads() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        assertEquals(false, hasThreads());
        assertThrows(IOException.class, () -> get("/a"));
    }

    private static boolean hasThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .anyMatch(thread -> thread.getName().matches("(HttpClient|rest-client)-.*"));
    }

    @Test
    void theTimeToWaitIsSecondsOrADate() {
        try (WipedBuffer body = new WipedBuffer(1)) {
            Duration minute = Duration.ofMinutes(1);
            assertEquals(minute, new Response(429, "", body).wait(minute));
            assertEquals(minute, new Response(429, "soon", body).wait(minute));
            String date = ZonedDateTime.now(ZoneOffset.UTC).plusHours(2).format(DateTimeFormatter.RFC_1123_DATE_TIME);
            Duration wait = new Response(429, date, body).wait(minute);
            assertTrue(wait.compareTo(Duration.ofMinutes(118)) > 0 && wait.compareTo(Duration.ofHours(2)) <= 0);
        }
    }
}
