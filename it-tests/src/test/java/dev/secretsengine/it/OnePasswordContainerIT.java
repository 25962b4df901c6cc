package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Containers with items of 1Password, by a Connect server and by a program op of our own, with each store. */
@ParameterizedClass
@ValueSource(strings = {"keychain", "age"})
class OnePasswordContainerIT {

    /** Prints what op does, to whoever has the token in the file op-token, or none; with op-says it fails with that. */
    private static final String OP = """
            #!/bin/sh
            [ -e "$HOME/op-says" ] && { cat "$HOME/op-says" >&2; exit 1; }
            if [ "${OP_SERVICE_ACCOUNT_TOKEN-none}" != none ] &&
                    [ "$OP_SERVICE_ACCOUNT_TOKEN" != "$(cat "$HOME/op-token")" ]; then
                echo '[ERROR] 2026/11/23 10:00:00 error initializing client: (401) Unauthorized' >&2
                exit 1
            fi
            case "$1 $2" in
            'vault list') echo '[{"id": "teamaaaaaaaaaaaaaaaaaaaaaa", "name": "Team"}]' ;;
            'item list') echo '[{"id": "githubcccccccccccccccccccc", "title": "GitHub", "version": 1, "category": "LOGIN",
                "vault": {"id": "teamaaaaaaaaaaaaaaaaaaaaaa", "name": "Team"}}]' ;;
            'item get') echo '{"id": "githubcccccccccccccccccccc", "title": "GitHub", "version": 1, "fields": [
                {"id": "password", "type": "CONCEALED", "purpose": "PASSWORD", "label": "password", "value": "by-op"}]}' ;;
            esac
            """;

    private static StoreHome user;
    private static ConnectStage connect;
    private static ContainerStage stage;

    @Parameter
    private String store;

    @BeforeParameterizedClassInvocation
    static void open(String store) throws Exception {
        user = StoreHome.open(store);
        Path op = Files.writeString(user.home().folder().resolve("bin/op"), OP);
        Files.setPosixFilePermissions(op, PosixFilePermissions.fromString("rwx------"));
        connect = new ConnectStage(user.home());
        stage = ContainerStage.open(user.home(), Map.of());
    }

    @AfterParameterizedClassInvocation
    static void close() throws IOException {
        try {
            connect.close();
            stage.close();
        } finally {
            user.close();
        }
    }

    @AfterEach
    void purge() throws IOException {
        stage.docker("rm", "-f", "github");
        stage.home().pass("plugins", "1password", "purge").ok();
        connect.reset();
        Files.deleteIfExists(stage.file("op-says"));
    }

    private static Outcome run() throws IOException {
        return stage.docker("run", "--name", "github", "-e", "X=se://team/github", "busybox", "sh", "-c", "echo $X");
    }

    /** It has the value, and what docker knows of it is the reference. */
    private static void assertServed(String value) throws IOException {
        assertEquals(value + "\n", run().ok());
        String inspected = stage.docker("inspect", "github").ok();
        assertTrue(inspected.contains("\"X=se://team/github\""), inspected);
        assertFalse(inspected.contains(value), inspected);
    }

    /** Docker says why it does not start, when it is made and when it is started once more. */
    private static void assertRefused(String reason) throws IOException {
        stage.assertRefused(run(), 125, "github", "docker-pass: X=se://team/github: ", reason);
        Outcome again = stage.docker("start", "github");
        ContainerStage.assertSays(again, 1, "docker-pass: X=se://team/github: ", "has stopped", reason);
    }

    private static void assertStartsAgain(String plugin, String value) throws IOException {
        stage.home().pass("plugins", "enable", plugin).ok();
        assertEquals(value + "\n", stage.docker("start", "-a", "github").ok());
    }

    @Test
    void itemOfAConnectServerArrives() throws Exception {
        connect.setUp("--pattern", "team/**");
        assertServed(connect.password().text());
        assertEquals("token-ro alice\n", stage.docker("run", "--rm", "-e", "A=se://team/data-base/read-only/token",
                "-e", "B=se://team/github/username", "busybox", "sh", "-c", "echo $A $B").ok(), store);
    }

    @Test
    void containerDoesNotStartWithARevokedTokenOfAConnectServer() throws Exception {
        connect.setUp("--pattern", "team/**");
        connect.server().revoke();
        stage.assertRefused(run(), 125, "github", "the Connect server does not accept the token");
        connect.reset();
        assertEquals(connect.password().text() + "\n", stage.docker("start", "-a", "github").ok());
    }

    @Test
    void containerDoesNotStartWithoutTheConnectServer() throws Exception {
        connect.setUp("--pattern", "team/**");
        connect.server().fail(503, "no sync", "");
        stage.assertRefused(run(), 125, "github", "the Connect server failed with status 503");
        connect.server().recover();
        assertEquals(connect.password().text() + "\n", stage.docker("start", "-a", "github").ok());
    }

    @Test
    void itemOfASignedInOpArrives() throws Exception {
        stage.home().pass("plugins", "1password-cli", "setup", "--pattern", "team/**").ok();
        assertServed("by-op");
        Files.writeString(stage.file("op-says"),
                "[ERROR] 2026/11/23 10:00:00 error initializing client: authorization prompt dismissed, try again\n");
        stage.docker("rm", "github").ok();
        assertRefused("1Password's authorization prompt was dismissed or timed out");
        Files.delete(stage.file("op-says"));
        assertStartsAgain("1password-cli", "by-op");
    }

    @Test
    void itemOfAServiceAccountArrivesUntilItsTokenIsRevoked() throws Exception {
        Files.writeString(stage.file("op-token"), "ops_first");
        stage.home().passWith("ops_first".getBytes(StandardCharsets.UTF_8), "plugins", "1password", "setup",
                "--pattern", "team/**").ok();
        assertServed("by-op");
        Files.writeString(stage.file("op-token"), "ops_second");
        stage.docker("rm", "github").ok();
        stage.assertRefused(run(), 125, "github", "1Password does not accept the service account's token");
        stage.home().passWith("ops_second".getBytes(StandardCharsets.UTF_8), "plugins", "1password", "setup").ok();
        assertEquals("by-op\n", stage.docker("start", "-a", "github").ok());
    }
}
