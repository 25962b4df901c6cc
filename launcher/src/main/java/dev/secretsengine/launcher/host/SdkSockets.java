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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The sockets of the Go SDK: opened behind everything else, so that no command waits for them. */
final class SdkSockets implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(SdkSockets.class);

    private final CompletableFuture<SdkServer> server;

    SdkSockets(Engine engine, EnginePaths paths, Build build, ExecutorService threads, Runnable whenAnswered) {
        server = CompletableFuture.supplyAsync(() -> open(engine, paths, build, threads, whenAnswered), threads);
    }

    private static SdkServer open(Engine engine, EnginePaths paths, Build build, ExecutorService threads,
            Runnable whenAnswered) {
        EngineVersion version = new EngineVersion("v" + build.version(),
                Instant.ofEpochSecond(build.builtAt()).toString(), build.commit());
        SdkServer server = new SdkServer(engine, version, threads, whenAnswered);
        try {
            Number uid = (Number) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
            server.open(SdkPaths.of(System.getenv(), paths), engine.config().sdkShared(), uid.longValue());
        } catch (SecretsException | IOException e) {
            LOG.error("the sockets of the SDK are not served: {}", e.getMessage());
        }
        return server;
    }

    /** Where it listens, and why not elsewhere. */
    List<String> facts() {
        SdkServer opened = server.getNow(null);
        if (opened == null) {
            return List.of("opening");
        }
        List<String> facts = new ArrayList<>(opened.addresses());
        facts.addAll(opened.problems());
        return facts;
    }

    /** See {@link SdkServer#stopListening}. */
    void stopListening() throws IOException {
        server.join().stopListening();
    }

    /** See {@link SdkServer#awaitIdle}. */
    void awaitIdle(Duration time) throws InterruptedException {
        server.join().awaitIdle(time);
    }

    @Override
    public void close() throws IOException {
        server.join().close();
    }
}
