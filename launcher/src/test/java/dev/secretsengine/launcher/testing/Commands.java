package dev.secretsengine.launcher.testing;

import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.launcher.command.Dispatcher;
import dev.secretsengine.launcher.command.EngineControl;
import dev.secretsengine.launcher.command.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** The commands over a real engine, whose bundles and store are in memory. */
public final class Commands implements AutoCloseable, EngineControl {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FakePlugins plugins = new FakePlugins();
    private final MemoryStore store = new MemoryStore();
    private final Path folder;
    private final Engine engine;
    private @Nullable Dispatcher dispatcher;
    private boolean stopped;

    /** An engine that keeps its state in the folder, and whose local store is {@link #store}. */
    public Commands(Path folder) {
        this.folder = folder;
        engine = new Engine(plugins, EnginePaths.of(Map.of("SECRETS_ENGINE_HOME", folder.toString())), threads);
        plugins.registerIn(engine.registry());
        plugins.store("age", 1, store);
    }

    /** To be filled before the first command. */
    public FakePlugins plugins() {
        return plugins;
    }

    public MemoryStore store() {
        return store;
    }

    /** Whether a command asked the engine to stop. */
    public boolean isStopped() {
        return stopped;
    }

    /** Runs one command line; answers its exit code. */
    public int run(Session session) throws IOException {
        if (dispatcher == null) {
            engine.open();
            dispatcher = new Dispatcher(engine, this);
        }
        return dispatcher.run(session);
    }

    /** Runs one command line in pipes. */
    public Outcome run(String... line) throws IOException {
        FakeSession session = FakeSession.of(line);
        int code = run(session);
        return new Outcome(code, session.printed(), session.errors());
    }

    /**
     * What came of a command.
     *
     * @param code its exit code
     * @param out what it printed
     * @param err what it printed to stderr
     */
    public record Outcome(int code, String out, String err) {
    }

    @Override
    public void stop() {
        stopped = true;
    }

    @Override
    public Map<String, Object> status() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("Status", "running");
        facts.put("PID", 12L);
        return facts;
    }

    @Override
    public Path log() {
        return folder.resolve("engine.log");
    }

    @Override
    public void close() {
        engine.close();
        threads.shutdownNow();
    }
}
