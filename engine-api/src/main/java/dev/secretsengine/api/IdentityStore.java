package dev.secretsengine.api;

import java.util.Optional;

/** A store whose values are encrypted to a key pair that the user owns and may protect by a passphrase. */
public interface IdentityStore {

    /** Whether values cannot be read until {@link #unlock} is called. */
    boolean isLocked();

    /**
     * Unlocks the identity for as long as this engine runs.
     *
     * @param passphrase stays the caller's
     * @throws SecretsException.Denied if the passphrase is wrong
     * @throws SecretsException if there is no identity, or it is damaged
     */
    void unlock(SecretValue passphrase) throws SecretsException;

    /**
     * The public key that values are encrypted to, in the text form of its format.
     *
     * @throws SecretsException if there is no identity, or it is damaged
     */
    String recipient() throws SecretsException;

    /**
     * The identity file as it is kept, still under its passphrase if it has one; the caller closes it.
     *
     * @throws SecretsException if there is no identity, or it is not kept in a file
     */
    SecretValue backup() throws SecretsException;

    /** Whether a passphrase protects the identity. */
    boolean hasPassphrase() throws SecretsException;

    /**
     * Puts the identity under a new passphrase, in one step.
     *
     * @param current the present passphrase, empty if there is none
     * @param replacement the new one, empty to remove the protection
     * @throws SecretsException.Denied if the present passphrase is wrong; nothing was changed
     */
    void changePassphrase(Optional<SecretValue> current, Optional<SecretValue> replacement) throws SecretsException;
}
