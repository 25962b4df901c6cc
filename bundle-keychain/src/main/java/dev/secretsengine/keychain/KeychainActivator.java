package dev.secretsengine.keychain;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** Offers the keychain as a store of the plugin {@code docker-pass} while its bundle runs. */
public final class KeychainActivator implements BundleActivator {

    /** Before the age store: where there is a keychain it is the better place. */
    private static final int RANKING = 100;

    private @Nullable Keychain keychain;

    /** For the framework. */
    public KeychainActivator() {
    }

    /** Registers the store and does nothing else: the first probe opens the connection. */
    @Override
    public void start(BundleContext context) {
        Keychain opened = new SecretService(System.getenv());
        keychain = opened;
        Map<String, Object> properties = Map.of(PluginProperties.NAME, KeychainStore.PLUGIN, PluginProperties.VERSION,
                context.getBundle().getVersion().toString(), PluginProperties.PATTERN, KeychainStore.PATTERN,
                PluginProperties.CONFIGURABLE, false, PluginProperties.STORE, KeychainStore.STORE,
                Constants.SERVICE_RANKING, RANKING);
        context.registerService(SecretsProvider.class.getName(), new KeychainStore(opened),
                FrameworkUtil.asDictionary(properties));
    }

    @Override
    public void stop(BundleContext context) {
        Keychain open = keychain;
        keychain = null;
        if (open != null) {
            open.close();
        }
    }
}
