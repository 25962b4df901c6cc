package dev.secretsengine.dockerauth;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import dev.secretsengine.api.contract.Situation;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/** Credentials that stand in config.json itself. */
class PlainEntriesTest extends SecretsProviderContract {

    @TempDir
    private Path folder;

    @Override
    protected SecretsProvider provider() throws Exception {
        return new DockerHome(folder).config("{\"auths\":{\"https://index.docker.io/v1/\":%s,\"registry:5000\":%s}}"
                .formatted(DockerHome.auth("alice:one"), DockerHome.auth("bob:two: \u00e9"))).provider();
    }

    @Override
    protected Map<String, byte[]> holds() {
        return Map.of("docker/auth/hub/alice", "one".getBytes(StandardCharsets.UTF_8),
                "docker/auth/registry/registry:5000/bob", "two: \u00e9".getBytes(StandardCharsets.UTF_8));
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
    protected Situation holding(byte[] value) throws Exception {
        byte[] credential = concat("alice:".getBytes(StandardCharsets.UTF_8), value);
        String auth = Base64.getEncoder().encodeToString(credential);
        return Situation.of(new DockerHome(folder).config("{\"auths\":{\"r\":{\"auth\":\"" + auth + "\"}}}").provider(),
                "docker/auth/registry/r/alice");
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    /** The helper that config.json names is not installed, until it is. */
    @Override
    protected Situation unavailable() throws Exception {
        DockerHome home = new DockerHome(folder).config("{\"credsStore\":\"late\"}");
        return Situation.of(home.provider(), "docker/auth/registry/r/alice")
                .endedBy(() -> home.helper("late", Map.of("r", "alice=1")));
    }

    @Override
    protected Situation hanging() throws Exception {
        DockerHome home = new DockerHome(folder).config("{\"credsStore\":\"stuck\"}").helper("stuck", "exec sleep 60");
        return Situation.of(home.provider(), "docker/auth/registry/r/alice");
    }

    @Override
    protected Situation wrongCredentials() {
        return Situation.impossible("who can read the file has the credentials in it");
    }

    @Override
    protected Situation rateLimited() {
        return Situation.impossible("a file does not count who reads it");
    }
}
