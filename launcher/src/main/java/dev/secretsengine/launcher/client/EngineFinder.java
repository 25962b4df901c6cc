package dev.secretsengine.launcher.client;

import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.ForeignFiles;
import dev.secretsengine.core.config.PrivateFiles;
import dev.secretsengine.core.config.SdkPaths;
import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Invocation;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channel;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** Connects to the user's engine, and starts one where there is none: never two. */
final class EngineFinder {

    private static final long START_LIMIT_NANOS = 30_000_000_000L;
    private static final long STOP_LIMIT_NANOS = 20_000_000_000L;
    private static final long PAUSE_MILLIS = 5;

    /** How many bytes at the end of what an engine wrote. */
    private static final int OUTPUT_SHOWN = 4096;

    /** What of a caller's environment concerns its engine; the rest may hold secrets and stays out. */
    private static final Set<String> INHERITED = Set.of("HOME", "PATH", "LANG", "TMPDIR", "USER", "LOGNAME",
            "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
            "XDG_CACHE_HOME", "SECRETS_ENGINE_HOME", "CREDENTIALS_DIRECTORY", "DISPLAY", "WAYLAND_DISPLAY");

    private final EnginePaths paths;
    private final Map<String, String> environment;

    EngineFinder(EnginePaths paths, Map<String, String> environment) {
        this.paths = paths;
        this.environment = environment;
    }

    /** A connection to the running engine, if one answers. */
    Optional<SocketChannel> connect() {
        Optional<SocketChannel> recorded = connect(paths.runningCliSocket());
        return recorded.isPresent() ? recorded : connect(paths.cliSocket());
    }

    private Optional<SocketChannel> connect(Path socket) {
        SocketChannel channel = null;
        try {
            if (!Files.exists(socket)) {
                return Optional.empty();
            }
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            channel.connect(UnixDomainSocketAddress.of(socket));
            requireOurs(channel);
            return Optional.of(channel);
        } catch (IOException e) {
            close(channel);
            return Optional.empty();
        }
    }

    /** No process of another user is ever told a secret. */
    private void requireOurs(SocketChannel channel) throws IOException {
        UserPrincipal server = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        if (!server.equals(Files.getOwner(Path.of("/proc/self")))) {
            throw new ClientException(Main.UNREACHABLE, "the socket in " + paths.run()
                    + " is another user's, who was told nothing: end the process that " + paths.addressFile()
                    + " names, or set XDG_RUNTIME_DIR or SECRETS_ENGINE_HOME to a folder of your own");
        }
    }

    private static void close(@Nullable Channel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            // It never was open to anybody.
        }
    }

    /** A connection to the engine, which is started if none answers. */
    SocketChannel connectOrStart() throws IOException {
        Optional<SocketChannel> running = connect();
        if (running.isPresent()) {
            return running.get();
        }
        try (FileChannel file = open(paths.startLockFile()); FileLock lock = file.lock()) {
            // Another client may have started it while this one waited for the lock.
            running = lock.isValid() ? connect() : Optional.empty();
            return running.isPresent() ? running.get() : start();
        }
    }

    private FileChannel open(Path file) {
        try {
            return PrivateFiles.openLock(file);
        } catch (IOException e) {
            throw unusable("write to " + paths.state());
        }
    }

    private ClientException unusable(String what) {
        return new ClientException(Main.UNREACHABLE,
                new ForeignFiles(paths, SdkPaths.of(environment, paths)).objection()
                        .orElse("cannot " + what + ": check its owner, its mode and the free space,"
                                + " or set SECRETS_ENGINE_HOME to another folder"));
    }

    private SocketChannel start() throws IOException {
        // Made here for its mode.
        open(output()).close();
        ProcessBuilder builder = new ProcessBuilder(Build.image().resolve("bin/secrets-engine").toString(),
                "--detached");
        builder.environment().keySet().retainAll(INHERITED);
        builder.environment().putAll(environment.entrySet().stream()
                .filter(variable -> INHERITED.contains(variable.getKey()))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
        builder.directory(new File("/"));
        builder.redirectInput(new File("/dev/null"));
        builder.redirectOutput(output().toFile());
        builder.redirectErrorStream(true);
        Process engine;
        try {
            engine = builder.start();
        } catch (IOException e) {
            throw new ClientException(Main.UNREACHABLE,
                    "the installation is damaged: cannot run " + Build.image().resolve("bin/secrets-engine"));
        }
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < START_LIMIT_NANOS) {
            Optional<SocketChannel> channel = connect();
            if (channel.isPresent()) {
                return channel.get();
            }
            if (!engine.isAlive()) {
                throw new ClientException(Main.UNREACHABLE, "the engine did not start: " + lastLine(output()));
            }
            pause();
        }
        throw new ClientException(Main.UNREACHABLE,
                "the engine does not answer: docker pass engine logs says more");
    }

    /** What a new engine writes before its log is open, why it does not start for one. */
    private Path output() {
        return paths.logFile().resolveSibling("engine.out");
    }

    private static String lastLine(Path output) throws IOException {
        List<String> lines = Files.readAllLines(output);
        return lines.isEmpty() ? "it said nothing, look at " + output : lines.get(lines.size() - 1);
    }

    private static void pause() {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientException(1, "interrupted");
        }
    }

    /** Ends the engine that runs, if one does, and waits for its end. */
    void stop() throws IOException {
        Optional<SocketChannel> channel = connect();
        if (channel.isPresent()) {
            try (SocketChannel open = channel.get()) {
                Conversation.order(open, List.of("engine", "stop"));
            }
            awaitEnd();
        }
    }

    /** Waits until the engine that was told to end has given its lock back. */
    void awaitEnd() throws IOException {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < STOP_LIMIT_NANOS) {
            // Under the start lock, so that no engine that is just starting finds the lock taken by us.
            try (FileChannel start = open(paths.startLockFile());
                    FileLock starting = start.lock();
                    FileChannel file = open(paths.lockFile());
                    FileLock lock = file.tryLock()) {
                if (starting.isValid() && lock != null) {
                    return;
                }
            }
            pause();
        }
        throw new ClientException(Main.UNREACHABLE, "the engine is still busy: docker pass engine status says more");
    }

    private void print(Path file, int most) {
        try {
            byte[] text = Files.readAllBytes(file);
            Terminal.out(Arrays.copyOfRange(text, Math.max(0, text.length - most), text.length));
        } catch (NoSuchFileException e) {
            // No engine has started yet.
        } catch (IOException e) {
            throw unusable("read " + file);
        }
    }

    /** {@code engine stop}, {@code status} and {@code logs} while no engine runs. */
    int answerWithoutEngine(Invocation invocation) throws IOException {
        if (invocation.is("engine", "logs")) {
            print(paths.logFile(), Integer.MAX_VALUE);
            print(output(), OUTPUT_SHOWN);
            return 0;
        }
        if (invocation.is("engine", "status") || invocation.is("engine", "stop")) {
            Terminal.out("The engine is not running: docker pass engine start starts it\n"
                    .getBytes(StandardCharsets.UTF_8));
            return invocation.is("engine", "stop") ? 0 : Main.UNREACHABLE;
        }
        return new Conversation(Caller.ofThisProcess(invocation.arguments()), this, invocation).hold();
    }
}
