package dev.secretsengine.api;

import java.util.List;

/**
 * A backend that can be asked for secrets: the one interface every plugin registers as an OSGi service, with the
 * properties of {@link PluginProperties}. Further abilities ({@link LocalStore}, {@link IdentityStore},
 * {@link Configurable}) are further interfaces on the same object.
 *
 * <p>
 * Methods are called from many threads at once. Anything thrown outside {@link SecretsException} is reported as
 * {@link SecretsException.Failed}.
 */
public interface SecretsProvider {

    /**
     * Answers every secret whose ID the pattern matches and that this backend holds.
     *
     * @param pattern what is asked for, often a single ID
     * @param context deadline, cancellation and the caller's own environment; work past the deadline is thrown away
     * @return the secrets in any order, empty if there is none; the engine closes them. IDs outside the pattern, or
     *     outside the plugin's own pattern, are dropped
     * @throws SecretsException if the backend cannot answer; {@link SecretsException.NotFound} means the same as an
     *     empty answer
     */
    List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException;
}
