package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modules of access control on the libraries of the Go SDK: who they deny what, and that nobody gets by them. */
@Timeout(120)
class GoAccessControlIT {

    private static final String DENIED = "permission_denied: access denied";
    private static final String ALLOWED = "\"decision\":\"DECISION_ALLOW\"";

    private static Home home;

    @BeforeAll
    static void open() throws Exception {
        home = Home.withAge();
        for (String secret : new String[]{"open/a=1", "denied/a=2", "secret/a=3"}) {
            home.pass("set", secret).ok();
        }
        Poll.until("the socket", () -> Files.exists(GoPeer.socket(home)));
    }

    @AfterAll
    static void close() throws IOException {
        home.close();
    }

    /** What one test has lost must not deny what the next one asks for. */
    @AfterEach
    void forgetModules() throws Exception {
        for (String name : new String[]{"guard", "second"}) {
            if (!GoPeer.row(home, name).isEmpty()) {
                home.pass("plugins", "disable", name).ok();
                home.pass("plugins", "enable", name).ok();
            }
        }
        assertAllowed("denied/a");
    }

    private static Outcome get(String pattern) throws IOException {
        return GoPeer.client(home, "get", pattern);
    }

    private static Outcome authorize(String... patterns) throws IOException {
        String[] arguments = new String[patterns.length + 1];
        arguments[0] = "authorize";
        System.arraycopy(patterns, 0, arguments, 1, patterns.length);
        return GoPeer.client(home, arguments);
    }

    private static void assertAllowed(String id) throws IOException {
        assertTrue(get(id).ok().contains("\"id\":\"" + id + "\""));
        assertTrue(authorize(id).ok().contains(ALLOWED));
    }

    /** By everything that asks. */
    private static void assertDenied(String id) throws IOException {
        for (String format : new String[]{"-json", "-identity"}) {
            Outcome lookup = GoPeer.client(home, format, "get", id);
            assertEquals(DENIED, lookup.failed(1));
            assertEquals("", lookup.out());
            assertEquals(DENIED, GoPeer.client(home, format, "authorize", id).failed(1));
        }
    }

