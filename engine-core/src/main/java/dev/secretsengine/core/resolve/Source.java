package dev.secretsengine.core.resolve;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import java.util.List;

/**
 * A plugin that can be asked.
 *
 * @param name the plugin
 * @param version its version
 * @param pattern the IDs it is asked for
 * @param lookup asks it
 * @param keepsTime whether it ends at the deadline by itself: then no thread of its own is spent on asking it
 */
public record Source(String name, String version, SecretPattern pattern, Lookup lookup, boolean keepsTime) {

    /** See {@link dev.secretsengine.api.SecretsProvider}. */
    @FunctionalInterface
    public interface Lookup {

        /** See {@link dev.secretsengine.api.SecretsProvider#getSecrets}. */
        List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException;
    }
}
