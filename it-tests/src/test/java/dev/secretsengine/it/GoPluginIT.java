package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;

/** Plugins on the libraries of the Go SDK that connect to an engine: what they serve, and every way that one goes wrong. */
@Timeout(120)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class GoPluginIT {

    private static final String NOT_FOUND = "not_found: secret not found";

    /** Both ends ask after 30 s whether the other is there, and give up 10 s later. */
    private static final long IDLE_NANOS = TimeUnit.SECONDS.toNanos(42);

    private static Home home;
    private static GoPeer plugin;
    private static GoPeer idle;
    private static long idleSince;

    @BeforeAll
    static void open() throws Exception {
        home = Home.withAge();
        home.pass("set", "dying/hang=stored").ok();
        home.pass("set", "hanging/hang=stored").ok();
        Poll.until("the socket", () -> Files.exists(GoPeer.socket(home)));
        idle = GoPeer.plugin(home, "idle", "-pattern", "idle/**");
        idleSince = System.nanoTime();
        plugin = GoPeer.plugin(home, "go-plugin");
    }

    @AfterAll
    static void close() throws IOException {
        plugin.close();
        idle.close();
        home.close();
    }

    private static Outcome get(String pattern) throws IOException {
        return GoPeer.client(home, "get", pattern);
    }

    private static void assertAnswers(String provider, Outcome outcome) {
        assertTrue(outcome.ok().contains("\"provider\":\"" + provider + "\""), outcome::toString);
    }

    /** A client whose lookup has arrived at a plugin that does not answer it. */
    private static GoPeer asking(Home where, GoPeer asked, String id) throws Exception {
        GoPeer client = GoPeer.start("client", "-address", GoPeer.socket(where).toString(), "get", id);
        asked.await("asked: " + id + "\n");
        return client;
    }

    @Test
    void answersLookups() throws Exception {
        assertAnswers("go-plugin", get("ext/a"));
        assertEquals(2, get("ext/*").ok().split("\"provider\":\"go-plugin\"").length - 1);
        assertEquals("value-b", home.sh("X=se://ext/b docker-pass run -- sh -c 'printf %s $X'").ok());
        assertEquals("running||1.2.3|ext/**", GoPeer.row(home, "go-plugin"));
    }

    @Test
    void failsWithoutThePluginsOwnWords() throws Exception {
        assertEquals("internal: the plugin go-plugin failed (internal): its own log says more",
                get("ext/boom").failed(1));
        assertEquals(NOT_FOUND, get("ext/none").failed(1));
    }

    @Test
    void keepsToItselfWhatWasNotAskedFor() throws Exception {
        Outcome outcome = get("ext/outside");
        assertEquals(NOT_FOUND, outcome.failed(1));
        assertEquals("", outcome.out());
        assertEquals(NOT_FOUND, get("elsewhere/**").failed(1));
    }

    @Test
    void carriesLargeValuesByteForByte() throws Exception {
        String hash = GoPeer.hash(get("ext/big"));
        assertTrue(hash.startsWith("big: 3145728 bytes, sha256 "), hash);
        assertTrue(plugin.output().contains(hash), plugin.output());
        assertEquals(hash, GoPeer.hash(GoPeer.client(home, "-json", "get", "ext/big")));
        try (GoPeer most = GoPeer.plugin(home, "most", "-pattern", "most/**", "-big", "4194304");
                GoPeer more = GoPeer.plugin(home, "more", "-pattern", "more/**", "-big", "4194305")) {
            assertEquals(GoPeer.hash(get("most/big")), most.output().lines().toList().getLast() + "\n");
            String refused = get("more/big").failed(1);
            assertTrue(refused.startsWith("internal: ") && refused.contains("a value over 4 MiB"), refused);
            assertAnswers("more", get("more/a"));
            assertEquals("", more.errors());
        }
    }

    @Test
    void servesManyLookupsAtOnce() throws Exception {
        String result = GoPeer.client(home, "-connections", "64", "-count", "2000", "many", "ext/a", "ext/b").ok();
        assertTrue(result.startsWith("{\"bytes\":14000,\"envelopes\":2000,\"failures\":{},\"lookups\":2000,"), result);
    }

    @Test
    void leavesAtOnceWhenItIsKilled() throws Exception {
        try (GoPeer dying = GoPeer.plugin(home, "dying", "-pattern", "dying/**")) {
            assertAnswers("dying", get("dying/a"));
            dying.kill();
            Poll.until("the end of its row", () -> GoPeer.row(home, "dying").isEmpty());
            assertEquals(NOT_FOUND, get("dying/a").failed(1));
            assertAnswers("go-plugin", get("ext/a"));
        }
    }

    @Test
    void endsALookupWhosePluginIsKilled() throws Exception {
        GoPeer dying = GoPeer.plugin(home, "dying", "-pattern", "dying/**");
        try (dying; GoPeer alone = asking(home, dying, "dying/hang")) {
            dying.kill();
            assertEquals(0, alone.exit(), "the store has one of that name");
            assertTrue(alone.output().contains("\"provider\":\"docker-pass\""), alone::toString);
        }
        GoPeer other = GoPeer.plugin(home, "dying", "-pattern", "alone/**");
        try (other; GoPeer alone = asking(home, other, "alone/hang")) {
            other.kill();
            assertEquals(1, alone.exit());
            assertEquals("internal: the plugin dying did not answer: docker pass plugins ls shows whether it still"
                    + " runs\n", alone.errors());
        }
    }

    @Test
    void answersWithWhatOthersHaveWhenOneHangs() throws Exception {
        try (GoPeer hanging = GoPeer.plugin(home, "hanging", "-pattern", "hanging/**")) {
            assertAnswers("docker-pass", GoPeer.client(home, "-timeout", "3s", "get", "hanging/hang"));
            hanging.await("cancelled: hanging/hang\n");
            assertAnswers("hanging", get("hanging/a"));
        }
    }

    @Test
    void waitsForOneThatIsStoppedForAWhile() throws Exception {
        try (GoPeer stopped = GoPeer.plugin(home, "stopped", "-pattern", "stopped/**")) {
            signal("-STOP", stopped);
            try (GoPeer client = GoPeer.start("client", "-address", GoPeer.socket(home).toString(), "-timeout", "60s",
                    "-count", "100", "-connections", "100", "many", "stopped/a")) {
                String late = GoPeer.client(home, "-timeout", "1s", "get", "stopped/b").failed(1);
                assertTrue(late.matches("(deadline_exceeded|internal): .*"), late);
                assertAnswers("go-plugin", get("ext/a"));
                signal("-CONT", stopped);
                assertEquals(0, client.exit(), client::toString);
                assertTrue(client.output().contains("\"envelopes\":100,\"failures\":{}"), client::toString);
            }
        }
    }

    private static void signal(String signal, GoPeer peer) throws IOException {
        Outcome.of(new ProcessBuilder("kill", signal, Long.toString(peer.pid())), new byte[0]).ok();
    }

    @Test
    void refusesASecondOneOfTheSameName() throws Exception {
        String address = GoPeer.socket(home).toString();
        for (String name : new String[]{"go-plugin", "docker-pass", "docker-auth"}) {
            Outcome second = GoPeer.run("plugin", "-address", address, "-name", name, "-pattern", "second/**");
            assertEquals("already_exists: plugin already exists", second.failed(1));
        }
        assertEquals(NOT_FOUND, get("second/a").failed(1));
        assertAnswers("go-plugin", get("ext/a"));
        assertEquals("running||1.2.3|ext/**", GoPeer.row(home, "go-plugin"));
    }

    @Test
    void refusesWhatIsNoPlugin() throws Exception {
        String address = GoPeer.socket(home).toString();
        assertEquals("invalid_argument: the version is not semantic with a leading v",
                GoPeer.run("plugin", "-address", address, "-version", "1.2.3").failed(1));
        assertEquals("invalid_argument: invalid pattern \"a//b\": invalid pattern",
                GoPeer.run("plugin", "-address", address, "-pattern", "a//b").failed(1));
        assertTrue(GoPeer.run("plugin", "-address", address, "-name", "").failed(1).startsWith("invalid_argument: "));
    }

    @Test
    void hangsUpOnOneThatNeverRegisters() throws Exception {
        try (GoPeer silent = GoPeer.start("plugin", "-address", GoPeer.socket(home).toString(), "-silent")) {
            assertEquals(1, silent.exit());
            assertEquals("the engine has hung up\n", silent.errors());
        }
    }

    @Test
    void endsWhenItIsDisabledAndStaysOutUntilItIsEnabled() throws Exception {
        String[] arguments = {"plugin", "-address", GoPeer.socket(home).toString(), "-name", "off", "-pattern",
                "off/**"};
        try (GoPeer first = GoPeer.plugin(home, "off", "-pattern", "off/**")) {
            home.pass("plugins", "disable", "off").ok();
            assertEquals(0, first.exit(), first::toString);
            assertTrue(first.output().endsWith("told to shut down\n"), first::toString);
        }
        assertEquals("disabled||1.2.3|off/**", GoPeer.row(home, "off"));
        assertEquals("failed_precondition: plugin is disabled: docker pass plugins enable off",
                GoPeer.run(arguments).failed(1));
        home.pass("plugins", "enable", "off").ok();
        try (GoPeer second = GoPeer.plugin(home, "off", "-pattern", "off/**")) {
            assertAnswers("off", get("off/a"));
            assertEquals("", second.errors());
        }
    }

    @Test
    void finishesALookupWhenItIsDisabled() throws Exception {
        GoPeer slow = GoPeer.plugin(home, "slow", "-pattern", "slow/**", "-slow", "1s");
        try (slow; GoPeer client = asking(home, slow, "slow/slow")) {
            home.pass("plugins", "disable", "slow").ok();
            assertEquals(0, client.exit(), client::toString);
            assertTrue(client.output().contains("\"id\":\"slow/slow\""), client::toString);
            assertEquals(0, slow.exit(), slow::toString);
        }
    }

    @Test
    void isToldToShutDownWhenTheEngineRestarts() throws Exception {
        try (Home other = Home.withAge()) {
            other.pass("engine", "start").ok();
            Poll.until("the socket", () -> Files.exists(GoPeer.socket(other)));
            GoPeer first = GoPeer.plugin(other, "go-plugin", "-slow", "1s");
            try (first; GoPeer client = asking(other, first, "ext/slow")) {
                other.pass("engine", "restart").ok();
                assertEquals(0, client.exit(), client::toString);
                assertTrue(client.output().contains("\"id\":\"ext/slow\""), client::toString);
                assertEquals(0, first.exit(), first::toString);
                assertTrue(first.output().endsWith("told to shut down\n"), first::toString);
            }
            Poll.until("the socket", () -> Files.exists(GoPeer.socket(other)));
            try (GoPeer second = GoPeer.plugin(other, "go-plugin")) {
                assertAnswers("go-plugin", GoPeer.client(other, "get", "ext/a"));
                assertEquals("", second.errors());
            }
        }
    }

    /** The last of all: the others take their time meanwhile. */
    @Test
    @Order(Integer.MAX_VALUE)
    void staysWhileItIsIdle() throws Exception {
        long left = IDLE_NANOS - (System.nanoTime() - idleSince);
        TimeUnit.NANOSECONDS.sleep(left);
        assertAnswers("idle", get("idle/a"));
        assertEquals("", idle.errors());
    }
}
