package dev.secretsengine.launcher.host;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.plugin.PluginBundle;
import dev.secretsengine.core.plugin.PluginDeclaration;
import dev.secretsengine.core.plugin.PluginHost;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.connect.ConnectFrameworkFactory;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Felix framework, with the built-in modules and whatever the drop folders hold as its bundles. Thread-safe. */
final class FelixHost implements PluginHost {

    private static final Logger LOG = LoggerFactory.getLogger(FelixHost.class);

    private static final long START_SECONDS = 10;
    private static final long STOP_MILLIS = 5_000;

    private final Framework framework;

    /** The bundles of dropped jars, by path; guarded by this, as all that follows. */
    private final Map<String, Bundle> dropped = new TreeMap<>();

    /** Jars that are no bundles, by path. */
    private final Map<String, PluginBundle> broken = new TreeMap<>();

    private Supplier<List<String>> problems = List::of;
    private Runnable listener = () -> {
    };

    FelixHost(EnginePaths paths) {
        Map<String, String> settings = new HashMap<>();
        settings.put(Constants.FRAMEWORK_STORAGE, paths.state().resolve("bundles").toString());
        settings.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        settings.put(Constants.FRAMEWORK_SYSTEMPACKAGES, SystemPackages.header());
        // Two jars may hold one bundle in one version; which of them serves is decided in bundles().
        settings.put(Constants.FRAMEWORK_BSNVERSION, Constants.FRAMEWORK_BSNVERSION_MULTIPLE);
        settings.put("felix.service.urlhandlers", "false");
        settings.put("felix.log.level", "1");
        settings.put(PluginProperties.CONFIG_FOLDER, paths.config().toString());
        settings.put(PluginProperties.DATA_FOLDER, paths.data().toString());
        settings.put(PluginProperties.STATE_FOLDER, paths.state().toString());
        framework = ServiceLoader.load(ConnectFrameworkFactory.class).findFirst()
                .orElseThrow(() -> new IllegalStateException("the installation is damaged: it has no OSGi framework"))
                .newFramework(settings, new BuiltIns());
    }

    /** Starts the framework, and the engine's own bundle in it. */
    void open(Engine engine) throws BundleException {
        framework.start();
        framework.getBundleContext().registerService(Engine.class, engine, null);
        for (String location : BuiltIns.locations()) {
            framework.getBundleContext().installBundle(location);
        }
        for (Bundle bundle : framework.getBundleContext().getBundles()) {
            // What serves plugins is started when it is wanted.
            if (bundle.getBundleId() != 0 && capabilities(bundle).isEmpty()) {
                bundle.start(Bundle.START_TRANSIENT);
            }
        }
    }

