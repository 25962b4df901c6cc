package dev.secretsengine.it;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What stays in the engine's memory after it was used: no value on Java's heap, one outside of it at most, and no size. */
class MemoryIT {

    private static final String GET_SECRETS = "/resolver.v1.ResolverService/GetSecrets";

    /** A canary for each way of a value, by the name of the way, which is its ID. */
    private final Map<String, Canary> planted = new LinkedHashMap<>();

    private Home home;
    private Map<String, Integer> left = Map.of();

    private String plant(String way) {
        return planted.computeIfAbsent(way, _ -> new Canary()).text();
    }

    private static long engine(Home home) throws IOException {
        return Long.parseLong(home.pass("engine", "status", "--format", "{{.PID}}").ok().strip());
    }

    /** Those that are there, by way. */
    private Map<String, Integer> found(long pid, boolean heap) throws IOException {
        Map<String, Integer> found = new TreeMap<>();
        List<String> forms = planted.values().stream().flatMap(canary -> canary.forms().stream()).toList();
        EngineMemory.occurrences(pid, heap, forms).forEach((form, count) -> planted.forEach((way, canary) -> {
            if (canary.forms().contains(form)) {
                found.merge(way, count, Integer::sum);
            }
        }));
        return found;
    }

    @ParameterizedTest
    @ValueSource(strings = {"age", "keychain"})
    void valuesDoNotStay(String store) throws Exception {
        try (StoreHome user = StoreHome.open(store); ConnectStage connect = new ConnectStage(user.home())) {
            home = user.home();
            Path configuration = home.folder().resolve(".config/secrets-engine/config.toml");
            Files.writeString(configuration, Files.readString(configuration) + "[swarm]\ndriver = true\n");
            prepare(connect);
            // What setting them has left goes with the engine.
            home.pass("engine", "stop").ok();
            home.pass("engine", "start").ok();
            set();
            get();
            run();
            serve();
            others(store);
            planted.put("1password", connect.password());
            assertEquals(connect.password().text(), home.pass("get", "--reveal", "se://team/github").ok());
            long pid = engine(home);
            assertTrue(EngineMemory.occurrences(pid, true, List.of(home.folder().toString())).containsKey(
                    home.folder().toString()), "the engine's own paths are on its heap: this would find them");
            try {
                Poll.until("values to go from the heap", () -> {
                    left = found(pid, true);
                    return left.isEmpty();
                });
            } finally {
                assertEquals(Map.of(), left, "what is left on the heap");
            }
            found(pid, false).forEach((way, count) -> assertTrue(count <= 1, way + " is there " + count + " times"));
        }
    }

    private void prepare(ConnectStage connect) throws Exception {
        connect.setUp("--pattern", "team/**");
        for (String way : List.of("get", "get-reference", "get-json", "get-json-field", "get-json-row", "get-table",
                "get-table-row", "get-template", "run", "container", "swarm", "sdk-json", "sdk-proto", "migrate")) {
            home.passWith(plant(way).getBytes(UTF_8), "set", way).ok();
        }
        Files.writeString(home.folder().resolve("bin/docker-credential-it"), """
                #!/bin/sh
                case $1 in
                  list) echo '{"https://helper.example":"alice"}' ;;
                  get) echo '{"ServerURL":"x","Username":"alice","Secret":"%s"}' ;;
                esac
                """.formatted(plant("helper")));
        Files.setPosixFilePermissions(home.folder().resolve("bin/docker-credential-it"),
                PosixFilePermissions.fromString("rwx------"));
        Files.writeString(home.folder().resolve(".docker/config.json"), """
                {"auths":{"plain.example":{"auth":"%s"}},"credHelpers":{"https://helper.example":"it"}}
                """.formatted(Base64.getEncoder().encodeToString(("alice:" + plant("config.json")).getBytes(UTF_8))));
    }

    private void set() throws IOException {
        home.passWith(plant("set").getBytes(UTF_8), "set", "set").ok();
        home.passWith(plant("set-raw").getBytes(UTF_8), "set", "set-raw", "--raw").ok();
        home.pass("set", "set-argument=" + plant("set-argument")).ok();
        home.pass("set", "bad//id=" + plant("set-refused")).failed(2);
        for (String way : List.of("json {\"secret\":\"%s\",\"metadata\":{\"a\":\"b\"}}",
                "json-escaped {\"secret\":\"\\n%s\"}",
                "no-json {no %s", "other-json {\"password\":\"%s\"}", "other-name {\"%s\":1}")) {
            String[] parts = way.split(" ", 2);
            home.passWith(parts[1].formatted(plant(parts[0])).getBytes(UTF_8), "set", parts[0]).ok();
        }
        for (String way : List.of("half {\"secret\":\"%s\\ud800\"}",
                "nested {\"secret\":\"%s\",\"metadata\":{\"a\":[]}}")) {
            String[] parts = way.split(" ", 2);
            home.passWith(parts[1].formatted(plant(parts[0])).getBytes(UTF_8), "set", parts[0]).failed(2);
        }
        home.passWith(plant("set-large").repeat(40_000).getBytes(UTF_8), "set", "set-large").failed(2);
        String typed = "send \"" + plant("set-terminal") + "\\r\"; ";
        home.sh("expect -c 'spawn docker-pass set set-terminal; expect \"terminal: \"; " + typed + "expect \": \"; "
                + typed
                + "expect eof'").ok();
        assertTrue(home.pass("ls").ok().lines().anyMatch("set-terminal"::equals));
    }

