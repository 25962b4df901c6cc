package dev.secretsengine.api;

/** A store that asks for its passphrase in a window of its own, and may take it from a terminal as well. */
public interface Unlockable {

    /**
     * Whether values cannot be read until the store is unlocked.
     *
     * @throws SecretsException if the store cannot be reached
     */
    boolean isLocked(RequestContext context) throws SecretsException;

    /**
     * Refuses a store that takes its passphrase in its own window only.
     *
     * @throws SecretsException.Invalid if this is one
     * @throws SecretsException if the store cannot be reached
     */
    void requireUnlockable(RequestContext context) throws SecretsException;

    /**
     * Unlocks the store.
     *
     * @param passphrase stays the caller's
     * @throws SecretsException.Denied if the passphrase is wrong
     * @throws SecretsException if the store cannot be reached
     */
    void unlock(SecretValue passphrase, RequestContext context) throws SecretsException;
}
