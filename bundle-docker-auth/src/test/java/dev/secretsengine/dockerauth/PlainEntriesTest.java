package dev.secretsengine.dockerauth;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.SecretsProviderContract;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
}
