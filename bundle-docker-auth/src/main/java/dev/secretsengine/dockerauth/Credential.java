package dev.secretsengine.dockerauth;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import java.time.Instant;
import java.util.Map;

/**
 * What docker knows of one registry.
 *
 * @param server the address it is stored under
 * @param username {@link Registries#TOKEN_USER} for an identity token
 * @param secret password or token; the credential owns it
 * @param source the helper it came from, or config.json
 */
record Credential(String server, String username, SecretValue secret, String source) implements AutoCloseable {

    /** An envelope with a copy of the secret. */
    Envelope envelope(SecretId id) {
        return new Envelope(id, secret.copy(), "", "", null, Instant.now(), null,
                Map.of("username", username, "server", server, "source", source));
    }

    @Override
    public void close() {
        secret.close();
    }
}
