package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Items of 1Password by a Connect server over TLS, through the real docker client, with each store. */
@ParameterizedClass
@ValueSource(strings = {"keychain", "age"})
class OnePasswordConnectIT {

    private static final String GITHUB = "se://team/github";
    private static final String TWIN = "twingggggggggggggggggggggg";
    private static final String REJECTED = "the Connect server does not accept the token: "
            + "docker pass plugins 1password setup takes a new one";

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
        home.pass("set", "team/own=mine").ok();
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

    private static String value(String reference) throws IOException {
        return home.pass("get", "--reveal", reference).ok();
    }

    private static void assertFails(int code, String reference, String... words) throws IOException {
        assertHas(home.pass("get", "--reveal", reference).failed(code), words);
    }

    /** Names of vaults and items are asked for anew. */
    private static void forget() throws IOException {
        home.pass("plugins", "disable", "1password-sdk").ok();
        home.pass("plugins", "enable", "1password-sdk").ok();
    }

    private static void assertHas(String whole, String... parts) {
        for (String part : parts) {
            assertTrue(whole.contains(part), () -> "not " + part + " in " + whole);
        }
    }

    @Test
    void itemsServeCommandsAtOnce() throws Exception {
        stage.setUp("--pattern", "team/**");
        assertEquals("team/** running", stage.row(), store);
        assertEquals(stage.password().text(), value(GITHUB));
        assertEquals(stage.password().text() + "\nalice\nmine\n", home.sh("A=se://team/github"
                + " B=se://team/GitHub/UserName C=se://team/own docker pass run -- printenv A B C").ok());
        assertEquals("team/github 1password-sdk\n",
                home.pass("get", GITHUB, "--format", "{{.ID}} {{.Plugin}}").ok());
        assertEquals("team/own\n", home.pass("ls", "--format", "{{.ID}}").ok(), "neither the item nor the token");
        assertFails(3, "se://docker/secrets-engine/plugins/1password-sdk/token", "there is no secret");
    }

    @Test
    void inspectShowsWhatIsSetButNoToken() throws Exception {
        stage.setUp("--pattern", "team/**");
        value(GITHUB);
        assertFails(1, "se://team/data-base");
        String inspected = home.pass("plugins", "inspect", "1password-sdk").ok();
        assertHas(inspected, "Group: 1password\n", "Pattern: team/**\n", "Status: running\n", "Setting token: set\n",
                "Setting connect-host: " + server.url() + "\n", "Setting pattern: team/**\n", "Last success: ",
                "Last error: the item team/data-base has no password of its own", "Cache misses: ");
        assertFalse(inspected.contains(stage.token().text()), "the token");
    }

    @Test
    void everyFieldHasAnId() throws Exception {
        stage.setUp("--pattern", "team/**");
        assertEquals("token-ro", value("se://team/data-base/read-only/token"));
        assertEquals("token-rw", value("se://team/data-base/s2/token"));
        assertEquals("db.example", value("se://team/" + ConnectVaults.DATABASE + "/host"));
        assertFails(1, "se://team/data-base", "several concealed fields", "team/data-base/read-only/token");
        assertFails(1, "se://team/data-base/token", "has several fields token", "team/data-base/owner/token");
        assertFails(3, "se://team/data-base/none", "there is no secret team/data-base/none");
    }

    @Test
    void namesThatSeveralItemsHaveAreRefusedAndTheArchiveHasNone() throws Exception {
        ConnectVaults.Item twin = ConnectVaults.login(TWIN, "github", ConnectVaults.TEAM, "bob", "other");
        stage.vaults().add(twin);
        stage.setUp("--pattern", "team/**");
        assertFails(1, GITHUB, "several items of 1Password are called team/github", ConnectVaults.GITHUB, TWIN);
        assertEquals("bob", value("se://team/" + TWIN + "/username"));
        stage.vaults().archive(twin);
        forget();
        assertEquals(stage.password().text(), value(GITHUB));
    }

