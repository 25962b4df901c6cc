package dev.secretsengine.onepassword.item;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;

/** A 1Password account as one caller sees it: each call is a question to {@code op} or to a Connect server. */
public interface Source {

    /** Equal for sources that give the same answers. */
    Object account();

    /**
     * Every item that can be seen.
     *
     * @throws SecretsException if the account cannot be asked
     */
    Names names(RequestContext context) throws SecretsException;

    /**
     * An item with its fields; the caller closes it.
     *
     * @throws SecretsException.NotFound if it is gone
     * @throws SecretsException if the account cannot be asked
     */
    Item item(ItemName name, RequestContext context) throws SecretsException;

    /**
     * Finds out whether the account can be asked at all.
     *
     * @throws SecretsException if not
     */
    void check(RequestContext context) throws SecretsException;
}
