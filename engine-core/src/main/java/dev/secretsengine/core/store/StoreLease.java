package dev.secretsengine.core.store;

import dev.secretsengine.api.LocalStore;

/** A store that runs until this is closed, and beyond if it is the active one. */
public final class StoreLease implements AutoCloseable {

    private final String name;
    private final LocalStore store;
    private final Runnable end;

    StoreLease(String name, LocalStore store, Runnable end) {
        this.name = name;
        this.store = store;
        this.end = end;
    }

    /** What the user calls it. */
    public String name() {
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
