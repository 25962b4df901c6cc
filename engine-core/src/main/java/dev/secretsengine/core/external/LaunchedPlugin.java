package dev.secretsengine.core.external;

import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.Peer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An executable that is kept running as a plugin: started again after longer and longer pauses when it ends. */
final class LaunchedPlugin {

    private static final Logger LOG = LoggerFactory.getLogger(LaunchedPlugin.class);

    private static final Duration GOOD_LIFE = Duration.ofMinutes(1);
    private static final List<Duration> PAUSES = List.of(Duration.ofMillis(200), Duration.ofSeconds(1),
            Duration.ofSeconds(5), Duration.ofSeconds(15));
    private static final Duration ENDS_WITHIN = Duration.ofSeconds(2);

    /** How long the end of the engine waits for that of its plugins. */
    private static final Duration MOMENT = Duration.ofMillis(200);
    private static final int SIGTERM = 15;
    private static final int SIGKILL = 9;
    private static final int LONGEST_LINE = 500;

    private final ExternalPlugins registry;
    private final String name;
    private final Path executable;
    private final ExecutorService threads;
    private boolean wanted = true;
    private boolean over;

    /** Its process may be there, and nobody knows it yet. */
    private boolean starting;
    private @Nullable Spawn process;
    private @Nullable PluginSession session;
    private PluginStatus status = PluginStatus.STOPPED;
    private String message = "starting";
    private String lastError = "";

    LaunchedPlugin(ExternalPlugins registry, Path executable, ExecutorService threads) {
        this.registry = registry;
        this.name = String.valueOf(executable.getFileName());
        this.executable = executable;
        this.threads = threads;
    }

    String name() {
        return name;
    }

    void start() {
        Thread thread = new Thread(this::keepRunning, "plugin-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** What is shown while it has no session that is registered. */
    synchronized PluginRow row() {
        return Member.absent(name, Member.UNKNOWN_VERSION, status, message);
    }

    private void keepRunning() {
        int failures = 0;
        while (isWanted()) {
            long begin = System.nanoTime();
            String why = runOnce();
            boolean goodLife = System.nanoTime() - begin > GOOD_LIFE.toNanos();
            failures = goodLife ? 1 : failures + 1;
            if (isWanted()) {
                LOG.warn("the plugin {} ended: {}", name, why);
                fail(failures > PAUSES.size() ? PluginStatus.RETRIES_EXCEEDED : PluginStatus.CRASHED, why);
                if (failures > PAUSES.size()) {
                    return;
                }
                await(PAUSES.get(failures - 1), () -> !wanted);
            }
        }
    }

    private synchronized boolean isWanted() {
        return wanted;
    }

    private synchronized void fail(PluginStatus as, String why) {
        status = as;
        message = lastError.isEmpty() ? why : lastError;
    }

    /** Waits at most so long, and answers whether what it waits for has come. */
    private synchronized boolean await(Duration time, BooleanSupplier condition) {
        long end = System.nanoTime() + time.toNanos();
        try {
            for (long left = time.toMillis(); !condition.getAsBoolean()
                    && left > 0; left = (end - System.nanoTime()) / 1_000_000) {
                wait(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            wanted = false;
        }
        return condition.getAsBoolean();
    }

    /** Starts it and waits for its end; why it ended. */
    private String runOnce() {
        Spawn started;
        PluginSession opened;
        synchronized (this) {
            lastError = "";
            starting = true;
        }
        try {
            started = Spawn.start(executable, environment());
        } catch (IOException e) {
            notStarting();
            return "it " + e.getMessage() + ": check its mode and its first line";
        }
        Peer peer = new Peer(-1, started.pid());
        Thread log = Thread.ofPlatform().daemon().name("plugin-" + name + "-errors")
                .start(() -> log(started.errors(), peer));
        try {
            Connection connection = Connection.toChild(started.socket(), peer);
            opened = new PluginSession(registry, connection, connection.input(), threads);
        } catch (IOException e) {
            started.signal(SIGKILL);
            started.await();
            notStarting();
            return "its socket could not be used";
        }
        begun(started, opened);
        threads.execute(() -> registry.serve(opened, () -> endUnregistered(started)));
        started.await();
        opened.close();
        join(log);
        synchronized (this) {
            over = true;
            notifyAll();
        }
        return "it ended";
    }

    /** Its last words are read before it is judged; a child of its own may hold the other end open for longer. */
    private static void join(Thread log) {
        try {
            log.join(Duration.ofMillis(500));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void notStarting() {
        starting = false;
        notifyAll();
    }

    private synchronized void begun(Spawn started, PluginSession opened) {
        process = started;
        session = opened;
        over = false;
        starting = false;
        if (!wanted) {
            started.signal(SIGTERM);
        }
    }

    private List<String> environment() {
        List<String> environment = new ArrayList<>();
        for (Map.Entry<String, String> variable : System.getenv().entrySet()) {
            environment.add(variable.getKey() + "=" + variable.getValue());
        }
        environment.add("DOCKER_SECRETS_ENGINE_PLUGIN_LAUNCH_CFG={\"name\":\"" + name + "\",\"timeout\":"
                + ExternalPlugins.REGISTERS_WITHIN.toNanos() + ",\"fd\":3}");
        return environment;
    }

    private synchronized void endUnregistered(Spawn started) {
        if (!over && process != null && process.pid() == started.pid()) {
            lastError = "it did not register within " + ExternalPlugins.REGISTERS_WITHIN.toSeconds() + " s";
            started.signal(SIGKILL);
        }
    }

    /** What it says on standard error goes into the log, and its last words are shown if it ends. */
    private void log(int descriptor, Peer peer) {
        try (Connection errors = Connection.toChild(descriptor, peer);
                BufferedReader lines = new BufferedReader(
                        new InputStreamReader(errors.input(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                String shown = printable(line);
                LOG.info("{}: {}", name, shown);
                synchronized (this) {
                    lastError = shown.isBlank() ? lastError : shown;
                }
            }
        } catch (IOException e) {
            LOG.debug("{} says no more", name);
        }
    }

    private static String printable(String line) {
        StringBuilder shown = new StringBuilder();
        line.codePoints().limit(LONGEST_LINE)
                .forEach(c -> shown.appendCodePoint(Character.isISOControl(c) ? '?' : c));
        return shown.toString();
    }

    /** Ends it for good: by its own procedure, else by signals. */
    void stop() {
        PluginSession current;
        synchronized (this) {
            wanted = false;
            notifyAll();
            current = session;
        }
        if (current != null) {
            current.end();
        }
        for (int signal : new int[]{SIGTERM, SIGKILL}) {
            if (!await(ENDS_WITHIN, () -> !starting && (process == null || over))) {
                signal(signal);
            }
        }
    }

    /** Waits a moment for the threads on which plugins end, and once more after a signal to those that are launched. */
    static void endAll(List<LaunchedPlugin> children, List<Thread> ends) {
        for (int signal : new int[]{SIGTERM, SIGKILL}) {
            long until = System.nanoTime() + MOMENT.toNanos();
            try {
                for (Thread end : ends) {
                    var _ = end.join(Duration.ofNanos(Math.max(0, until - System.nanoTime())));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            children.forEach(child -> child.signal(signal));
        }
    }

    private synchronized void signal(int number) {
        if (process != null && !over) {
            process.signal(number);
        }
    }
}
