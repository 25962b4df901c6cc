package dev.secretsengine.dockerauth;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.util.Map;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;

/** Offers the plugin {@code docker-auth} while its bundle runs. */
public final class DockerAuthActivator implements BundleActivator {

    /** For the framework. */
    public DockerAuthActivator() {
    }

    @Override
    public void start(BundleContext context) {
        Map<String, Object> properties = Map.of(PluginProperties.NAME, DockerAuthProvider.NAME,
                PluginProperties.VERSION, context.getBundle().getVersion().toString(), PluginProperties.PATTERN,
                DockerAuthProvider.PATTERN, PluginProperties.CONFIGURABLE, true);
        context.registerService(SecretsProvider.class.getName(), new DockerAuthProvider(System.getenv()),
                FrameworkUtil.asDictionary(properties));
    }

    @Override
    public void stop(BundleContext context) {
        // The framework withdraws the service, and nothing else outlives a lookup.
    }
}
