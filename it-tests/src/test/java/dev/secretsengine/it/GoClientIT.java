package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a client on the libraries of the Go SDK gets from an engine, in every encoding that it may choose. */
@Timeout(120)
class GoClientIT {

    private static final String PLAIN = "-timeout 60s";

    private static Home home;
    private static GoPeer plugin;

    @BeforeAll
    static void open() throws Exception {
        home = Home.withAge();
        for (String secret : List.of("GH_TOKEN=123456789", "myapp/db/password=s3cr3t", "myapp/db/user=app",
                "ext/own=1")) {
            home.pass("set", secret).ok();
        }
        Poll.until("the socket", () -> Files.exists(GoPeer.socket(home)));
        plugin = GoPeer.plugin(home, "go-plugin");
    }

    @AfterAll
    static void close() throws IOException {
        plugin.close();
        home.close();
    }

    private static Outcome ask(String flags, String... arguments) throws IOException {
        List<String> all = new ArrayList<>(List.of(flags.split(" ")));
        all.addAll(List.of(arguments));
        return GoPeer.client(home, all.toArray(String[]::new));
    }

    private static void assertHas(String expected, String answer) {
        assertTrue(answer.contains(expected), () -> "no " + expected + " in " + answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "-json", "-gzip-requests", "-identity", "-json -gzip-requests", "-json -identity"})
    void findsAndFailsInEveryEncoding(String flags) throws Exception {
        assertHas("{\"envelopes\":[{\"id\":\"GH_TOKEN\",\"value\":\"MTIzNDU2Nzg5\",\"provider\":\"docker-pass\",",
                ask(flags, "get", "GH_TOKEN").ok());
        String several = ask(flags, "get", "myapp/**").ok();
        assertHas("\"id\":\"myapp/db/password\",\"value\":\"czNjcjN0\"", several);
        assertHas("\"id\":\"myapp/db/user\",\"value\":\"YXBw\"", several);
        assertEquals("not_found: secret not found", ask(flags, "get", "nope").failed(1));
        assertEquals("not_found: secret not found", ask(flags, "get", "nope/**").failed(1));
        assertEquals("invalid_argument: invalid pattern \"a//b\": invalid pattern",
                ask(flags, "get", "a//b").failed(1));
        assertEquals("invalid_argument: invalid pattern \"\": invalid pattern", ask(flags, "get", "").failed(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "-json -gzip-requests"})
    void mergesWhatSeveralPluginsHave(String flags) throws Exception {
        String answer = ask(flags, "get", "ext/**").ok();
        assertHas("\"id\":\"ext/own\",\"value\":\"MQ==\",\"provider\":\"docker-pass\"", answer);
        for (String id : List.of("a\",\"value\":\"dmFsdWUtYQ==", "b\",\"value\":\"dmFsdWUtYg==")) {
            assertHas("\"id\":\"ext/" + id + "\",\"provider\":\"go-plugin\",\"version\":\"v1.2.3\","
                    + "\"createdAt\":\"2023-11-14T22:13:20Z\",\"resolvedAt\":\"20", answer);
        }
        assertHas("\"metadata\":{\"source\":\"go\"}", answer);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "-json"})
    void learnsTheVersion(String flags) throws Exception {
        String version = ask(flags, "version").ok();
        assertTrue(version.strip().matches("\\{\"version\":\"v\\d+\\.\\d+\\.\\d+[^\"]*\",\"date\":\"20[^\"]+Z\","
                + "\"commitHash\":\"[0-9a-z-]+\"}"), version);
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "-json"})
    void asksWhetherItMay(String flags) throws Exception {
        assertEquals("{\"decision\":\"DECISION_ALLOW\"}\n", ask(flags, "authorize", "GH_TOKEN", "myapp/**").ok());
        assertEquals("invalid_argument: at least one pattern is required", ask(flags, "authorize").failed(1));
        assertEquals("invalid_argument: invalid pattern \"a//b\": invalid pattern",
                ask(flags, "authorize", "GH_TOKEN", "a//b").failed(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {PLAIN, "-json"})
    void listsPluginsAndSwitchesThem(String flags) throws Exception {
        String running = ",\"disabled\":false,\"external\":false,\"configurable\":true,\"runStatus\":"
                + "\"RUN_STATUS_RUNNING\"";
        String rows = ask(flags, "list").ok();
        assertTrue(rows.matches("(?s).*\"name\":\"docker-auth\",\"version\":\"v[0-9.]+\"" + running + ".*"), rows);
        assertTrue(rows.matches("(?s).*\"name\":\"docker-pass\",\"version\":\"v[0-9.]+\",\"disabled\":false,"
                + "\"external\":false,\"configurable\":false,.*\"secretsProvider\":\\{\"pattern\":\"\\*\\*\"}.*"),
                rows);
        assertHas("{\"name\":\"go-plugin\",\"version\":\"v1.2.3\",\"disabled\":false,\"external\":true,"
                + "\"configurable\":true,\"runStatus\":\"RUN_STATUS_RUNNING\",\"statusMessage\":\"\","
                + "\"secretsProvider\":{\"pattern\":\"ext/**\"}}", rows);
        assertEquals("{}\n", ask(flags, "disable", "docker-auth").ok());
        assertTrue(GoPeer.row(home, "docker-auth").startsWith("disabled|"));
        rows = ask(flags, "list").ok();
        assertTrue(rows.matches("(?s).*\"name\":\"docker-auth\",\"version\":\"v[0-9.]+\",\"disabled\":true,"
                + "\"external\":false,\"configurable\":true,\"runStatus\":\"RUN_STATUS_STOPPED\".*"), rows);
        assertEquals("{}\n", ask(flags, "enable", "docker-auth").ok());
        assertTrue(GoPeer.row(home, "docker-auth").startsWith("running|"));
        for (String verb : List.of("enable", "disable")) {
            assertEquals("not_found: plugin not found", ask(flags, verb, "nobody").failed(1));
            assertEquals("failed_precondition: plugin is not configurable", ask(flags, verb, "docker-pass").failed(1));
        }
    }

    @Test
    void switchesAnExternalPlugin() throws Exception {
        try (GoPeer other = GoPeer.plugin(home, "switched", "-pattern", "switched/**")) {
            assertHas("value", ask(PLAIN, "get", "switched/a").ok());
            assertEquals("{}\n", ask(PLAIN, "disable", "switched").ok());
            assertEquals(0, other.exit(), other::toString);
        }
        assertEquals("not_found: secret not found", ask(PLAIN, "get", "switched/a").failed(1));
        assertHas("\"name\":\"switched\",\"version\":\"v1.2.3\",\"disabled\":true,\"external\":true,"
                + "\"configurable\":true,\"runStatus\":\"RUN_STATUS_STOPPED\"", ask(PLAIN, "list").ok());
        assertEquals("{}\n", ask(PLAIN, "enable", "switched").ok());
        try (GoPeer again = GoPeer.plugin(home, "switched", "-pattern", "switched/**")) {
            assertHas("value", ask(PLAIN, "get", "switched/a").ok());
            assertEquals("", again.errors());
        }
    }

    @Test
    void cancelsALookupThatTakesLongerThanItMay() throws Exception {
        String failure = ask("-timeout 500ms", "get", "ext/hang").failed(1);
        assertTrue(failure.startsWith("deadline_exceeded: "), failure);
        plugin.await("cancelled: ext/hang\n");
        assertHas("value", ask(PLAIN, "get", "ext/a").ok());
    }

    @Test
    void cancelsALookupWhoseClientHasGone() throws Exception {
        try (GoPeer other = GoPeer.plugin(home, "gone", "-pattern", "gone/**");
                GoPeer client = GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "get",
                        "gone/hang")) {
            other.await("asked: gone/hang\n");
            assertFalse(other.output().contains("cancelled"));
            client.kill();
            other.await("cancelled: gone/hang\n");
        }
    }

    @Test
    void hasAHundredConnectionsAtOnce() throws Exception {
        // The plugin answers none of them before it has all of them.
        String result = ask("-timeout 60s -count 100 -connections 100", "many", "ext/together").ok();
        assertHas("\"envelopes\":100,\"failures\":{},\"lookups\":100", result);
        result = ask("-timeout 60s -count 2000 -connections 100", "many", "GH_TOKEN", "nope").ok();
        assertHas("\"envelopes\":1000,\"failures\":{\"not_found: secret not found\":1000},\"lookups\":2000", result);
    }

    @Test
    void servesSeveralClientsWithAHundredConnectionsEach() throws Exception {
        List<GoPeer> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 6; i++) {
                clients.add(GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "-timeout", "60s",
                        "-count", "100", "-connections", "100", "many", "GH_TOKEN"));
            }
            for (GoPeer client : clients) {
                assertEquals(0, client.exit(), client::toString);
                assertHas("\"envelopes\":100,\"failures\":{}", client.output());
            }
        } finally {
            clients.forEach(GoPeer::close);
        }
    }
}
