package dev.secretsengine.core.store;

import dev.secretsengine.api.LocalStore;

/** A store that runs until this is closed, and beyond if it is the active one. */
public final class StoreLease implements AutoCloseable {

    private final StoreName name;
    private final LocalStore store;
    private final Runnable end;

    StoreLease(StoreName name, LocalStore store, Runnable end) {
        this.name = name;
        this.store = store;
        this.end = end;
    }

    /** Which store it is, and which of its collections if it has some. */
    public StoreName name() {
        return name;
    }

    /** The store itself, not to be used after {@link #close}. */
    public LocalStore store() {
        return store;
    }

    /** To be called once. */
    @Override
    public void close() {
        end.run();
    }
}