    @Test
    void decidesAboutLookups() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**")) {
            assertAllowed("open/a");
            assertDenied("denied/a");
            assertEquals(DENIED, get("denied/**").failed(1));
            assertEquals(DENIED, get("denied/none").failed(1), "nor is said whether there is such a secret");
            assertEquals(DENIED, authorize("open/a", "denied/a").failed(1));
            assertTrue(authorize("open/a").ok().contains("\"expiresAt\":\"20"));
            assertEquals("running||1.2.3|", GoPeer.row(home, "guard"));
            String row = GoPeer.client(home, "list").ok();
            assertTrue(row.contains("\"name\":\"guard\",\"version\":\"v1.2.3\",\"disabled\":false,\"external\":true,"
                    + "\"configurable\":true,\"runStatus\":\"RUN_STATUS_RUNNING\",\"statusMessage\":\"\","
                    + "\"accessControlModule\":{}"), row);
            assertEquals("2", home.sh("X=se://denied/a docker-pass run -- sh -c 'printf %s $X'").ok());
            assertEquals("", guard.errors());
        }
    }

    @Test
    void isToldWhoAsks() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard");
                GoPeer lookup = GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "get", "open/**");
                GoPeer question = GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "authorize",
                        "open/a", "secret/**")) {
            assertEquals(0, lookup.exit(), lookup::toString);
            assertEquals(0, question.exit(), question::toString);
            String requester = "\"name\":\"sdk\",\"path\":\"" + GoPeer.program().toRealPath() + "\",";
            assertTrue(guard.output().contains("{\"linux\":true,\"method\":\"CheckAccess\"," + requester
                    + "\"patterns\":[\"open/**\"],\"pid\":" + lookup.pid() + ",\"signedByDocker\":false}\n"),
                    guard::toString);
            assertTrue(guard.output().contains("{\"linux\":true,\"method\":\"Authorize\"," + requester
                    + "\"patterns\":[\"open/a\",\"secret/**\"],\"pid\":" + question.pid()
                    + ",\"signedByDocker\":false}\n"), guard::toString);
        }
    }

    @Test
    void needsAllModulesToAllow() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**");
                GoPeer second = GoPeer.module(home, "second", "-deny", "secret/**")) {
            assertAllowed("open/a");
            assertDenied("denied/a");
            assertDenied("secret/a");
            assertEquals("", guard.errors() + second.errors());
        }
    }

    @Test
    void deniesWhenItFails() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-fail")) {
            assertDenied("open/a");
            assertTrue(guard.output().contains("\"method\":\"CheckAccess\""), guard::toString);
        }
    }

    @Test
    void deniesWhenItHangs() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-hang")) {
            assertEquals(DENIED, GoPeer.client(home, "-timeout", "2s", "get", "open/a").failed(1));
            assertEquals(DENIED, GoPeer.client(home, "-timeout", "2s", "authorize", "open/a").failed(1));
            assertTrue(guard.output().contains("\"method\":\"Authorize\""), guard::toString);
        }
    }

    @Test
    void deniesWhenItIsKilledBeforeItAnswers() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-hang");
                GoPeer client = GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "get", "open/a")) {
            guard.await("\"method\":\"CheckAccess\"");
            guard.kill();
            assertEquals(1, client.exit());
            assertEquals(DENIED + "\n", client.errors());
            assertEquals("", client.output());
        }
    }

    @Test
    void deniesWhileItIsLostUntilItIsBack() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**")) {
            guard.kill();
        }
        Poll.until("its loss", () -> GoPeer.row(home, "guard").startsWith("crashed|its process has gone"));
        assertDenied("open/a");
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**")) {
            assertAllowed("open/a");
            assertDenied("denied/a");
            assertEquals("", guard.errors());
        }
    }

    @Test
    void allowsWhenALostOneIsDisabled() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**")) {
            guard.kill();
        }
        Poll.until("its loss", () -> GoPeer.row(home, "guard").startsWith("crashed|"));
        assertDenied("denied/a");
        home.pass("plugins", "disable", "guard").ok();
        assertAllowed("denied/a");
    }

    @Test
    void allowsWhenItWasToldToEnd() throws Exception {
        try (GoPeer guard = GoPeer.module(home, "guard", "-deny", "denied/**")) {
            assertDenied("denied/a");
            home.pass("plugins", "disable", "guard").ok();
            assertEquals(0, guard.exit(), guard::toString);
            assertTrue(guard.output().endsWith("told to shut down\n"), guard::toString);
        }
        assertAllowed("denied/a");
        assertTrue(GoPeer.row(home, "guard").startsWith("disabled|"));
    }

    @Test
    void deniesUntilALaunchedOneIsBack() throws Exception {
        try (Home other = Home.withAge()) {
            other.pass("set", "open/a=1").ok();
            other.pass("engine", "stop").ok();
            GoPeer.install(other, "guard", "acm", "-deny", "denied/**");
            other.pass("engine", "start").ok();
            Poll.until("the module", () -> GoPeer.row(other, "guard").startsWith("running|"));
            assertEquals(DENIED, GoPeer.client(other, "get", "denied/a").failed(1));
            Files.createFile(other.folder().resolve("guard.broken"));
            ProcessHandle.of(GoPeer.launched(other, "guard").getLast()).orElseThrow().destroyForcibly();
            Poll.until("another start", () -> GoPeer.launched(other, "guard").size() > 1);
            assertEquals(DENIED, GoPeer.client(other, "get", "open/a").failed(1));
            assertFalse(GoPeer.row(other, "guard").startsWith("running|"));
            Files.delete(other.folder().resolve("guard.broken"));
            Poll.until("the module", () -> GoPeer.row(other, "guard").startsWith("running|"));
            assertTrue(GoPeer.client(other, "get", "open/a").ok().contains("\"id\":\"open/a\""));
            assertEquals(DENIED, GoPeer.client(other, "get", "denied/a").failed(1));
        }
    }
}
