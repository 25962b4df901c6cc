package dev.secretsengine.it;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** A home with one of the stores, and the keyring that the store needs. Closing it ends both. */
final class StoreHome implements AutoCloseable {

    private final Home home;
    private final @Nullable Keyring keyring;

    private StoreHome(Home home, @Nullable Keyring keyring) {
        this.home = home;
        this.keyring = keyring;
    }

    /** A home of the installation that was built; the store is age or keychain. */
    static StoreHome open(String store) throws Exception {
        return open(store, Installation.built());
    }

    static StoreHome open(String store, Installation installation) throws Exception {
        if (!store.equals("keychain")) {
            return new StoreHome(Home.withAge(installation), null);
        }
        Keyring keyring = Keyring.unlocked();
        try {
            return new StoreHome(Home.with(keyring, installation), keyring);
        } catch (Exception | AssertionError e) {
            keyring.close();
            throw e;
        }
    }

    Home home() {
        return home;
    }

    @Override
    public void close() throws IOException {
        try {
            home.close();
        } finally {
            if (keyring != null) {
                keyring.close();
            }
        }
    }
}
