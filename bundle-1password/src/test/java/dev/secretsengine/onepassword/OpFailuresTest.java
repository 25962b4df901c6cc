package dev.secretsengine.onepassword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every failure of {@code op} that is known, as what the user gets to read. */
class OpFailuresTest {

    private static final String MARK = "canary-in-stderr";

    @TempDir
    private Path folder;
    private FakeOp op;

    @BeforeEach
    void install() throws IOException {
        op = new FakeOp(folder, Vaults.usual());
    }

    private SecretsException failure(Given given) throws SecretsException {
        try (OnePasswordProvider provider = given.set("op", op.program().toString()).provider()) {
            SecretsException failure = assertThrows(SecretsException.class,
                    () -> Given.ask(provider, "work-eu/api-key"));
            assertEquals(1, failure.advice().lines().count());
            assertFalse(failure.hint().isEmpty());
            assertFalse(failure.advice().contains(MARK), "what op wrote");
            assertFalse(failure.advice().contains(Given.TOKEN));
            return failure;
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "You are not currently signed in. Please run `op signin --help`|Unavailable|Denied|false",
            "account is not signed in|Unavailable|Denied|false",
            "session expired, sign in to create a new session|Unavailable|Denied|false",
            "No accounts configured for use with 1Password CLI.|Unavailable|Denied|false",
            "error initializing client: authorization prompt dismissed, please try again|Denied|Denied|true",
            "error initializing client: connecting to desktop app: read: connection reset|Unavailable|Unavailable|false",
            "error initializing client: connecting to desktop app timed out|Unavailable|Unavailable|false",
            "(429) Too Many Requests: retry in 58 minutes|Unavailable|Unavailable|false",
            "failed to session.DecodeSACredentials, format is invalid|Unavailable|Denied|false",
            "dial tcp: lookup my.1password.com: no such host|Unavailable|Unavailable|false",
            "something that nobody knows|Failed|Failed|false"})
    void hasItsClass(String text, String ofCli, String ofSdk, boolean isFatal) throws Exception {
        op.failing(text + " " + MARK);
        SecretsException cli = failure(Given.cli());
        assertEquals(ofCli, cli.getClass().getSimpleName());
        assertEquals(isFatal, cli.isFatal());
        SecretsException sdk = failure(Given.sdk());
        assertEquals(ofSdk, sdk.getClass().getSimpleName());
        assertEquals(isFatal, sdk.isFatal());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"\"x\" isn't an item in the \"y\" vault. Specify the item with its UUID",
            "\"y\" isn't a vault in this account. Specify the vault with its ID or name.",
            "item 'y/x' does not have a field 'z'"})
    void whatIsMissingIsNoFailure(String text) throws Exception {
        op.failing(text);
        try (OnePasswordProvider provider = Given.cli().set("op", op.program().toString()).provider()) {
            assertEquals(Map.of(),
                    assertThrowsNothing(() -> Given.ask(provider, "work-eu/api-key")));
        }
    }

    /** A lookup. */
    private interface Asking {

        Map<String, String> ask() throws SecretsException;
    }

    /** NotFound means the same as an empty answer. */
    private static Map<String, String> assertThrowsNothing(Asking asking) throws SecretsException {
        try {
            return asking.ask();
        } catch (SecretsException.NotFound e) {
            return Map.of();
        }
    }

    @Test
    void anExitWithoutAWordIsAFailure() throws Exception {
        op.failingWith(" ", 6);
        assertEquals("op failed with exit code 6: run 'op item list' to see why", failure(Given.cli()).advice());
    }

    @Test
    void whatIsNoJsonIsAFailure() throws Exception {
        op.garbled("[{\"id\": \"" + MARK);
        assertEquals("op gave an answer that is not in its format: update op", failure(Given.cli()).advice());
    }

    @Test
    void aScriptThatCannotBeStartedIsAFailure() throws Exception {
        Files.writeString(op.program(), "#!/nonexistent/interpreter\n");
        assertEquals("op cannot be started: run 'op vault list' to see why", failure(Given.cli()).advice());
    }

    @Test
    void anItemWithoutAPasswordListsItsFields() throws Exception {
        try (OnePasswordProvider provider = Given.cli().set("op", op.program().toString()).provider()) {
            assertEquals(
                    "the item home/db has no password of its own and several concealed fields: name a field: "
                            + "home/db/host, home/db/main/token, home/db/read-only/token, home/db/read-only/port",
                    advice(provider, "home/db"));
            assertEquals("the item Home/Plain-Note has no password: name a field: Home/Plain-Note/notesplain",
                    advice(provider, "Home/Plain-Note"));
            assertEquals(
                    "the item work-eu/api-key has no field pin with a value: name one of these: "
                            + "work-eu/api-key/username, work-eu/api-key/credential",
                    advice(provider, "work-eu/api-key/pin"));
            assertEquals(
                    "the item home/db has several fields token: name one with its section, or by its ID: "
                            + "home/db/main/token, home/db/read-only/token",
                    advice(provider, "home/db/token"));
        }
    }

    private static String advice(OnePasswordProvider provider, String id) {
        return assertThrows(SecretsException.class, () -> Given.ask(provider, id)).advice();
    }
}
