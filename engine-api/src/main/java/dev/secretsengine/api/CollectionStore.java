package dev.secretsengine.api;

import java.util.List;
import java.util.Map;

/**
 * A store whose secrets lie in collections, such as a keychain of a desktop. One of them is used: the engine records which
 * at the first use, so that neither a new collection nor another default hides the secrets.
 */
public interface CollectionStore extends LocalStore {

    /**
     * The name of the collection that this object uses, chosen by the store itself where {@link #in} has not said which.
     * Empty where the store has no collections.
     *
     * @throws SecretsException if the store cannot be reached, or has no collection that keeps secrets
     */
    String collection(RequestContext context) throws SecretsException;

    /**
     * The same store, using this collection.
     *
     * @throws SecretsException.Invalid if it cannot be the name of one
     */
    CollectionStore in(String collection) throws SecretsException;

    /**
     * The secrets that the pattern matches in other collections than the one that is used, as far as these are readable
     * without a prompt.
     *
     * @return the names of the collections by ID
     * @throws SecretsException if the store cannot be reached
     */
    Map<SecretId, List<String>> elsewhere(SecretPattern pattern, RequestContext context) throws SecretsException;
}
