package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The sockets that clients and plugins of the public SDK look for. */
class SdkIT {

    private static final String GET = "resolver.v1.ResolverService/GetSecrets";

    private static Home home;
    private static Path socket;

    @BeforeAll
    static void open() throws Exception {
        Tools.require("curl", "python3", "unshare", "setpriv");
        home = Home.withAge();
        for (String secret : List.of("GH_TOKEN=123456789", "myapp/db/password=s3cr3t", "myapp/db/user=app")) {
            home.pass("set", secret).ok();
        }
        socket = home.folder().resolve(".cache/docker-secrets-engine/engine.sock");
    }

    @AfterAll
    static void close() throws IOException {
        home.close();
    }

    private static Outcome post(String procedure, String body) throws IOException {
        return home.sh("curl -s --unix-socket " + socket + " -H 'Content-Type: application/json' -d '" + body
                + "' http://unix/" + procedure);
    }

    private static String plugins() throws IOException {
        return home.pass("plugins", "ls").ok();
    }

    private static String script() throws Exception {
        return Path.of(SdkIT.class.getResource("/plugin.py").toURI()).toString();
    }

    @Test
    void answersTheRecordedRequestsAsRecorded() throws Exception {
        List<RecordedExchange> exchanges = RecordedExchange.ofClients();
        assertEquals(30, exchanges.size());
        try (HttpPeer peer = new HttpPeer(socket)) {
            for (RecordedExchange exchange : exchanges) {
                HttpPeer.Reply recorded = HttpPeer.parse(exchange.response());
                HttpPeer.Reply reply = peer.call(exchange.request());
                assertEquals(recorded.status(), reply.status(), exchange.name());
                if (recorded.status() == 200) {
                    assertEquals(recorded.type(), reply.type(), exchange.name());
                }
                if (recorded.status() != 200 && recorded.type().equals("application/json")) {
                    assertEquals(recorded.code(), reply.code(), exchange.name());
                }
                if (exchange.name().startsWith("get-") && recorded.status() != 200) {
                    assertEquals(recorded.text(), reply.text(), exchange.name());
                }
            }
        }
    }

    @Test
    void answersCurl() throws Exception {
        assertTrue(post(GET, "{\"pattern\":\"GH_TOKEN\"}").ok().contains("\"value\":\"MTIzNDU2Nzg5\""));
        assertEquals("{\"code\":\"not_found\",\"message\":\"secret not found\"}",
                post(GET, "{\"pattern\":\"nope\"}").ok());
        assertTrue(post("health.v1.VersionService/GetVersion", "{}").ok().startsWith("{\"version\":\"v"));
    }

