package dev.secretsengine.core.testing;

import static dev.secretsengine.core.testing.Samples.within;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.api.SecretsProvider;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.sdk.EngineVersion;
import dev.secretsengine.core.sdk.SdkServer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An engine with the SDK's socket below its own folder: a store, and a bundle's plugin named vault. */
public final class SdkEngine implements Closeable {

    public final FakeStore store = new FakeStore(LocalStore.State.READY, "");
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Engine engine;
    private final SdkServer server;
    private final SdkPaths paths;

    public SdkEngine(Path folder) {
        this(folder, Samples.nothing());
    }

    /** One whose plugin vault is this. */
    public SdkEngine(Path folder, SecretsProvider vault) {
        Map<String, String> environment = Map.of("SECRETS_ENGINE_HOME", folder.toString());
        EnginePaths own = EnginePaths.of(environment);
        paths = SdkPaths.of(environment, own);
        FakeHost host = new FakeHost();
        engine = new Engine(host, own, threads);
        host.registerIn(engine.registry());
        host.add(FakeBundle.ofStore("age", 1, store));
        host.add(FakeBundle.of("b", "1").plugin("vault", vault));
        engine.open();
        server = new SdkServer(engine, new EngineVersion("v1.2.3", "2026-01-02T03:04:05Z", "abc"), threads, () -> {
        });
        server.open(paths, false, 0);
    }

    /** Where executables are launched from by {@link #launch}. */
    public static Path plugins(Path folder) {
        Map<String, String> environment = Map.of("SECRETS_ENGINE_HOME", folder.toString());
        return SdkPaths.of(environment, EnginePaths.of(environment)).plugins();
    }

    public Engine engine() {
        return engine;
    }

    public SdkServer server() {
        return server;
    }

    public Path socket() {
        return paths.sockets(false).get(0);
    }

    public RawClient connect() throws IOException {
        return new RawClient(socket());
    }

    public FakePlugin plugin(FakePlugin.Lookups lookups) throws IOException {
        return new FakePlugin(socket(), lookups);
    }

    /** Who answered, and with which ID. */
    public List<String> resolve(String pattern) throws SecretsException {
        List<Envelope> found = engine.resolve(SecretPattern.parse(pattern), within(10));
        found.forEach(Envelope::close);
        return found.stream().map(envelope -> envelope.provider() + " " + envelope.id()).toList();
    }

    public Optional<PluginRow> row(String name) throws SecretsException {
        return engine.rows(within(5)).stream().filter(row -> row.name().equals(name)).findFirst();
    }

    @Override
    public void close() throws IOException {
        server.close();
        engine.close();
        threads.shutdownNow();
    }
}
