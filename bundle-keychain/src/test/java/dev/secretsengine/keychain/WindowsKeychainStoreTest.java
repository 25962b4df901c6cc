package dev.secretsengine.keychain;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.keychain.windows.FakeCredentials;

/**
 * The store's contract on the Credential Manager of Windows, with its functions in memory. The contract wants A and a
 * told apart, which the real one cannot do: WindowsKeychainTest says what happens then.
 */
class WindowsKeychainStoreTest extends LocalStoreContract {

    private final LocalStore store = new KeychainStore(FakeCredentials.minding().keychain());

    @Override
    protected LocalStore store() {
        return store;
    }
}
