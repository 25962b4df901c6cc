package dev.secretsengine.launcher.host;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.core.sdk.EngineVersion;
import dev.secretsengine.core.sdk.SdkServer;
import dev.secretsengine.launcher.protocol.Build;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets of the Go SDK: opened behind everything else, so that no command waits for them. */
final class SdkSockets implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SdkSockets.class);

    private final SdkServer server;
    private volatile boolean opened;

    SdkSockets(Engine engine, EnginePaths paths, Build build, ExecutorService threads, Runnable whenAnswered) {
        server = new SdkServer(engine, new EngineVersion("v" + build.version(),
                Instant.ofEpochSecond(build.builtAt()).toString(), build.commit()), threads, whenAnswered);
        threads.execute(() -> open(engine, paths));
    }

    private void open(Engine engine, EnginePaths paths) {
        try {
            Number uid = (Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            server.open(SdkPaths.of(System.getenv(), paths), engine.config().sdkShared(), uid.longValue());
        } catch (SecretsException | IOException e) {
            LOG.error("the sockets of the SDK are not served: {}", e.getMessage());
        }
        opened = true;
    }

    /** Where it listens, and why not elsewhere. */
    List<String> facts() {
        if (!opened) {
            return List.of("opening");
        }
        List<String> facts = new ArrayList<>(server.addresses());
        facts.addAll(server.problems());
        return facts;
    }

    /** See {@link SdkServer#stopListening}. */
    void stopListening() throws IOException {
        server.stopListening();
    }

    /** See {@link SdkServer#awaitIdle}. */
    void awaitIdle(Duration time) throws InterruptedException {
        server.awaitIdle(time);
    }

    /** See {@link SdkServer#cancelCalls}. */
    void cancelCalls() {
        server.cancelCalls();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
