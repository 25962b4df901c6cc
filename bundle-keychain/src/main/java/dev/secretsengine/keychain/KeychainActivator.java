package dev.secretsengine.keychain;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.keychain.linux.SecretService;
import dev.secretsengine.keychain.macos.MacKeychain;
import dev.secretsengine.keychain.system.Keychain;
import dev.secretsengine.keychain.windows.WindowsKeychain;
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
        Keychain opened = ofThisSystem(System.getProperty("os.name", ""));
        keychain = opened;
        Map<String, Object> properties = Map.of(PluginProperties.NAME, KeychainStore.PLUGIN, PluginProperties.VERSION,
                context.getBundle().getVersion().toString(), PluginProperties.PATTERN, KeychainStore.PATTERN,
                PluginProperties.CONFIGURABLE, false, PluginProperties.STORE, KeychainStore.STORE,
                Constants.SERVICE_RANKING, RANKING);
        context.registerService(SecretsProvider.class.getName(), new KeychainStore(opened),
                FrameworkUtil.asDictionary(properties));
    }

    /** One keychain for each system. Classes of the others are not loaded, nor is JNA where nothing needs it. */
    static Keychain ofThisSystem(String name) {
        if (name.startsWith("Mac")) {
            return MacKeychain.ofThisMac();
        }
        return name.startsWith("Windows") ? WindowsKeychain.ofThisUser() : new SecretService(System.getenv());
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
