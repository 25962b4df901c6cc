package dev.secretsengine.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A provider that also keeps what {@code docker pass set} gives it. A store's plugin is served by one active store; the
 * service property {@link PluginProperties#STORE} names it and {@code service.ranking} says which is tried first.
 */
public interface LocalStore extends SecretsProvider {

    /** The greatest length of a value that is stored, in bytes, inclusive: 1 MiB. */
    int MAX_VALUE_LENGTH = 1 << 20;

    /**
     * Refuses a value that is too large to be stored.
     *
     * @throws SecretsException.Invalid if it has more than {@link #MAX_VALUE_LENGTH} bytes
     */
    static void requireFits(SecretId id, SecretValue value) throws SecretsException {
        if (value.length() > MAX_VALUE_LENGTH) {
            throw new SecretsException.Invalid(id.toString(),
                    "the value is larger than 1 MiB (" + MAX_VALUE_LENGTH + " bytes)", "nothing was stored");
        }
    }

    /** How a store answered when it was asked whether it can be used. */
    enum State {
        /** It works. */
        READY,
        /** It is there, and needs to be unlocked by its user. */
        LOCKED,
        /** There is none on this machine or in this session. */
        ABSENT,
        /** It did not answer in time: it may be any of the others. Nothing is decided by that. */
        UNKNOWN
    }

    /**
     * The answer to {@link #probe}.
     *
     * @param state what was found
     * @param message one line on why, and what to do; empty if ready
     */
    record Probe(State state, String message) {
    }

    /**
     * Finds out, without any prompt, whether this store can be used. Waits as long as the context allows: a keychain that is
     * still starting is waited for.
     */
    Probe probe(RequestContext context);

    /**
     * One secret with its value, if it is there; the caller closes it.
     *
     * @throws SecretsException if the store cannot be reached, is locked or damaged
     */
    Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException;

    /**
     * One secret without its value, if it is there. Needs no unlocking where the store can do without.
     *
     * @throws SecretsException if the store cannot be reached
     */
    Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException;

    /**
     * Every secret that the pattern matches, in any order, without values.
     *
     * @throws SecretsException if the store cannot be reached
     */
    List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException;

    /**
     * Stores a value, replacing an older one in one step: a reader sees the old value or the new one, never none and
     * never both. When this returns the value survives a crash.
     *
     * @param value at most {@link #MAX_VALUE_LENGTH} bytes; stays the caller's, who closes it
     * @throws SecretsException if nothing was changed
     */
    void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException;

    /**
     * Removes a secret.
     *
     * @return whether it was there
     * @throws SecretsException if it is still there
     */
    boolean remove(SecretId id, RequestContext context) throws SecretsException;
}
