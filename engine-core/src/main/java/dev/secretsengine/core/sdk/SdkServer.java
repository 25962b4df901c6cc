package dev.secretsengine.core.sdk;

import dev.secretsengine.client.protocol.HealthMessages.GetVersionResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.connect.ConnectServer;
import dev.secretsengine.core.connect.Endpoint;
import dev.secretsengine.core.connect.Router;
import dev.secretsengine.core.connect.SlowCalls;
import dev.secretsengine.core.wire.HeldException;
import dev.secretsengine.core.wire.SocketServer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets that clients and plugins of the Go SDK connect to. An engine works without any of them. */
public final class SdkServer implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SdkServer.class);

    private final SlowCalls slowCalls = new SlowCalls();
    private final Engine engine;
    private final ConnectServer connect;
    private final ExecutorService threads;
    private final List<SocketServer> sockets = new ArrayList<>();
    private final List<String> addresses = new ArrayList<>();
    private final List<String> problems = new ArrayList<>();
    private boolean closed;

    /**
     * A server of this engine that listens nowhere yet.
     *
     * @param whenAnswered called when the answer to a request was sent
     */
    public SdkServer(Engine engine, EngineVersion version, ExecutorService threads, Runnable whenAnswered) {
        this.engine = engine;
        this.threads = threads;
        engine.external().open(version.version(), engine::hasOwnPlugin);
        this.connect = new ConnectServer(() -> router(engine, version), engine.external(), slowCalls, whenAnswered);
    }

    private static Router router(Engine engine, EngineVersion version) {
        ResolverService resolver = new ResolverService(engine);
        PluginService plugins = new PluginService(engine);
        return new Router(List.of(new Endpoint<>(Rpc.GET_SECRETS, resolver::getSecrets),
                new Endpoint<>(Rpc.AUTHORIZE, resolver::authorize), new Endpoint<>(Rpc.LIST_PLUGINS, plugins::list),
                new Endpoint<>(Rpc.ENABLE_PLUGIN, plugins::enable),
                new Endpoint<>(Rpc.DISABLE_PLUGIN, plugins::disable),
                new Endpoint<>(Rpc.GET_VERSION,
                        (_, _) -> new GetVersionResponse(version.version(), version.date(), version.commit()))));
    }

    /** Opens every socket that is not somebody else's, and launches the plugins of the user's folder. */
    public void open(SdkPaths paths, boolean shared, long uid) {
        for (Path file : paths.sockets(shared)) {
            open(file.toString(), () -> SocketServer.bindShared(file));
        }
        if (paths.takesSharedNames(shared)) {
            String name = SdkPaths.abstractName(uid);
            open("@" + name, () -> SocketServer.bindAbstract(name, uid));
        }
        engine.external().launch(paths.plugins());
    }

    /** Makes a socket. */
    @FunctionalInterface
    private interface Binding {

        SocketServer bind() throws IOException;
    }

    private void open(String address, Binding binding) {
        try {
            SocketServer socket = binding.bind();
            if (add(socket, address)) {
                threads.execute(() -> socket.serve(connect, threads));
            } else {
                socket.close();
            }
        } catch (HeldException e) {
            LOG.warn("{}", e.getMessage());
            addProblem(String.valueOf(e.getMessage()));
        } catch (IOException e) {
            LOG.warn("cannot listen on {}: {}", address, e.getMessage());
            addProblem("cannot listen on " + address + ": check the owner and mode of its folder");
        }
    }

    private synchronized boolean add(SocketServer socket, String address) {
        if (!closed) {
            sockets.add(socket);
            addresses.add(address);
        }
        return !closed;
    }

    private synchronized void addProblem(String problem) {
        problems.add(problem);
    }

    /** Where it listens. */
    public synchronized List<String> addresses() {
        return List.copyOf(addresses);
    }

    /** Why it does not listen somewhere, a line each. */
    public synchronized List<String> problems() {
        return List.copyOf(problems);
    }

    /** Takes no new connections. */
    public synchronized void stopListening() throws IOException {
        closed = true;
        connect.end();
        for (SocketServer socket : sockets) {
            socket.close();
        }
    }

    /** Waits at most so long until every call is answered. */
    public void awaitIdle(Duration time) throws InterruptedException {
        slowCalls.awaitNone(time);
    }

    /** Cancels the calls that are going on. */
    public void cancelCalls() {
        slowCalls.cancel();
    }

    @Override
    public void close() throws IOException {
        stopListening();
        connect.close();
    }
}
