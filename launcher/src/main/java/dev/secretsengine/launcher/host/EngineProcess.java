package dev.secretsengine.launcher.host;

import dev.secretsengine.core.Engine;
import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.FolderTrust;
import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.core.wire.SocketServer;
import dev.secretsengine.launcher.command.Dispatcher;
import dev.secretsengine.launcher.command.EngineControl;
import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.signature.JarSignatures;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One engine from its socket to its end. The socket is bound first, so that clients connect at once and wait on it. */
final class EngineProcess implements Closeable, EngineControl {

    private static final Logger LOG = LoggerFactory.getLogger(EngineProcess.class);

    private static final long IDLE_THREAD_SECONDS = 5;

    /** How long requests may go on when the engine ends, and then to take it in that they are cancelled. */
    private static final Duration DRAIN = Duration.ofSeconds(1);
    private static final Duration CANCEL = Duration.ofMillis(150);

    /** How long the end may take altogether, whatever plugins, bundles and file systems do. */
    private static final long END_MILLIS = 1_600;
    private static final long LAST_MOMENT_MILLIS = 500;

    private final EnginePaths paths;
    private final Build build = Build.ofThisImage();
    private final Instant started = Instant.now();
    private final ExecutorService threads = new ThreadPoolExecutor(0, Integer.MAX_VALUE, IDLE_THREAD_SECONDS,
            TimeUnit.SECONDS, new SynchronousQueue<>(), work -> daemon(work, "engine"));
    private final CompletableFuture<Dispatcher> dispatcher = new CompletableFuture<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final IdleCleaning cleaning = new IdleCleaning();
    private final CommandServer commands = new CommandServer(dispatcher, threads, this::stop, cleaning::worked);
    private final SocketServer socket;
    private final FelixHost host;
    private final Engine engine;
    private volatile @Nullable SdkSockets sdk;

    EngineProcess(EnginePaths paths) throws IOException {
        this.paths = paths;
        for (Path folder : List.of(paths.config(), paths.data(), paths.state(), paths.run())) {
            PrivateFiles.folder(folder);
        }
        PrivateFiles.newFolder(paths.dropFolder());
        // The framework takes as long to come up as everything before it together.
        CompletableFuture<FelixHost> framework = CompletableFuture.supplyAsync(() -> new FelixHost(paths), threads);
        EngineLog.open(paths.logFile());
        socket = SocketServer.bind(paths.cliSocket());
        PrivateFiles.write(paths.addressFile(), "pid=" + ProcessHandle.current().pid() + "\nbuild=" + build
                + "\nsocket=" + paths.cliSocket() + "\n");
        daemon(() -> socket.serve(commands::serve, threads), "accept").start();
        host = framework.join();
        engine = new Engine(host, paths, threads);
    }

    private static Thread daemon(Runnable work, String name) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        return thread;
    }

    /** Serves until it is told to stop, by a command or a signal. */
    void run() throws BundleException, IOException, InterruptedException {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endBySignal, "signal"));
        Runtime.getRuntime().addShutdownHook(
                new Thread(new ExitWatch(host, engine.quarantine(), this::endAtOnce), "exit-watch"));
        FolderTrust trust = FolderTrust.ofThisProcess();
        try (DropFolders folders = new DropFolders(host, trust,
                new JarSignatures(engine.config(), trust, paths.state()),
                List.of(Build.image().resolve("runtime"), paths.dropFolder()))) {
            host.open(engine);
            folders.open();
            host.problemsFrom(folders::problems);
            engine.open();
            dispatcher.complete(new Dispatcher(engine, this));
            daemon(folders::follow, "drop-folders").start();
            LOG.info("ready after {} ms, {}", Duration.between(started, Instant.now()).toMillis(), build);
            threads.execute(Dispatcher::warmUp);
            daemon(cleaning::run, "idle-cleaning").start();
            try (SwarmSocket _ = SwarmSocket.open(engine, paths, threads, cleaning::worked);
                    SdkSockets opened = new SdkSockets(engine, paths, build, threads, cleaning::worked)) {
                sdk = opened;
                stop.await();
                opened.stopListening();
                socket.close();
                awaitIdle(opened, DRAIN);
                commands.cutOff();
                opened.cancelCalls();
                awaitIdle(opened, CANCEL);
            }
        } catch (BundleException | IOException | RuntimeException e) {
            dispatcher.completeExceptionally(e);
            throw e;
        }
    }

    private void awaitIdle(SdkSockets opened, Duration time) throws InterruptedException {
        long end = System.nanoTime() + time.toNanos();
        commands.awaitIdle(time.toMillis());
        opened.awaitIdle(Duration.ofNanos(end - System.nanoTime()));
    }

    /** A signal ends the engine as a command does: the hook holds the JVM until everything is closed. */
    private void endBySignal() {
        // Whoever wants it to end may not wait for that.
        engine.quarantine().end();
        stop();
        try {
            closed.await(END_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A bundle has called System.exit: what others asked for has a moment to end, and the next request a new engine. */
    private void endAtOnce() {
        try {
            socket.close();
            commands.awaitIdle(LAST_MOMENT_MILLIS);
            engine.close();
            Files.deleteIfExists(paths.addressFile());
        } catch (IOException e) {
            LOG.warn("not everything could be closed: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(1);
    }

    @Override
    public void close() throws IOException {
        engine.close();
        socket.close();
        Files.deleteIfExists(paths.addressFile());
        host.close();
        LOG.info("stopped");
        closed.countDown();
    }

    @Override
    public void stop() {
        daemon(this::endInTime, "end").start();
        stop.countDown();
    }

    private void endInTime() {
        try {
            Thread.sleep(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        LOG.warn("stopped without waiting for a plugin or a bundle that did not end within {} ms", END_MILLIS);
        Runtime.getRuntime().halt(0);
    }

    @Override
    public Map<String, Object> status() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("Status", "running");
        facts.put("PID", ProcessHandle.current().pid());
        facts.put("Version", "v" + build.version());
        facts.put("Commit", build.commit());
        facts.put("Started", started.truncatedTo(ChronoUnit.SECONDS));
        facts.put("Store", engine.store().name().orElse("chosen at the first use"));
        facts.put("Memory", memory());
        facts.put("Socket", paths.cliSocket());
        SdkSockets opened = sdk;
        facts.put("SDK", opened == null ? "opening" : String.join(", ", opened.facts()));
        facts.put("Config", paths.configFile());
        facts.put("Data", paths.data());
        facts.put("Log", paths.logFile());
        return facts;
    }

    private static String memory() {
        try {
            return Files.readAllLines(Path.of("/proc/self/status")).stream().filter(line -> line.startsWith("VmRSS:"))
                    .findFirst().map(line -> line.substring("VmRSS:".length()).strip()).orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    @Override
    public Path log() {
        return paths.logFile();
    }
}
