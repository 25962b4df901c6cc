package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Setting 1Password up for a Connect server, and undoing it, through the real docker client, with each store. */
@ParameterizedClass
@ValueSource(strings = {"keychain", "age"})
class OnePasswordSetupIT {

    private static StoreHome user;
    private static ConnectStage stage;
    private static Home home;
    private static ConnectStub server;

    @Parameter
    private String store;

    @BeforeParameterizedClassInvocation
    static void open(String store) throws Exception {
        user = StoreHome.open(store);
        home = user.home();
        stage = new ConnectStage(home);
        server = stage.server();
    }

    @AfterParameterizedClassInvocation
    static void close() throws IOException {
        try {
            stage.close();
        } finally {
            user.close();
        }
    }

    @AfterEach
    void purge() throws IOException {
        home.pass("plugins", "1password", "purge").ok();
        stage.reset();
    }

    private static String github() throws IOException {
        return home.pass("get", "--reveal", "se://team/github").ok();
    }

    /** It reads its settings and its token once more, and remembers nothing. */
    private static void again() throws IOException {
        home.pass("plugins", "disable", "1password-sdk").ok();
        home.pass("plugins", "enable", "1password-sdk").ok();
    }

    /** One line says what was wrong, and nothing is left of it. */
    private static void assertRefused(Outcome setup, int code, String words) throws IOException {
        String line = setup.failed(code);
        assertTrue(line.contains(words), () -> "not " + words + " in " + line);
        assertTrue(stage.isUntouched());
    }

    @Test
    void tokenThatIsNotAcceptedIsNotKept() throws Exception {
        assertRefused(stage.attempt("another-token"), 5, "the Connect server does not accept the token");
        assertRefused(stage.attempt("two words"), 1, "what was given as token of 1password-sdk is no token");
        assertEquals(List.of("/v1/vaults"), server.requests());
    }

    @Test
    void serverThatCannotServeIsNotKept() throws Exception {
        String token = stage.token().text();
        server.fail(503, "starting", "");
        assertRefused(stage.attempt(token), 4, "the Connect server failed with status 503");
        server.fail(404, "not here", "");
        assertRefused(stage.attempt(token), 1, "what answers at " + server.url() + " is no Connect server");
        server.recover();
        String url = "https://localhost:" + closedPort();
        assertRefused(stage.attemptAt(token, "--connect-host", url), 4,
                "the Connect server at " + url + " cannot be reached");
        assertRefused(stage.attemptAt(token, "--connect-host", "localhost:1"), 1,
                "the setting connect-host of 1password-sdk is no URL of a server");
    }

    /** Where nobody listens any more. */
    private static int closedPort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Whoever answers at the address: without the right certificate he does not even get the token. */
    @Test
    void serverThatIsNotTrustedIsNotGivenTheToken() throws Exception {
        String token = stage.token().text();
        String trusted = stage.trusted().toString();
        Path stranger = TestAuthority.OTHER.writeTo(home.folder().resolve("other-ca.pem"));
        String untrusted = "the certificate of " + server.url() + " is not trusted: set connect-ca";
        assertRefused(stage.attemptAt(token, "--connect-host", server.url()), 4, untrusted);
        assertRefused(attemptBy(stranger), 4, untrusted);
        assertRefused(attemptBy(home.folder().resolve("none.pem")), 1,
                "the setting connect-ca of 1password-sdk names a file that cannot be read");
        String byNumber = server.url().replace("localhost", "127.0.0.1");
        assertRefused(stage.attemptAt(token, "--connect-host", byNumber, "--connect-ca", trusted), 4,
                "the certificate of " + byNumber + " is for another host");
        assertEquals(List.of(), server.requests());
        try (ConnectStub old = new ConnectStub(stage.vaults(), Optional.of(TestAuthority.OURS.expired()))) {
            assertRefused(stage.attemptAt(token, "--connect-host", old.url(), "--connect-ca", trusted), 4,
                    "the certificate of " + old.url() + " has expired");
            assertEquals(List.of(), old.requests());
        }
    }

    private static Outcome attemptBy(Path trusted) throws IOException {
        return stage.attemptAt(stage.token().text(), "--connect-host", server.url(), "--connect-ca",
                trusted.toString());
    }