    @Test
    void namesItsSocketsAndKeepsThemToItsUser() throws Exception {
        String status = home.pass("engine", "status").ok();
        assertTrue(status.contains(socket.toString()), status);
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
        assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket.getParent())));
    }

    @Test
    void servesAPluginThatConnectsUntilItDies() throws Exception {
        Process plugin = home.process("python3", script(), socket.toString(), "it-ext").start();
        try {
            assertEquals("HTTP/1.1 200 OK", plugin.inputReader(StandardCharsets.US_ASCII).readLine());
            Poll.until("the plugin's row", () -> plugins().contains("it-ext"));
            assertTrue(plugins().lines().anyMatch(line -> line.contains("it-ext") && line.contains("ext/**")),
                    plugins());
            assertEquals("value of ext/a\n", home.sh("X=se://ext/a docker-pass run -- sh -c 'echo $X'").ok());
            assertEquals(125, home.sh("X=se://ext/none docker-pass run -- true").code());
            Outcome second = Outcome.of(home.process("python3", script(), socket.toString(), "it-ext"), new byte[0]);
            assertEquals("HTTP/1.1 409 Conflict\n", second.out());
        } finally {
            plugin.destroyForcibly().waitFor();
        }
        Poll.until("the plugin's end", () -> !plugins().contains("it-ext"));
    }

    @Test
    void launchesPluginsAndEndsThem() throws Exception {
        try (Home other = Home.withAge()) {
            Path folder = Files.createDirectories(
                    other.folder().resolve(".config/docker-secrets-engine/plugins"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            executable(folder.resolve("launched"),
                    "#!/bin/sh\necho $$ > " + other.folder() + "/pid\nexec python3 " + script() + "\n");
            executable(folder.resolve("crashing"), "#!/bin/sh\necho no token >&2\nsleep 0.2\nexit 1\n");
            other.pass("engine", "start").ok();
            Poll.until("the launched plugin",
                    () -> other.pass("plugins", "ls").ok().lines()
                            .anyMatch(line -> line.startsWith("launched") && line.contains("ext/**")));
            assertEquals("value of ext/a\n", other.sh("X=se://ext/a docker-pass run -- sh -c 'echo $X'").ok());
            Poll.until("the end of patience", () -> other.pass("plugins", "ls").ok().lines()
                    .anyMatch(line -> line.startsWith("crashing") && line.contains("no token")
                            && line.contains("retries exceeded")));
            long pid = Long.parseLong(Files.readString(other.folder().resolve("pid")).strip());
            assertTrue(ProcessHandle.of(pid).isPresent());
            other.pass("engine", "stop").ok();
            Poll.until("the plugin's end", () -> ProcessHandle.of(pid).isEmpty());
        }
    }

    private static void executable(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    /** In a network of its own, where nobody else has the abstract name. */
    @Test
    void hasAnAbstractNameForItsOwnUserOutsideOfContainers() throws Exception {
        try (Home first = Home.withAge(); Home second = Home.withAge()) {
            int uid = Tools.uid();
            String user = "setpriv --reuid " + uid + " --regid " + uid + " --clear-groups ";
            String curl = "curl -s --abstract-unix-socket docker-secrets-engine/" + uid
                    + "/daemon.sock -H Content-Type:application/json -d {} http://unix/health.v1.VersionService/GetVersion";
            String script = "one() { " + user + first.environmentLine() + " \"$@\"; }\ntwo() { " + user
                    + second.environmentLine() + " \"$@\"; }\n"
                    + "one docker-pass engine start > /dev/null\none " + curl + "; echo\n"
                    + "two docker-pass engine start > /dev/null 2>&1\n"
                    + "one docker-pass engine status | grep -c '@docker-secrets-engine/" + uid + "/daemon.sock'\n"
                    + "for i in $(seq 100); do two docker-pass engine status | grep 'is held by process' && break;"
                    + " sleep 0.1; done\n"
                    + "setpriv --reuid 65534 --regid 65534 --clear-groups " + curl + "; echo foreign $?\n"
                    + "unshare --mount --pid --fork " + user + curl + "; echo\n"
                    + "one docker-pass engine logs | grep -o 'refused a connection of uid.*'\n"
                    + "one docker-pass engine stop > /dev/null\ntwo docker-pass engine stop > /dev/null\n";
            Outcome outcome = Sandbox.root("unshare", "--net", "sh", "-c", script);
            List<String> lines = outcome.out().lines().toList();
            assertEquals(6, lines.size(), outcome::toString);
            assertTrue(lines.get(0).startsWith("{\"version\":\"v"), outcome::toString);
            assertEquals("1", lines.get(1), outcome::toString);
            assertTrue(lines.get(2).contains("docker-secrets-engine/" + uid + "/daemon.sock is held by process"),
                    outcome::toString);
            // Curl takes an early end for a failure to connect; the engine's log says what it was.
            assertTrue(lines.get(3).matches("foreign (7|52|56)"), outcome::toString);
            assertTrue(lines.get(4).startsWith("{\"version\":\"v"), outcome::toString);
            assertTrue(lines.get(5).contains("uid 65534 ") && lines.get(5).endsWith("it is another user's"),
                    outcome::toString);
        }
    }
}
