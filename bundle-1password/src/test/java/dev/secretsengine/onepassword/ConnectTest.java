package dev.secretsengine.onepassword;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked of a Connect server, and what its failures become. */
class ConnectTest {

    private static final String API_PATH = "/v1/vaults/" + Vaults.WORK + "/items/" + Vaults.API;

    @TempDir
    private Path folder;
    private FakeConnect server;

    @BeforeEach
    void start() throws Exception {
        server = new FakeConnect(Vaults.usual(), Optional.empty());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private SecretsException failure(Given given) throws SecretsException {
        try (OnePasswordProvider provider = given.provider()) {
            SecretsException failure = assertThrows(SecretsException.class,
                    () -> Given.ask(provider, "work-eu/api-key"));
            assertEquals(1, failure.advice().lines().count());
            assertFalse(failure.hint().isEmpty());
            assertFalse(failure.advice().contains("canary"), "neither token nor the server's words");
            return failure;
        }
    }

    @Test
    void asksForNamesOnceAndForTheItemThatIsMeant() throws Exception {
        try (OnePasswordProvider provider = server.settings().provider()) {
            assertEquals(Map.of("work-eu/api-key", "key-123"), Given.ask(provider, "work-eu/api-key"));
            assertEquals(4, server.requests().size(), "vaults, the items of two, one item");
            assertEquals("/v1/vaults", server.requests().getFirst());
            assertEquals(API_PATH, server.requests().getLast());
            assertEquals(Map.of(Vaults.API, "key-123"), Given.ask(provider, Vaults.API));
            assertEquals(5, server.requests().size());
            assertEquals(Map.of(), Given.ask(provider, "work-eu/unknown"));
            assertEquals(5, server.requests().size());
        }
    }

    @Test
    void everyFieldOfAnItemHasAnId() throws Exception {
        try (OnePasswordProvider provider = server.settings().set("cache", "1m").provider()) {
            assertEquals(Map.of("home/db/main/token", "main-token", "home/db/read-only/token", "ro-token",
                    "home/db/read-only/port", "5432"), Given.ask(provider, "home/db/*/*"));
            assertEquals(Map.of("home/db/token2", "ro-token"), Given.ask(provider, "home/db/token2"));
            assertEquals(Map.of("Work-EU/API-Key/username", "bot", "Work-EU/API-Key/credential", "key-123"),
                    Given.ask(provider, "Work-EU/API-Key/*"));
            assertEquals(Map.of("work-eu/api-key/credential", "key-123"),
                    Given.ask(provider, "*/*/credential"), "of the items that have such a field");
        }
    }

    @Test
    void anAddressMayEndInV1() throws Exception {
        try (OnePasswordProvider provider = server.settings().set("connect-host", server.url() + "/v1/").provider()) {
            assertEquals(Map.of("work-eu/api-key", "key-123"), Given.ask(provider, "work-eu/api-key"));
        }
    }

    @ParameterizedTest
    @CsvSource({"403,Denied", "429,Unavailable", "500,Unavailable", "502,Unavailable", "503,Unavailable", "400,Failed",
            "302,Failed"})
    void aStatusHasItsClass(int status, String kind) throws Exception {
        server.failing(status, "");
        SecretsException failure = failure(server.settings());
        assertEquals(kind, failure.getClass().getSimpleName());
        assertFalse(failure.isFatal(), "it may be better the next time");
    }

    @Test
    void anotherTokenIsDenied() throws Exception {
        SecretsException denied = failure(server.settings().token("canary"));
        assertEquals(
                "the Connect server does not accept the token: docker pass plugins 1password setup takes a new one",
                denied.advice());
        assertFalse(denied.isFatal(), "the server may take it the next time");
    }

    @Test
    void aRateLimitIsHonouredForAsLongAsTheServerSays() throws Exception {
        server.failing(429, "3480");
        try (OnePasswordProvider provider = server.settings().provider()) {
            for (int i = 0; i < 3; i++) {
                assertEquals(
                        "the Connect server was asked too often and wants to be left alone: try again in 58 minutes",
                        assertThrows(SecretsException.Unavailable.class,
                                () -> Given.ask(provider, "work-eu/api-key")).advice());
            }
        }
        assertEquals(1, server.requests().size());
    }

    @Test
    void anythingElseAtThatAddressIsNoConnectServer() throws Exception {
        String stranger = "what answers at " + server.url() + " is no Connect server: look at the setting connect-host";
        server.failing(404, "");
        assertEquals(stranger, failure(server.settings()).advice(), "nor is it a secret that is not there");
        server.garbled();
        assertEquals(stranger, failure(server.settings()).advice());
    }

    @Test
    void aVaultThatIsDeletedMeanwhileTakesNoOtherWithIt() throws Exception {
        server.missing("/v1/vaults/" + Vaults.HOME + "/items");
        try (OnePasswordProvider provider = server.settings().provider()) {
            assertEquals(Map.of("work-eu/api-key", "key-123"), Given.ask(provider, "work-eu/api-key"));
            assertEquals(Map.of(), Given.ask(provider, "home/plain-note/notesplain"));
        }
    }

    @Test
    void theArchiveHasNoNames() throws Exception {
        server.vaults().add("itemoldiiiiiiiiiiiiiiiiiii", "API key", Vaults.WORK, "API_CREDENTIAL",
                Vaults.field("credential", "credential", "CONCEALED", "", "key-old"))
                .archive("itemoldiiiiiiiiiiiiiiiiiii");
        try (OnePasswordProvider provider = server.settings().provider()) {
            assertEquals(Map.of("work-eu/api-key", "key-123"), Given.ask(provider, "work-eu/api-key"));
            assertEquals(Map.of(), Given.ask(provider, "itemoldiiiiiiiiiiiiiiiiiii"));
        }
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws Exception {
        server.close();
        assertEquals("the Connect server at " + server.url() + " cannot be reached: see whether it runs, and look at "
                + "connect-host and proxy", failure(server.settings()).advice());
    }

    @Test
    void onlyTheGivenAuthorityIsTrusted() throws Exception {
        TestCertificate certificate = TestCertificate.of(folder, "localhost");
        TestCertificate other = TestCertificate.of(folder, "other.example");
        try (FakeConnect secure = new FakeConnect(Vaults.usual(), Optional.of(certificate));
                FakeConnect misnamed = new FakeConnect(Vaults.usual(), Optional.of(other))) {
            String untrusted = "the certificate of " + secure.url()
                    + " is not trusted: set connect-ca to the file of the "
                    + "CA that vouches for it";
            assertEquals(untrusted, failure(secure.settings()).advice(), "well-known ones");
            assertEquals(untrusted,
                    failure(secure.settings().set("connect-ca", other.pem().toString())).advice(), "another one");
            assertEquals("the certificate of " + misnamed.url()
                    + " is for another host: write the name that is in it into connect-host",
                    failure(misnamed.settings().set("connect-ca", other.pem().toString())).advice());
            assertEquals(List.of(), secure.requests(), "the token went nowhere");
            assertEquals(List.of(), misnamed.requests(), "the token went nowhere");
            secure.settings().unconfigured().check(secure.settings().set("connect-ca", certificate.pem().toString()),
                    Given.context(Map.of()));
            assertEquals(List.of("/v1/vaults"), secure.requests());
        }
    }

    /** Connect answers like that to what is no HTTP. */
    @Test
    void aServerWithoutTlsIsTold() throws Exception {
        try (ServerSocket plain = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> {
                try (Socket socket = plain.accept()) {
                    socket.getInputStream().readNBytes(1);
                    socket.getOutputStream().write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
                    // With something unread its end would be a reset, after which a client tries once more.
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    // The test fails by itself.
                }
            });
            String url = "https://localhost:" + plain.getLocalPort();
            assertEquals("there is no TLS connection to " + url
                    + ": see whether connect-host has to begin with http://, and look at proxy",
                    failure(server.settings().set("connect-host", url)).advice());
        }
    }

    @Test
    void aProxyIsAsked() throws Exception {
        Given given = server.settings().set("connect-host", "http://connect.invalid").set("proxy", server.url());
        try (OnePasswordProvider provider = given.provider()) {
            assertEquals(Map.of("work-eu/api-key", "key-123"), Given.ask(provider, "work-eu/api-key"));
        }
    }

    @Test
    void settingsThatMakeNoSenseAreRefusedBeforeAnythingIsAsked() throws Exception {
        Path noCertificate = Files.writeString(folder.resolve("no.pem"), "nothing");
        Map<String, String> wrong = Map.of("connect-host", "connect.example.com", "connect-ca",
                noCertificate.toString(), "proxy", "http://user:canary@proxy:1", "op", "bin/op", "cache", "often",
                "names",
                "-1", "pattern", "work/x*");
        for (Map.Entry<String, String> setting : wrong.entrySet()) {
            SecretsException failure = assertThrows(SecretsException.Invalid.class,
                    () -> server.settings().set(setting.getKey(), setting.getValue()).provider(), setting.getKey());
            assertTrue(failure.getMessage().startsWith("the setting " + setting.getKey() + " of 1password-sdk "),
                    failure.getMessage());
            assertFalse(failure.advice().contains("canary"));
        }
        assertThrows(SecretsException.Invalid.class,
                () -> server.settings().set("connect-host", "https://user:pw@host").provider());
        assertThrows(SecretsException.Invalid.class, () -> Given.cli().set("account", "--debug").provider());
        assertEquals("1password-sdk has no token: docker pass plugins 1password setup takes one",
                assertThrows(SecretsException.Invalid.class, () -> server.settings().token(null).provider()).advice());
        assertEquals(List.of(), server.requests());
    }
}
