package dev.secretsengine.onepassword;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A Connect server over TLS. */
class ConnectContractTest extends SecretsProviderContract {

    private static final String ASKED = "work-eu/api-key";

    @TempDir
    private static Path folder;
    private static TestCertificate certificate;
    private FakeConnect server;
    private final List<OnePasswordProvider> open = new ArrayList<>();

    @BeforeAll
    static void certify() throws Exception {
        certificate = TestCertificate.of(folder, "localhost");
    }

    @BeforeEach
    void start() throws Exception {
        server = new FakeConnect(Vaults.usual(), Optional.of(certificate));
    }

    @AfterEach
    void stop() {
        open.forEach(OnePasswordProvider::close);
        server.close();
    }

    @Override
    protected SecretsProvider provider() throws Exception {
        OnePasswordProvider provider = server.settings().set("connect-ca", certificate.pem().toString()).provider();
        open.add(provider);
        return provider;
    }

    @Override
    protected SecretsProvider restarted() throws Exception {
        open.forEach(OnePasswordProvider::close);
        return provider();
    }

    @Override
    protected Map<String, byte[]> holds() {
        return OpContract.secrets();
    }

    @Override
    protected Set<String> listed() {
        Set<String> listed = new HashSet<>(holds().keySet());
        listed.remove("home/db/read-only/token");
        return listed;
    }

    @Override
    protected String pattern() {
        return "**";
    }

    @Override
    protected Situation holding(byte[] value) throws Exception {
        Optional<String> text = OpContract.text(value);
        if (text.isEmpty()) {
            return Situation.impossible(OpContract.NO_BYTES);
        }
        server.vaults().add("itemnewggggggggggggggggggg", "new", Vaults.HOME, "LOGIN",
                Vaults.field("p", "password", "CONCEALED", "PASSWORD", text.get()));
        return Situation.of(provider(), "home/new");
    }

    @Override
    protected Situation unavailable() throws Exception {
        server.failing(503, "");
        return Situation.of(provider(), ASKED).endedBy(() -> server.failing(0, ""));
    }

    @Override
    protected Situation hanging() throws Exception {
        server.hanging(true);
        return Situation.of(provider(), ASKED).endedBy(() -> server.hanging(false));
    }

    @Override
    protected Situation wrongCredentials() throws Exception {
        server.token("another");
        return Situation.of(provider(), ASKED).endedBy(() -> server.token(Given.TOKEN));
    }

    @Override
    protected Situation rateLimited() throws Exception {
        server.failing(429, "3");
        return Situation.of(provider(), ASKED).counting(() -> server.requests().size())
                .endedBy(() -> server.failing(0, ""));
    }
}
