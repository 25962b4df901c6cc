package dev.secretsengine.keychain;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.keychain.macos.FakeSecurity;

/** The store's contract on the keychain of macOS, with the framework's functions in memory. */
class MacKeychainStoreTest extends LocalStoreContract {

    private final LocalStore store = new KeychainStore(new FakeSecurity().keychain());

    @Override
    protected LocalStore store() {
        return store;
    }
}
