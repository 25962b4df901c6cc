package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.io.BufferedReader;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real docker-credential-secretservice, with a private bus and gnome-keyring. */
class SecretServiceHelperTest extends SecretsProviderContract {

    /** A bus that starts nothing by itself, so that the keyring on it is ours. */
    private static final String BUS = """
            <busconfig><type>session</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>
            <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
            <allow own="*"/></policy></busconfig>
            """;

    @TempDir
    private static Path folder;
    private static DockerHome home;
    private static Process bus;
    private static Process keyring;
    private static String address;

    private final List<ServerSocketChannel> silentBuses = new ArrayList<>();

    @BeforeAll
    static void fillKeyring() throws Exception {
        home = new DockerHome(folder).set("XDG_RUNTIME_DIR", folder.toString())
                .set("XDG_DATA_HOME", folder.resolve("data").toString())
                .config("{\"credHelpers\":{\"registry:5000\":\"secretservice\"},\"credsStore\":\"secretservice\"}");
        Files.writeString(folder.resolve("bus.conf"), BUS.formatted(folder));
        bus = RealPrograms.start(home.environment(), "dbus-daemon", "--config-file=" + folder.resolve("bus.conf"),
                "--nofork", "--print-address");
        address = addressOf(bus);
        home.set("DBUS_SESSION_BUS_ADDRESS", address);
        keyring = RealPrograms.start(home.environment(), "gnome-keyring-daemon", "--foreground", "--unlock",
                "--components=secrets");
        try (OutputStream in = keyring.getOutputStream()) {
            in.write("pw\n".getBytes(StandardCharsets.UTF_8));
        }
        for (int i = 0; i < 200 && !isKeyringThere(); i++) {
            Thread.sleep(50);
        }
        RealPrograms.storeAll("docker-credential-secretservice", home.environment());
    }

    private static boolean isKeyringThere() throws Exception {
        return RealPrograms.run(home.environment(), "", "dbus-send", "--session", "--print-reply",
                "--dest=org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner",
                "string:org.freedesktop.secrets").contains("boolean true");
    }

    private static String addressOf(Process bus) throws Exception {
        BufferedReader lines = bus.inputReader();
        String line = lines.readLine();
        // What it has to say about file limits comes first.
        while (!line.startsWith("unix:")) {
            line = lines.readLine();
        }
        return line;
    }

    @AfterAll
    static void stop() throws Exception {
        keyring.destroyForcibly().waitFor();
        bus.destroyForcibly().waitFor();
    }

    @Override
    protected SecretsProvider provider() {
        return home.provider();
    }

    @Override
    protected Map<String, byte[]> holds() {
        return RealPrograms.IDS;
    }

    @Override
    protected String pattern() {
        return "docker/auth/**";
    }

    @Override
    protected SecretsProvider restarted() throws Exception {
        return provider();
    }

    @Override
    protected Situation holding(byte[] value) {
        return Situation.impossible("a helper answers JSON text; other values are tried in PlainEntriesTest");
    }

    @Override
    protected Situation unavailable() throws Exception {
        DockerHome elsewhere = new DockerHome(folder.resolve("elsewhere")).config("{\"credsStore\":\"secretservice\"}")
                .set("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder.resolve("none"));
        return Situation.of(elsewhere.provider(), "docker/auth/hub/alice");
    }

    @Override
    protected Situation hanging() throws Exception {
        ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        Path socket = folder.resolve("silent-" + silentBuses.size());
        silentBuses.add(silent.bind(UnixDomainSocketAddress.of(socket)));
        DockerHome asleep = new DockerHome(folder.resolve("asleep"))
                .config("{\"credsStore\":\"secretservice\"}").set("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + socket);
        return Situation.of(asleep.provider(), "docker/auth/hub/alice");
    }

    @AfterEach
    void closeSilentBuses() throws Exception {
        for (ServerSocketChannel silent : silentBuses) {
            silent.close();
        }
    }

    @Override
    protected Situation wrongCredentials() {
        return Situation.impossible("the session's owner is the one who asks");
    }

    @Override
    protected Situation rateLimited() {
        return Situation.impossible("a keyring does not count who asks");
    }

    @Test
    void talksToTheBusOfTheCaller() throws Exception {
        DockerAuthProvider elsewhere = new DockerHome(folder).provider();
        assertEquals("two words", DockerHome.values(elsewhere, "docker/auth/registry/registry:5000/bob",
                Map.of("DBUS_SESSION_BUS_ADDRESS", address)).get("docker/auth/registry/registry:5000/bob"));
        SecretsException failure = assertThrows(SecretsException.Unavailable.class,
                () -> DockerHome.values(elsewhere, "docker/auth/hub/alice",
                        Map.of("DBUS_SESSION_BUS_ADDRESS", "unix:path=" + folder.resolve("none"))));
        assertEquals("credential helper docker-credential-secretservice failed with exit code 1",
                failure.getMessage());
    }
}
