package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;

/** One plugin's way to 1Password, as it is configured. Thread-safe. */
public interface Sources extends AutoCloseable {

    /**
     * What a caller gets to see.
     *
     * @throws SecretsException if there is no way for this caller
     */
    Source of(RequestContext caller) throws SecretsException;

    /** Ends what it has open, and wipes its token. */
    @Override
    void close();
}