    /** Stops every bundle and the framework. */
    void close() {
        try {
            framework.stop();
            framework.waitForStop(STOP_MILLIS);
        } catch (BundleException e) {
            LOG.warn("the framework did not stop: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void problemsFrom(Supplier<List<String>> source) {
        synchronized (this) {
            problems = source;
        }
    }

    /** Takes a jar in, in place of an earlier one at the same path. */
    void install(String path, String name, InputStream jar) {
        remove(path);
        try {
            Bundle bundle = framework.getBundleContext().installBundle("drop:" + path, jar);
            String symbolicName = bundle.getSymbolicName();
            if (symbolicName == null || isEngineItself(symbolicName)) {
                bundle.uninstall();
                reject(path, name, symbolicName == null
                        ? "it is no OSGi bundle: its manifest has no Bundle-SymbolicName"
                        : "the bundle " + symbolicName + " belongs to the engine itself");
                return;
            }
            synchronized (this) {
                dropped.put(path, bundle);
            }
            LOG.info("installed {} {} from {}", symbolicName, bundle.getVersion(), path);
        } catch (BundleException e) {
            reject(path, name, "it cannot be read as a jar with a bundle's manifest: build it anew, or remove it");
        }
    }

    private boolean isEngineItself(String symbolicName) {
        for (Bundle bundle : framework.getBundleContext().getBundles()) {
            if (!isDropped(bundle) && symbolicName.equals(bundle.getSymbolicName())) {
                return capabilities(bundle).isEmpty();
            }
        }
        return false;
    }

    /** Remembers a jar that cannot be used. */
    void reject(String path, String name, String reason) {
        LOG.warn("{} is left out: {}", path, reason);
        synchronized (this) {
            broken.put(path, new PluginBundle("broken:" + path, name, "", false, List.of(), Optional.of(reason)));
        }
    }

    /** Lets a jar go. */
    void remove(String path) {
        Bundle bundle;
        synchronized (this) {
            broken.remove(path);
            bundle = dropped.remove(path);
        }
        if (bundle != null) {
            try {
                bundle.uninstall();
                LOG.info("uninstalled {} of {}", bundle.getSymbolicName(), path);
            } catch (BundleException e) {
                LOG.warn("cannot uninstall {}: {}", path, e.getMessage());
            }
        }
    }

    /** Tells whoever listens that jars have come or gone. */
    void changed() {
        Runnable action;
        synchronized (this) {
            action = listener;
        }
        action.run();
    }

    @Override
    public void whenChanged(Runnable action) {
        synchronized (this) {
            listener = action;
        }
    }

    @Override
    public List<String> problems() {
        Supplier<List<String>> source;
        synchronized (this) {
            source = problems;
        }
        return source.get();
    }

    @Override
    public synchronized List<PluginBundle> bundles() {
        Map<String, Bundle> highest = new TreeMap<>();
        List<Bundle> candidates = new ArrayList<>(List.of(framework.getBundleContext().getBundles()));
        // Of equal versions the built-in one stays.
        candidates.sort(Comparator.comparing(FelixHost::isDropped).thenComparing(Bundle::getLocation));
        for (Bundle bundle : candidates) {
            if (bundle.getBundleId() != 0 && bundle.getState() != Bundle.UNINSTALLED
                    && !capabilities(bundle).isEmpty()) {
                highest.merge(bundle.getSymbolicName(), bundle,
                        (first, other) -> other.getVersion().compareTo(first.getVersion()) > 0 ? other : first);
            }
        }
        List<PluginBundle> bundles = new ArrayList<>(broken.values());
        highest.values().forEach(bundle -> bundles.add(describe(bundle)));
        return bundles;
    }

    private static boolean isDropped(Bundle bundle) {
        return !bundle.getLocation().startsWith(BuiltIns.SCHEME);
    }

    private static PluginBundle describe(Bundle bundle) {
        List<PluginDeclaration> plugins = new ArrayList<>();
        Optional<String> failure = Optional.empty();
        try {
            capabilities(bundle).forEach(capability -> plugins.add(PluginDeclaration.of(capability.getAttributes())));
        } catch (IllegalArgumentException e) {
            plugins.clear();
            failure = Optional.of(String.valueOf(e.getMessage()));
        }
        return new PluginBundle(Long.toString(bundle.getBundleId()), bundle.getSymbolicName(),
                bundle.getVersion().toString(), !isDropped(bundle), plugins, failure);
    }

    private static List<BundleCapability> capabilities(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return revision == null ? List.of() : revision.getDeclaredCapabilities(PluginProperties.CAPABILITY);
    }

    private Bundle find(PluginBundle bundle) throws HostException {
        Bundle found = framework.getBundleContext().getBundle(Long.parseLong(bundle.id()));
        if (found == null) {
            throw new HostException("the bundle is gone", new IllegalStateException(bundle.name()));
        }
        return found;
    }

    @Override
    public void start(PluginBundle bundle) throws HostException {
        Bundle found = find(bundle);
        bounded("start", () -> found.start(Bundle.START_TRANSIENT));
    }

    @Override
    public void stop(PluginBundle bundle) throws HostException {
        Bundle found = framework.getBundleContext().getBundle(Long.parseLong(bundle.id()));
        if (found != null) {
            bounded("stop", () -> found.stop(Bundle.STOP_TRANSIENT));
        }
    }

    /** Work of the framework that runs a bundle's own code. */
    @FunctionalInterface
    private interface Work {

        void run() throws BundleException;
    }

    /** An activator that never returns must not take the engine with it. */
    private static void bounded(String verb, Work work) throws HostException {
        FutureTask<Boolean> task = new FutureTask<>(() -> {
            work.run();
            return true;
        });
        Thread thread = new Thread(task, "bundle-" + verb);
        thread.setDaemon(true);
        thread.start();
        try {
            task.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            task.cancel(true);
            throw new HostException("it did not " + verb + " within " + START_SECONDS + " s", e);
        } catch (ExecutionException e) {
            throw new HostException(StartFailure.describe(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HostException("interrupted", e);
        }
    }
}