    private void get() throws IOException {
        reveal("get", "get");
        reveal("get-reference", "se://get-reference");
        reveal("get-json", "get-json", "--format", "json");
        reveal("get-json-field", "get-json-field", "--format", "{{json .Value}}");
        reveal("get-json-row", "get-json-row", "--format", "{{json .}}");
        reveal("get-table", "get-table", "--format", "table");
        reveal("get-table-row", "get-table-row", "--format", "table {{.ID}}\\t{{.Value}}");
        reveal("get-template", "get-template", "--format", "{{.Value}}");
        reveal("helper", "se://docker/auth/registry/helper.example/alice");
        reveal("config.json", "se://docker/auth/registry/plain.example/alice");
    }

    private void reveal(String way, String id, String... more) throws IOException {
        String[] line = new String[3 + more.length];
        System.arraycopy(new String[]{"get", "--reveal", id}, 0, line, 0, 3);
        System.arraycopy(more, 0, line, 3, more.length);
        assertTrue(home.pass(line).ok().contains(plant(way)), way);
    }

    private void run() throws IOException {
        assertEquals(plant("run") + "\n", home.sh("X=se://run docker-pass run -- printenv X").ok());
        Path file = home.folder().resolve("it.env");
        Files.writeString(file, "X=\"" + plant("env-file") + "\"\n");
        home.pass("run", "--env-file", file.toString(), "--", "true").ok();
        Files.writeString(file, "X=\"" + plant("bad-env-file") + "\"y\n");
        home.pass("run", "--env-file", file.toString(), "--", "true").failed(125);
        Files.delete(file);
        assertEquals("X=" + plant("container"), new FrameClient(home.socket(), Map.of("X", "se://container"))
                .pass("__environment").ok());
    }

    private void serve() throws IOException {
        String base64 = Base64.getEncoder().encodeToString(planted.get("swarm").bytes());
        try (HttpPeer swarm = new HttpPeer(home.folder().resolve("run/secrets-engine/swarm.sock"))) {
            assertTrue(swarm.call(post("/SecretProvider.GetSecret", "json", "{\"SecretName\":\"swarm\"}")).text()
                    .contains(base64));
        }
        try (HttpPeer sdk = new HttpPeer(sdk(home))) {
            assertEquals(200, sdk.call(post(GET_SECRETS, "json", "{\"pattern\":\"sdk-json\"}")).status());
            assertTrue(sdk.call(post(GET_SECRETS, "proto", "\n\tsdk-proto")).text().contains(plant("sdk-proto")));
        }
    }

    private static Path sdk(Home home) {
        return home.folder().resolve(".cache/docker-secrets-engine/engine.sock");
    }

    private static byte[] post(String path, String type, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: unix\r\nContent-Type: application/" + type + "\r\nContent-Length: "
                + body.length() + "\r\n\r\n" + body).getBytes(UTF_8);
    }

    private void others(String store) throws IOException {
        if (store.equals("keychain")) {
            assertEquals(0, home.pass("migrate", "--from", "keychain", "--to", "age", "migrate").code());
        }
        home.passWith(plant("passphrase").getBytes(UTF_8), "unlock");
    }

    @Test
    void memoryGoesBackAfterManyLookupsOfTheSdk() throws Exception {
        try (Home other = Home.withAge(); ExecutorService threads = Executors.newFixedThreadPool(8)) {
            other.passWith("v".repeat(1 << 20).getBytes(UTF_8), "set", "large").ok();
            long pid = engine(other);
            List<Future<Long>> clients = IntStream.range(0, 8).mapToObj(_ -> threads.submit(() -> {
                long most = 0;
                try (HttpPeer peer = new HttpPeer(sdk(other))) {
                    // Beyond the cleaning that the command above has called for.
                    for (long begin = System.nanoTime(); System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(12);) {
                        assertEquals(200, peer.call(post(GET_SECRETS, "json", "{\"pattern\":\"large\"}")).status());
                        most = Math.max(most, EngineMemory.resident(pid));
                    }
                }
                return most;
            })).toList();
            long most = 0;
            for (Future<Long> client : clients) {
                most = Math.max(most, client.get());
            }
            assertTrue(most > 200, "these lookups take memory: " + most + " MiB");
            Poll.until("memory to go back", () -> EngineMemory.resident(pid) < 120);
        }
    }
}
