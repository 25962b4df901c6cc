package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Plugins on the libraries of the Go SDK that an engine starts, and starts again. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GoLaunchedPluginIT {

    private static final String NOT_FOUND = "not_found: secret not found";

    /** Both ends ask after 30 s whether the other is there, and give up 10 s later. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(42);

    private static Home home;
    private static long idleSince;

    @BeforeAll
    static void open() throws Exception {
        home = Home.withAge();
        GoPeer.install(home, "good", "plugin", "-pattern", "good/**");
        GoPeer.install(home, "idle", "plugin", "-pattern", "idle/**");
        GoPeer.install(home, "silent", "plugin", "-silent");
        GoPeer.install(home, "crashing", "plugin", "-crash", "reading the configuration\nthere is no token\n");
        home.pass("engine", "start").ok();
        awaitRow(home, "good", "running|");
        awaitRow(home, "idle", "running|");
        idleSince = System.nanoTime();
    }

    @AfterAll
    static void close() throws IOException {
        home.close();
    }

    private static void awaitRow(Home where, String name, String status) throws Exception {
        Poll.until(name + " to be " + status, () -> GoPeer.row(where, name).startsWith(status));
    }

    private static Outcome get(String pattern) throws IOException {
        return GoPeer.client(home, "get", pattern);
    }

    private static void assertAnswers(String provider, Outcome outcome) {
        assertTrue(outcome.ok().contains("\"provider\":\"" + provider + "\""), outcome::toString);
    }

    private static String output(Home where, String name) throws IOException {
        return Files.readString(where.folder().resolve(name + ".out"));
    }

    private static ProcessHandle latest(Home where, String name) throws IOException {
        return ProcessHandle.of(GoPeer.launched(where, name).getLast()).orElseThrow();
    }

    @Test
    void answersLookups() throws Exception {
        assertEquals("running||1.2.3|good/**", GoPeer.row(home, "good"));
        assertAnswers("good", get("good/a"));
        assertEquals(2, get("good/*").ok().split("\"provider\":\"good\"").length - 1);
        assertEquals("value-b", home.sh("X=se://good/b docker-pass run -- sh -c 'printf %s $X'").ok());
        assertEquals("internal: the plugin good failed (internal): its own log says more",
                get("good/boom").failed(1));
        assertEquals(NOT_FOUND, get("good/none").failed(1));
        Outcome outside = get("good/outside");
        assertEquals(NOT_FOUND, outside.failed(1));
        assertEquals("", outside.out());
    }

    @Test
    void carriesLargeValuesByteForByte() throws Exception {
        String hash = GoPeer.hash(get("good/big"));
        assertTrue(hash.startsWith("big: 3145728 bytes, sha256 "), hash);
        assertTrue(output(home, "good").contains(hash));
    }

    @Test
    void servesManyLookupsAtOnce() throws Exception {
        String result = GoPeer.client(home, "-connections", "64", "-count", "2000", "many", "good/a", "good/b").ok();
        assertTrue(result.startsWith("{\"bytes\":14000,\"envelopes\":2000,\"failures\":{},\"lookups\":2000,"), result);
    }

    @Test
    void keepsItsNameFromOneThatConnects() throws Exception {
        Outcome second = GoPeer.run("plugin", "-address", GoPeer.socket(home).toString(), "-name", "good", "-pattern",
                "second/**");
        assertEquals("already_exists: plugin already exists", second.failed(1));
        assertEquals(NOT_FOUND, get("second/a").failed(1));
        assertAnswers("good", get("good/a"));
    }

    @Test
    void isStartedAgainWhenItIsKilled() throws Exception {
        int starts = GoPeer.launched(home, "good").size();
        latest(home, "good").destroyForcibly();
        assertAnswers("idle", get("idle/a"));
        Poll.until("another start", () -> GoPeer.launched(home, "good").size() > starts);
        awaitRow(home, "good", "running|");
        assertAnswers("good", get("good/a"));
        assertEquals(starts + 1, GoPeer.launched(home, "good").size());
    }

    @Test
    void leavesAtOnceWhenItIsKilled() throws Exception {
        try (Home other = Home.withAge()) {
            GoPeer.install(other, "mortal", "plugin", "-pattern", "mortal/**");
            other.pass("engine", "start").ok();
            awaitRow(other, "mortal", "running|");
            Files.createFile(other.folder().resolve("mortal.broken"));
            latest(other, "mortal").destroyForcibly();
            awaitRow(other, "mortal", "crashed|");
            assertEquals(NOT_FOUND, GoPeer.client(other, "get", "mortal/a").failed(1));
            Files.delete(other.folder().resolve("mortal.broken"));
            awaitRow(other, "mortal", "running|");
            assertAnswers("mortal", GoPeer.client(other, "get", "mortal/a"));
        }
    }

    @Test
    void isKilledWhenItDoesNotRegister() throws Exception {
        awaitRow(home, "silent", "crashed|it did not register within 5 s|");
        ProcessHandle first = ProcessHandle.of(GoPeer.launched(home, "silent").getFirst()).orElse(null);
        assertTrue(first == null || !first.isAlive(), "it still runs");
        assertAnswers("good", get("good/a"));
    }

    @Test
    void isGivenUpWhenItCrashesAgainAndAgain() throws Exception {
        awaitRow(home, "crashing", "retries exceeded|there is no token|");
        assertEquals(5, GoPeer.launched(home, "crashing").size());
        assertTrue(home.pass("engine", "logs").ok().contains("crashing: reading the configuration"));
        String listed = GoPeer.client(home, "list").ok();
        assertTrue(listed.contains("\"runStatus\":\"RUN_STATUS_RETRIES_EXCEEDED\",\"statusMessage\":"
                + "\"there is no token\""), listed);
        home.pass("plugins", "enable", "crashing").ok();
        Poll.until("another start", () -> GoPeer.launched(home, "crashing").size() > 5);
    }

    @Test
    void endsWhenItIsDisabledAndStaysOutUntilItIsEnabled() throws Exception {
        try (Home other = Home.withAge()) {
            GoPeer.install(other, "off", "plugin", "-pattern", "off/**");
            other.pass("engine", "start").ok();
            awaitRow(other, "off", "running|");
            ProcessHandle first = latest(other, "off");
            other.pass("plugins", "disable", "off").ok();
            assertFalse(first.isAlive(), "it still runs");
            assertTrue(output(other, "off").endsWith("told to shut down\n"), output(other, "off"));
            awaitRow(other, "off", "disabled|");
            other.pass("engine", "restart").ok();
            Poll.until("the socket", () -> Files.exists(GoPeer.socket(other)));
            assertEquals("failed_precondition: plugin is disabled: docker pass plugins enable off",
                    GoPeer.run("plugin", "-address", GoPeer.socket(other).toString(), "-name", "off").failed(1));
            assertEquals(1, GoPeer.launched(other, "off").size(), "it was started while it was disabled");
            other.pass("plugins", "enable", "off").ok();
            awaitRow(other, "off", "running|");
            assertAnswers("off", GoPeer.client(other, "get", "off/a"));
            assertEquals(2, GoPeer.launched(other, "off").size());
        }
    }

    @Test
    void isEndedAndStartedWithTheEngine() throws Exception {
        String[] names = {"again", "once", "more"};
        try (Home other = Home.withAge()) {
            for (String name : names) {
                GoPeer.install(other, name, "plugin", "-pattern", name + "/**");
                keepExitCode(other, name);
            }
            other.pass("engine", "start").ok();
            for (String name : names) {
                awaitRow(other, name, "running|");
            }
            other.pass("engine", "restart").ok();
            for (String name : names) {
                awaitRow(other, name, "running|");
                assertAnswers(name, GoPeer.client(other, "get", name + "/a"));
                String said = output(other, name);
                assertTrue(said.matches("registered with .*\ntold to shut down\nexit 0\n(registered with .*\n)?"),
                        said);
                assertEquals(2, GoPeer.launched(other, name).size());
            }
            ProcessHandle second = latest(other, "again");
            ProcessHandle.of(other.engines().getFirst()).orElseThrow().destroyForcibly();
            Poll.until("its end", () -> !second.isAlive());
        }
    }

    @Test
    void isToldToEndThoughACallTakesAllTheTimeOfASignal() throws Exception {
        try (Home other = Home.withAge()) {
            GoPeer.install(other, "slow", "plugin", "-pattern", "slow/**");
            other.pass("engine", "start").ok();
            awaitRow(other, "slow", "running|");
            ProcessHandle engine = ProcessHandle.of(other.engines().getFirst()).orElseThrow();
            ProcessHandle plugin = latest(other, "slow");
            try (GoPeer _ = GoPeer.start("client", "-address", GoPeer.socket(other).toString(), "get",
                    "slow/hang")) {
                Poll.until("the question", () -> output(other, "slow").contains("slow/hang"));
                engine.destroy();
                Poll.until("its end", () -> !engine.isAlive() && !plugin.isAlive());
            }
            assertTrue(output(other, "slow").contains("told to shut down"), output(other, "slow"));
            assertFalse(Files.exists(GoPeer.socket(other)), "its socket is still there");
        }
    }

    /** The shell stays until the plugin ends, and says how. */
    private static void keepExitCode(Home where, String name) throws IOException {
        Path script = where.folder().resolve(".config/docker-secrets-engine/plugins").resolve(name);
        Files.writeString(script, Files.readString(script).replace("exec ", "") + "echo exit $? >> "
                + where.folder().resolve(name + ".out") + "\n");
    }

    /** The last of all: the others take their time meanwhile. */
    @Test
    @Order(Integer.MAX_VALUE)
    void staysWhileItIsIdle() throws Exception {
        TimeUnit.NANOSECONDS.sleep(IDLE_NANOS - (System.nanoTime() - idleSince));
        assertAnswers("idle", get("idle/a"));
        assertEquals(1, GoPeer.launched(home, "idle").size());
    }
}
