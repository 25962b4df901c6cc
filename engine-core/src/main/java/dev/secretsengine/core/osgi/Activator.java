package dev.secretsengine.core.osgi;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.plugin.Registrar;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the registry of an {@link Engine} equal to the {@link SecretsProvider} services of the framework. */
public final class Activator implements BundleActivator, ServiceTrackerCustomizer<SecretsProvider, SecretsProvider> {

    private static final Logger LOG = LoggerFactory.getLogger(Activator.class);

    private @Nullable BundleContext context;
    private @Nullable Engine engine;
    private @Nullable ServiceTracker<SecretsProvider, SecretsProvider> tracker;

    /** Made by the framework. */
    public Activator() {
    }

    @Override
    public void start(BundleContext bundleContext) {
        // The launcher registers the engine before it starts this bundle.
        ServiceReference<Engine> reference = bundleContext.getServiceReference(Engine.class);
        if (reference == null) {
            throw new IllegalStateException("there is no engine to serve");
        }
        context = bundleContext;
        engine = bundleContext.getService(reference);
        tracker = new ServiceTracker<>(bundleContext, SecretsProvider.class, this);
        tracker.open();
    }

    @Override
    public void stop(BundleContext bundleContext) {
        if (tracker != null) {
            tracker.close();
        }
    }

    @Override
    public @Nullable SecretsProvider addingService(ServiceReference<SecretsProvider> reference) {
        SecretsProvider provider = context == null ? null : context.getService(reference);
        if (provider != null) {
            put(reference, provider, true);
        }
        return provider;
    }

    @Override
    public void modifiedService(ServiceReference<SecretsProvider> reference, SecretsProvider provider) {
        put(reference, provider, false);
    }

    private void put(ServiceReference<SecretsProvider> reference, SecretsProvider provider, boolean isNew) {
        if (engine == null) {
            return;
        }
        String bundle = String.valueOf(reference.getBundle().getSymbolicName());
        String name = String.valueOf(reference.getProperty(PluginProperties.NAME));
        Object store = reference.getProperty(PluginProperties.STORE);
        Registrar registrar = engine.plugins().registrar();
        if (store == null ? registrar.admits(bundle, name) : registrar.admitsStore(bundle, store.toString())) {
            engine.registry().put(reference::getProperty, provider, isNew);
        } else {
            LOG.warn("bundle {} registered a service as {}, which its manifest does not declare: it is not used",
                    bundle,
                    name);
            engine.registry().remove(provider);
        }
    }

    @Override
    public void removedService(ServiceReference<SecretsProvider> reference, SecretsProvider provider) {
        if (engine != null) {
            engine.registry().remove(provider);
        }
        if (context != null) {
            context.ungetService(reference);
        }
    }
}
