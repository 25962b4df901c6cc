package dev.secretsengine.age;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Dictionary;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** Registers the store. Nothing is read or made before it is used. */
public final class AgeActivator implements BundleActivator {

    private static final String ENTRIES = "secrets";

    private @Nullable AgeStore store;

    /** For the framework. */
    public AgeActivator() {
    }

    @Override
    public void start(BundleContext context) {
        Path config = folder(context, PluginProperties.CONFIG_FOLDER);
        Folder entries = new Folder(folder(context, PluginProperties.DATA_FOLDER).resolve(ENTRIES), ".");
        String credentials = System.getenv("CREDENTIALS_DIRECTORY");
        IdentityFile file = new IdentityFile(config, credentials == null ? null : Path.of(credentials));
        Identity identity = new Identity(file, entries, Passphrase.WORK_FACTOR, AgeStore.CACHE_TIME);

        // Ranked after the keychain.
        Dictionary<String, Object> properties = FrameworkUtil.asDictionary(Map.of(PluginProperties.NAME, "docker-pass",
                PluginProperties.VERSION, context.getBundle().getVersion().toString(), PluginProperties.PATTERN, "**",
                PluginProperties.CONFIGURABLE, false, PluginProperties.STORE, "age", Constants.SERVICE_RANKING, 0));
        AgeStore started = new AgeStore(entries, identity,
                new EntryReader(entries, identity, InstantSource.system()));
        store = started;
        context.registerService(SecretsProvider.class.getName(), started, properties);
    }

    private static Path folder(BundleContext context, String property) {
        String folder = context.getProperty(property);
        if (folder == null) {
            throw new IllegalStateException("the framework property " + property + " is not set");
        }
        return Path.of(folder);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service back.
        if (store != null) {
            store.stop();
        }
    }
}
