package dev.secretsengine.launcher.host;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.bundle.DroppedJar;
import dev.secretsengine.core.bundle.PluginBundle;
import dev.secretsengine.core.bundle.PluginDeclaration;
import dev.secretsengine.core.bundle.PluginHost;
import dev.secretsengine.core.config.EnginePaths;
import java.io.ByteArrayInputStream;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.connect.ConnectFrameworkFactory;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.BundleWiring;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The Felix framework, with the built-in modules and whatever the drop folders hold as its bundles. Thread-safe. */
final class FelixHost implements PluginHost {

    private static final Logger LOG = LoggerFactory.getLogger(FelixHost.class);

    private static final long STOP_MILLIS = 5_000;

    private record Dropped(Bundle bundle, DroppedJar jar) {
    }

    private final Framework framework;
    private final AtomicLong installed = new AtomicLong();

    /** The bundles of dropped jars, by path; guarded by this, as all that follows. */
    private final Map<String, Dropped> dropped = new TreeMap<>();

    /** Jars that are no bundles, by path. */
    private final Map<String, PluginBundle> broken = new TreeMap<>();

    private volatile @Nullable BundleThreads threads;
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
        threads = new BundleThreads(framework.adapt(FrameworkWiring.class));
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
    void install(DroppedJar jar, String name, byte[] content) {
        String path = jar.path();
        remove(path);
        try {
            // A location is given once only: what was there before may still be on its way out.
            Bundle bundle = framework.getBundleContext().installBundle(
                    "drop:" + installed.incrementAndGet() + ":" + path,
                    new ByteArrayInputStream(content));
            String symbolicName = bundle.getSymbolicName();
            if (symbolicName == null || isEngineItself(symbolicName)) {
                bundle.uninstall();
                reject(path, name, symbolicName == null
                        ? "it is no OSGi bundle: its manifest has no Bundle-SymbolicName"
                        : "the bundle " + symbolicName + " belongs to the engine itself");
                return;
            }
            synchronized (this) {
                dropped.put(path, new Dropped(bundle, jar));
            }
            LOG.info("installed {} {} from {}", symbolicName, bundle.getVersion(), path);
        } catch (BundleException | RuntimeException e) {
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
        Dropped gone;
        synchronized (this) {
            broken.remove(path);
            gone = dropped.remove(path);
        }
        if (gone != null) {
            try {
                threads().stop(gone.bundle(), gone.bundle()::uninstall);
                LOG.info("uninstalled {} of {}", gone.bundle().getSymbolicName(), path);
            } catch (HostException e) {
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
        Map<Bundle, DroppedJar> jars = new HashMap<>();
        dropped.values().forEach(drop -> jars.put(drop.bundle(), drop.jar()));
        Map<String, Bundle> highest = new TreeMap<>();
        List<Bundle> candidates = new ArrayList<>(List.of(framework.getBundleContext().getBundles()));
        // What could not be uninstalled in time is no candidate.
        candidates.removeIf(bundle -> bundle.getBundleId() == 0 || bundle.getState() == Bundle.UNINSTALLED
                || (isDropped(bundle) && !jars.containsKey(bundle)) || capabilities(bundle).isEmpty());
        // Of equal versions the built-in one stays.
        candidates.sort(Comparator.comparing(FelixHost::isDropped).thenComparing(FelixHost::path));
        for (Bundle bundle : candidates) {
            highest.merge(bundle.getSymbolicName(), bundle,
                    (first, other) -> other.getVersion().compareTo(first.getVersion()) > 0 ? other : first);
        }
        List<PluginBundle> bundles = new ArrayList<>(broken.values());
        highest.values().forEach(bundle -> bundles.add(describe(bundle, Optional.ofNullable(jars.get(bundle)))));
        return bundles;
    }

    /** The location without its number. */
    private static String path(Bundle bundle) {
        return bundle.getLocation().replaceFirst("^drop:\\d+:", "");
    }

    private static boolean isDropped(Bundle bundle) {
        return !bundle.getLocation().startsWith(BuiltIns.SCHEME);
    }

    private static PluginBundle describe(Bundle bundle, Optional<DroppedJar> jar) {
        List<PluginDeclaration> plugins = new ArrayList<>();
        Optional<String> failure = Optional.empty();
        try {
            capabilities(bundle).forEach(capability -> plugins.add(PluginDeclaration.of(capability.getAttributes())));
        } catch (IllegalArgumentException e) {
            plugins.clear();
            failure = Optional.of(String.valueOf(e.getMessage()));
        }
        return new PluginBundle(Long.toString(bundle.getBundleId()), bundle.getSymbolicName(),
                bundle.getVersion().toString(), !isDropped(bundle), plugins, failure, jar);
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
        threads().start(found, () -> found.start(Bundle.START_TRANSIENT),
                ApiVersion.of(framework.getBundleContext()));
    }

    @Override
    public void stop(PluginBundle bundle) throws HostException {
        Bundle found = framework.getBundleContext().getBundle(Long.parseLong(bundle.id()));
        if (found != null) {
            threads().stop(found, () -> found.stop(Bundle.STOP_TRANSIENT));
        }
    }

    @Override
    public String remark(PluginBundle bundle) {
        return threads().remark(bundle.name());
    }

    private BundleThreads threads() {
        return Objects.requireNonNull(threads, "open comes first");
    }

    /** The dropped bundle that has a class of this name in its own jar. Takes no lock of the framework's. */
    Optional<PluginBundle> bundleOf(String className) {
        String path = className.replace('.', '/');
        int slash = path.lastIndexOf('/');
        List<Dropped> all;
        synchronized (this) {
            all = List.copyOf(dropped.values());
        }
        for (Dropped candidate : all) {
            BundleWiring wiring = candidate.bundle().adapt(BundleWiring.class);
            if (wiring != null && !wiring.listResources("/" + path.substring(0, Math.max(0, slash)),
                    path.substring(slash + 1) + ".class", BundleWiring.LISTRESOURCES_LOCAL).isEmpty()) {
                return Optional.of(describe(candidate.bundle(), Optional.of(candidate.jar())));
            }
        }
        return Optional.empty();
    }
}
