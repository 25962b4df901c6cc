package dev.secretsengine.api;

/** A store that can be told when a secret was first stored, so that moving one into it keeps that time. */
public interface DatedStore extends LocalStore {

    /**
     * Stores a secret that comes from elsewhere, as {@link #set} does.
     *
     * @param info its ID, its metadata and when it was first stored, null for now; its {@code modifiedAt} is not used
     * @param value at most {@link #MAX_VALUE_LENGTH} bytes; stays the caller's, who closes it
     * @throws SecretsException if nothing was changed
     */
    void restore(SecretInfo info, SecretValue value, RequestContext context) throws SecretsException;
}
