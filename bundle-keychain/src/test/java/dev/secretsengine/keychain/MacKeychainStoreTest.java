package dev.secretsengine.keychain;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.api.contract.LocalStoreContract;
import dev.secretsengine.api.contract.Situation;
import dev.secretsengine.keychain.macos.FakeSecurity;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** The store's contract on the keychain of macOS, with the framework's functions in memory. */
class MacKeychainStoreTest extends LocalStoreContract {

    private final FakeSecurity security = new FakeSecurity();
    private CountDownLatch prompt = new CountDownLatch(0);
    private final LocalStore store = new KeychainStore(security.keychain());

    @Override
    protected LocalStore store() {
        return store;
    }

    @Override
    protected SecretsProvider restarted() {
        return new KeychainStore(security.keychain());
    }

    @Override
    protected Situation unavailable() throws Exception {
        keep();
        security.lock();
        return Situation.of(store, "a").endedBy(security::unlock);
    }

    @Override
    protected Situation hanging() throws Exception {
        prompt.countDown();
        keep();
        prompt = security.ask();
        return Situation.of(store, "a").endedBy(() -> prompt.countDown());
    }

    private void keep() throws Exception {
        try (SecretValue value = SecretValue.wrap(new byte[]{1})) {
            store.set(SecretId.parse("a"), value, Map.of(), context());
        }
    }
}
