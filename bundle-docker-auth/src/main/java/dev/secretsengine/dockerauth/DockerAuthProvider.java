package dev.secretsengine.dockerauth;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.Setting;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Answers {@code docker/auth/hub/<user>} and {@code docker/auth/registry/<host>/<user>}; holds nothing in between. */
final class DockerAuthProvider implements SecretsProvider, Configurable {

    static final String NAME = "docker-auth";
    static final String PATTERN = "docker/auth/**";

    private static final String CONFIG = "config";

    private final Map<String, String> engineEnvironment;
    private volatile String configFolder = "";

    /**
     * A provider that reads the caller's config.json.
     *
     * @param engineEnvironment used for what a caller did not send
     */
    DockerAuthProvider(Map<String, String> engineEnvironment) {
        this.engineEnvironment = Map.copyOf(engineEnvironment);
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        if (!Registries.mayHold(pattern)) {
            return List.of();
        }
        DockerEnvironment environment = new DockerEnvironment(context, engineEnvironment);
        Path file = environment.configFile(configFolder);
        try (DockerConfig config = DockerConfig.read(file)) {
            return new Lookup(pattern, context, environment, config).answer();
        }
    }

    @Override
    public List<Setting> settings() {
        return List.of(new Setting(CONFIG, false, "",
                "folder of Docker's config.json; empty for the caller's DOCKER_CONFIG or ~/.docker"));
    }

    @Override
    public void configure(Values values) throws SecretsException {
        String folder = values.text(CONFIG);
        if (!folder.isEmpty()) {
            DockerEnvironment.folder("the setting config of " + NAME, folder);
        }
        configFolder = folder;
    }
}
