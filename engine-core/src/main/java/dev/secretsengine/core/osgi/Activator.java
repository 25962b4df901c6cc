package dev.secretsengine.core.osgi;

import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.Engine;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/** Keeps the registry of an {@link Engine} equal to the {@link SecretsProvider} services of the framework. */
public final class Activator implements BundleActivator, ServiceTrackerCustomizer<SecretsProvider, SecretsProvider> {

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
        if (provider != null && engine != null) {
            engine.registry().put(reference::getProperty, provider, true);
        }
        return provider;
    }

    @Override
    public void modifiedService(ServiceReference<SecretsProvider> reference, SecretsProvider provider) {
        if (engine != null) {
            engine.registry().put(reference::getProperty, provider, false);
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
