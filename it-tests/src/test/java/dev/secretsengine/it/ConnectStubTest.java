package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The stub itself: it is as strict as Connect is documented to be, also where the plugin does not ask yet. */
class ConnectStubTest {

    private static final String ITEMS = "/v1/vaults/" + ConnectVaults.TEAM + "/items";

    private ConnectStub server;

    @BeforeEach
    void start() throws IOException {
        ConnectVaults vaults = new ConnectVaults();
        vaults.reset("secret");
        server = new ConnectStub(vaults, Optional.empty());
        server.accept("good", ConnectVaults.TEAM);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private HttpResponse<String> get(String token, String path) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.url() + path));
            if (!token.isEmpty()) {
                request.header("Authorization", "Bearer " + token);
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        }
    }

    private int status(String token, String path) throws Exception {
        return get(token, path).statusCode();
    }

    @Test
    void wantsItsTokenForAllButItsHealth() throws Exception {
        for (String path : new String[]{"/v1/vaults", ITEMS, ITEMS + "/" + ConnectVaults.GITHUB}) {
            assertEquals(200, status("good", path));
            assertEquals("{\"status\":401,\"message\":\"Invalid token signature\"}", get("bad", path).body());
            assertEquals(401, status("", path));
        }
        assertEquals(403, status("good", "/v1/vaults/" + ConnectVaults.HOME + "/items"));
        assertEquals(404, status("good", "/v1/vaults/nobodynobodynobodynobodyno/items"));
        assertEquals(404, status("good", ITEMS + "/nobodynobodynobodynobodyno"));
        assertEquals(404, status("good", "/v2/vaults"));
        assertEquals(".", get("", "/heartbeat").body());
        assertTrue(get("", "/health").body().contains("\"name\":\"1Password Connect API\""));
    }

    @Test
    void listsHaveNoFieldsAndCanBeFiltered() throws Exception {
        assertTrue(get("good", ITEMS).body().contains("Data base"));
        String filtered = get("good", ITEMS + "?filter="
                + URLEncoder.encode("title eq \"GitHub\"", StandardCharsets.UTF_8)).body();
        assertTrue(filtered.contains("GitHub") && !filtered.contains("Data base"), filtered);
        assertTrue(!filtered.contains("fields") && !filtered.contains("secret"), filtered);
        assertEquals("[]", get("good", "/v1/vaults?filter="
                + URLEncoder.encode("name eq \"None \\\"such\"", StandardCharsets.UTF_8)).body());
        assertTrue(get("good", ITEMS + "/" + ConnectVaults.GITHUB).body().contains("secret"));
    }
}
