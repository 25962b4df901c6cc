package dev.secretsengine.core.store;

import dev.secretsengine.api.DatedStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretsException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Moves secrets from one store to another, one by one. A secret leaves its old store only when the new one has given it
 * back as it was, so that at every moment at least one of both has it, and a move that was cut off can be done again.
 */
public final class StoreMove {

    private final StoreLease from;
    private final StoreLease to;
    private final boolean replace;
    private final Supplier<RequestContext> contexts;

    /**
     * A move between these two.
     *
     * @param replace whether a secret that is in both, but not the same, is replaced in the new store
     * @param contexts one for each request to a store
     */
    public StoreMove(StoreLease from, StoreLease to, boolean replace, Supplier<RequestContext> contexts) {
        this.from = from;
        this.to = to;
        this.replace = replace;
        this.contexts = contexts;
    }

    /**
     * Whether there is something to move, without changing anything.
     *
     * @throws SecretsException if it could not be moved, as far as can be seen
     */
    public boolean isDue(SecretId id) throws SecretsException {
        try (Envelope secret = get(from, id)) {
            if (secret != null) {
                isThere(secret);
            }
            return secret != null;
        }
    }

    /**
     * Moves a secret with its metadata, and with the time of its creation where the new store can be told.
     *
     * @return whether there was one
     * @throws SecretsException if it is still in the old store, whatever the new one has
     */
    public boolean move(SecretId id) throws SecretsException {
        try (Envelope secret = get(from, id)) {
            if (secret == null) {
                return false;
            }
            if (!isThere(secret)) {
                write(secret);
                try (Envelope written = get(to, id)) {
                    if (written == null || !same(secret, written)) {
                        throw new SecretsException.Failed(id.toString(),
                                to.name() + " does not give it back as it was", "it is still in " + from.name());
                    }
                }
            }
            // A program may have set it meanwhile: that value must not be lost.
            try (Envelope still = get(from, id)) {
                if (still != null && !same(secret, still)) {
                    throw new SecretsException.Failed(id.toString(), "it was changed while it was moved",
                            "move it again, with --force");
                }
            }
            from.store().remove(id, contexts.get());
            return true;
        }
    }

    /** Whether the new store has the same already, from a move that was cut off for one. */
    private boolean isThere(Envelope secret) throws SecretsException {
        try (Envelope present = get(to, secret.id())) {
            if (present == null) {
                return false;
            }
            boolean same = same(secret, present);
            if (!same && !replace) {
                throw new SecretsException.Invalid(secret.id().toString(),
                        to.name() + " has another value or other metadata of it", "--force replaces that");
            }
            return same;
        }
    }

    private void write(Envelope secret) throws SecretsException {
        LocalStore target = to.store();
        if (target instanceof DatedStore dated) {
            Instant created = from.store().describe(secret.id(), contexts.get()).map(SecretInfo::createdAt)
                    .orElse(null);
            dated.restore(new SecretInfo(secret.id(), created, null, secret.metadata()), secret.value(),
                    contexts.get());
        } else {
            target.set(secret.id(), secret.value(), secret.metadata(), contexts.get());
        }
    }

    /** An empty value counts only if it is read twice: a store may answer so while it is being locked. */
    private @Nullable Envelope get(StoreLease lease, SecretId id) throws SecretsException {
        Envelope found = lease.store().get(id, contexts.get()).orElse(null);
        if (found == null || found.value().length() > 0) {
            return found;
        }
        try (Envelope again = lease.store().get(id, contexts.get()).orElse(null)) {
            if (again == null || !same(found, again)) {
                found.close();
                throw new SecretsException.Unavailable(id.toString(),
                        lease.name() + " answers now one value, now another",
                        "look whether it is locked, then try again");
            }
            return found;
        }
    }

    private static boolean same(Envelope one, Envelope other) {
        byte[] first = one.value().copyBytes();
        byte[] second = other.value().copyBytes();
        try {
            return MessageDigest.isEqual(first, second) && one.metadata().equals(other.metadata());
        } finally {
            Arrays.fill(first, (byte) 0);
            Arrays.fill(second, (byte) 0);
        }
    }
}