    @Test
    void onlyVaultsOfTheTokenAreThere() throws Exception {
        stage.setUp();
        assertFails(3, "se://home-old/router", "there is no secret home-old/router");
        server.accept(stage.token().text(), ConnectVaults.TEAM, ConnectVaults.HOME);
        forget();
        assertEquals("hidden", value("se://home-old/router"));
        server.accept(stage.token().text(), ConnectVaults.TEAM);
        assertFails(5, "se://home-old/router", "the token of the Connect server has no access to the vault");
        assertHas(stage.row(), "** running lookup of home-old/router failed at ", "has no access to the vault");
    }

    @Test
    void vaultOfAnySizeIsListedOnce() throws Exception {
        for (int i = 0; i < 800; i++) {
            stage.vaults().add(ConnectVaults.login("item%022d".formatted(i), "Item " + i, ConnectVaults.TEAM, "user",
                    "pw-" + i));
        }
        stage.setUp("--pattern", "team/**");
        server.requests().clear();
        assertEquals("pw-799", value("se://team/item-799"));
        assertEquals("pw-17", value("se://team/item-17"));
        String items = "/v1/vaults/" + ConnectVaults.TEAM + "/items";
        assertEquals(List.of("/v1/vaults", items, items + "/item%022d".formatted(799),
                items + "/item%022d".formatted(17)), server.requests());
    }

    @Test
    void whatItsPatternDoesNotCoverIsNotAskedFor() throws Exception {
        stage.setUp("--pattern", "team/github/**");
        server.requests().clear();
        for (String id : List.of("team/data-base/host", "home-old/router", "other/secret")) {
            assertFails(3, "se://" + id, "there is no secret " + id);
        }
        assertEquals("mine", value("se://team/own"));
        assertEquals(List.of(), server.requests());
        assertEquals("alice", value("se://team/github/username"));
    }

    @Test
    void revokedTokenIsDeniedUntilItIsTakenAgain() throws Exception {
        stage.setUp("--pattern", "team/**");
        assertEquals(stage.password().text(), value(GITHUB));
        server.revoke();
        assertFails(5, GITHUB, REJECTED);
        assertHas(home.sh("A=se://team/github docker pass run -- touch started").failed(125), "A=se://team/github",
                REJECTED);
        assertFalse(Files.exists(home.folder().resolve("started")));
        assertEquals("mine", value("se://team/own"), "others are still asked");
        assertHas(home.pass("plugins", "inspect", "1password-sdk").ok(), "Status: running\n", "Last error: ", REJECTED);

        assertHas(stage.row(), "team/** running lookup of team/github failed at ", REJECTED);

        stage.reset();
        assertEquals(stage.password().text(), value(GITHUB));
        assertEquals("team/** running", stage.row());
    }

    @Test
    void newTokenTakesOverFromARevokedOne() throws Exception {
        stage.setUp("--pattern", "team/**");
        server.accept("second-token", ConnectVaults.TEAM);
        assertFails(5, GITHUB, REJECTED);
        stage.attemptAt("second-token").ok();
        assertEquals("team/** running", stage.row());
        assertEquals(stage.password().text(), value(GITHUB));
    }

    @Test
    void rateLimitIsHonouredAndNoReasonToStop() throws Exception {
        stage.setUp("--pattern", "team/**");
        server.fail(429, "too many requests", "3480");
        String words = "the Connect server was asked too often and wants to be left alone: try again in 58 minutes";
        assertFails(4, GITHUB, words);
        server.recover();
        server.requests().clear();
        assertFails(4, GITHUB, words);
        assertEquals(List.of(), server.requests());
        assertEquals("mine", value("se://team/own"));
        assertHas(stage.row(), "team/** running lookup of team/own failed at ", words);
    }

    @Test
    void troubleOfTheServerPasses() throws Exception {
        stage.setUp("--pattern", "team/**");
        for (int status : List.of(500, 502, 503)) {
            server.fail(status, "words of the server's own", "");
            assertFails(4, GITHUB, "the Connect server failed with status " + status);
        }
        server.fail(404, "page not found", "");
        assertFails(1, GITHUB, "what answers at " + server.url() + " is no Connect server");
        server.recover();
        assertEquals(stage.password().text(), value(GITHUB));
        assertEquals("team/** running", stage.row());
    }
}
