package dev.secretsengine.launcher.host;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.swarm.SecretDriver;
import dev.secretsengine.core.wire.SocketServer;
import java.io.Closeable;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The socket on which dockerd asks for Swarm's secrets, where the user wants one. The engine works without it. */
final class SwarmSocket implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SwarmSocket.class);

    private final @Nullable SocketServer server;

    private SwarmSocket(@Nullable SocketServer server) {
        this.server = server;
    }

    static SwarmSocket open(Engine engine, EnginePaths paths, ExecutorService threads, Runnable whenAnswered) {
        try {
            if (!engine.config().swarmDriver()) {
                return new SwarmSocket(null);
            }
            SocketServer server = SocketServer.bindForDaemons(paths.swarmSocket());
            SecretDriver driver = new SecretDriver(engine.references(), whenAnswered);
            threads.execute(() -> server.serve(driver, threads));
            LOG.info("serving the secret driver of Docker Swarm");
            return new SwarmSocket(server);
        } catch (SecretsException | IOException | IllegalArgumentException e) {
            LOG.error("the secret driver of Docker Swarm is not served: {}", e.getMessage());
            return new SwarmSocket(null);
        }
    }

    @Override
    public void close() throws IOException {
        if (server != null) {
            server.close();
        }
    }
}
