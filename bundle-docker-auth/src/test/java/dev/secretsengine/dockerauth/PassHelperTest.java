package dev.secretsengine.dockerauth;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The real docker-credential-pass, with a real pass and a gpg key made for the occasion. */
class PassHelperTest extends SecretsProviderContract {

    private static final String KEY = "docker-auth@example.invalid";

    @TempDir
    private static Path folder;
    private static DockerHome home;

    @BeforeAll
    static void fillStore() throws Exception {
        Path gnupg = Files.createDirectory(folder.resolve("g"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        home = new DockerHome(folder).set("GNUPGHOME", gnupg.toString())
                .set("PASSWORD_STORE_DIR", folder.resolve("store").toString())
                .config("{\"credsStore\":\"pass\",\"auths\":{\"https://index.docker.io/v1/\":{},\"registry:5000\":{}}}");
        RealPrograms.run(home.environment(), "", "gpg", "--batch", "--passphrase", "", "--quick-generate-key", KEY,
                "future-default", "default", "never");
        RealPrograms.run(home.environment(), "", "pass", "init", KEY);
        RealPrograms.storeAll("docker-credential-pass", home.environment());
    }

    @AfterAll
    static void stopAgent() throws Exception {
        RealPrograms.run(home.environment(), "", "gpgconf", "--kill", "all");
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

    /** The program is gone from PATH for a while. */
    @Override
    protected Situation unavailable() throws Exception {
        DockerHome away = new DockerHome(folder.resolve("away")).config("{\"credsStore\":\"pass\"}").set("PATH",
                "/nowhere");
        return Situation.of(away.provider(), "docker/auth/hub/alice");
    }

    @Override
    protected Situation hanging() {
        return Situation.impossible("gpg with a key without a passphrase waits for nobody; see PlainEntriesTest");
    }

    @Override
    protected Situation wrongCredentials() {
        return Situation.impossible("gpg has the key or the store cannot be opened at all");
    }

    @Override
    protected Situation rateLimited() {
        return Situation.impossible("files do not count who reads them");
    }
}
