package dev.secretsengine.keychain;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.api.contract.Situation;
import dev.secretsengine.keychain.windows.FakeCredentials;
import java.util.Map;

/**
 * The store's contract on the Credential Manager of Windows, with its functions in memory. The contract wants A and a
 * told apart, which the real one cannot do: WindowsKeychainTest says what happens then.
 */
class WindowsKeychainStoreTest extends LocalStoreContract {

    private final FakeCredentials credentials = FakeCredentials.minding();
    private final LocalStore store = new KeychainStore(credentials.keychain());

    @Override
    protected LocalStore store() {
        return store;
    }

    @Override
    protected SecretsProvider restarted() {
        return new KeychainStore(credentials.keychain());
    }

    @Override
    protected Situation unavailable() throws Exception {
        keep();
        credentials.logOut();
        return Situation.of(store, "a").endedBy(credentials::logIn);
    }

    @Override
    protected Situation hanging() {
        return Situation.impossible("it reads from the user's own profile and asks nobody");
    }

    private void keep() throws Exception {
        try (SecretValue value = SecretValue.wrap(new byte[]{1})) {
            store.set(SecretId.parse("a"), value, Map.of(), context());
        }
    }
}
