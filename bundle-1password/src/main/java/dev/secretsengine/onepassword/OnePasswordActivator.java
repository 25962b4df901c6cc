package dev.secretsengine.onepassword;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceFactory;
import org.osgi.framework.ServiceRegistration;

/** Offers the plugins {@code 1password-cli} and {@code 1password-sdk} while their bundle runs. */
public final class OnePasswordActivator implements BundleActivator {

    private final List<Service> services = new ArrayList<>();

    /** For the framework. */
    public OnePasswordActivator() {
    }

    @Override
    public void start(BundleContext context) {
        for (String plugin : List.of(OnePasswordProvider.CLI, OnePasswordProvider.SDK)) {
            Service service = new Service(plugin, context.getBundle().getVersion().toString());
            services.add(service);
            context.registerService(SecretsProvider.class.getName(), service,
                    service.properties(Setup.DEFAULT_PATTERN));
        }
    }

    @Override
    public void stop(BundleContext context) {
        // The framework withdraws the services.
        services.forEach(Service::close);
        services.clear();
    }

    /**
     * One plugin's service. A factory learns of its registration before the provider is configured, which happens while
     * the service is being registered and may change its pattern.
     */
    private static final class Service implements ServiceFactory<SecretsProvider> {

        private final String plugin;
        private final String version;
        private final OnePasswordProvider provider;
        private volatile @Nullable ServiceRegistration<SecretsProvider> registration;

        Service(String plugin, String version) {
            this.plugin = plugin;
            this.version = version;
            this.provider = new OnePasswordProvider(plugin, System.getenv(), this::changed);
        }

        Dictionary<String, Object> properties(String pattern) {
            return FrameworkUtil.asDictionary(Map.of(PluginProperties.NAME, plugin, PluginProperties.VERSION, version,
                    PluginProperties.PATTERN, pattern, PluginProperties.CONFIGURABLE, true));
        }

        private void changed(String pattern) {
            ServiceRegistration<SecretsProvider> current = registration;
            if (current != null && !pattern.equals(current.getReference().getProperty(PluginProperties.PATTERN))) {
                current.setProperties(properties(pattern));
            }
        }

        @Override
        public SecretsProvider getService(Bundle bundle, ServiceRegistration<SecretsProvider> given) {
            registration = given;
            return provider;
        }

        @Override
        public void ungetService(Bundle bundle, ServiceRegistration<SecretsProvider> given, SecretsProvider service) {
            // One provider for all, closed when the bundle stops.
        }

        void close() {
            provider.close();
        }
    }
}