    @Test
    void whatIsRefusedLeavesWhatWorked() throws Exception {
        stage.setUp("--pattern", "team/**");
        stage.attempt("another-token", "--pattern", "other/**").failed(5);
        stage.attemptAt(stage.token().text(), "--connect-host", "http://localhost:1").failed(4);
        assertEquals("team/** running", stage.row(), store);
        assertEquals(stage.password().text(), github());
        again();
        assertEquals(stage.password().text(), github());
    }

    @Test
    void proxyGetsNothingToSee() throws Exception {
        try (TunnelProxy proxy = new TunnelProxy()) {
            stage.setUp("--pattern", "team/**", "--proxy", proxy.url());
            assertEquals(stage.password().text(), github());
            assertEquals(Set.of(server.url().replace("https://", "")), Set.copyOf(proxy.targets()));
        }
        assertRefusedLookup(4, "the Connect server at " + server.url() + " cannot be reached");
    }

    private static void assertRefusedLookup(int code, String words) throws IOException {
        String line = home.pass("get", "se://team/github").failed(code);
        assertTrue(line.contains(words), () -> "not " + words + " in " + line);
    }

    @Test
    void withoutTheFileOfItsAuthorityItSaysSo() throws Exception {
        stage.setUp("--pattern", "team/**");
        Files.delete(stage.trusted());
        home.pass("engine", "restart").ok();
        String words = "the setting connect-ca of 1password-sdk names a file that cannot be read: name a PEM file";
        assertRefusedLookup(4, words);
        assertTrue(stage.row().endsWith(" crashed " + words), stage.row());
        stage.reset();
        home.pass("plugins", "enable", "1password-sdk").ok();
        assertEquals(stage.password().text(), github());
    }

    @Test
    void settingsChangeWithoutTheToken() throws Exception {
        stage.setUp();
        assertEquals("** running", stage.row());
        stage.attemptAt("", "--pattern", "team/data-base/**").ok();
        assertEquals("team/data-base/** running", stage.row());
        assertEquals("token-ro", home.pass("get", "--reveal", "se://team/data-base/read-only/token").ok());
        home.pass("get", "se://team/github").failed(3);
    }

    @Test
    void disabledOneIsSilentAndStillKnowsItsToken() throws Exception {
        stage.setUp("--pattern", "team/**", "--cache", "1h");
        assertEquals(stage.password().text(), github());
        server.requests().clear();
        assertEquals(stage.password().text(), github());
        assertEquals(List.of(), server.requests(), "the value is in memory");
        home.pass("plugins", "disable", "1password-sdk").ok();
        home.pass("get", "se://team/github").failed(3);
        assertEquals(List.of(), server.requests());
        home.pass("plugins", "enable", "1password-sdk").ok();
        assertEquals(stage.password().text(), github());
        assertEquals(3, server.requests().size(), "what was in memory is gone: vaults, items, the item");
    }

    @Test
    void purgeUndoesAllOfIt() throws Exception {
        stage.setUp("--pattern", "team/**", "--cache", "1h");
        assertEquals(stage.password().text(), github());
        assertEquals("Plugin 1password-cli is purged\nPlugin 1password-sdk is purged\n",
                home.pass("plugins", "1password", "purge").ok());
        server.requests().clear();
        home.pass("get", "se://team/github").failed(3);
        assertTrue(stage.isUntouched());
        assertEquals(List.of(), server.requests());
    }

    @Test
    void tokenAndValuesAreNowhereElse() throws Exception {
        CanarySearch search = new CanarySearch(stage.token(), stage.password());
        List<Outcome> shown = new ArrayList<>();
        search.lookAtProcessesDuring("sleep", () -> {
            stage.setUp("--pattern", "team/**", "--cache", "1h");
            assertEquals(stage.password().text(), github());
            home.sh("A=se://team/github docker pass run -- sleep 0.2").ok();
            shown.add(home.pass("ls", "--format", "json"));
            shown.add(home.pass("plugins", "inspect", "1password-sdk", "--format", "json"));
            server.revoke();
            again();
            shown.add(home.pass("get", "--reveal", "se://team/github"));
            shown.add(home.pass("--debug", "get", "--reveal", "se://team/github"));
            shown.add(stage.attempt(stage.token().text()));
        });
        for (Outcome outcome : shown) {
            search.lookInto("what was shown", outcome.toString().getBytes(StandardCharsets.UTF_8));
        }
        search.lookEverywhere(home);
        assertEquals(Set.of(), search.found());
    }
}
