package dev.secretsengine.core.external;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.connect.ConnectServer;
import dev.secretsengine.core.plugin.EnabledPlugins;
import dev.secretsengine.core.plugin.PluginRow;
import dev.secretsengine.core.plugin.PluginStatus;
import dev.secretsengine.core.resolve.Source;
import dev.secretsengine.core.wire.Connection;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The plugins that have registered over a socket, and those that were switched off. Thread-safe. */
public final class ExternalPlugins implements ConnectServer.Upgrade {

    private static final Logger LOG = LoggerFactory.getLogger(ExternalPlugins.class);

    /** How long a plugin may take to register. */
    static final Duration REGISTERS_WITHIN = Duration.ofSeconds(5);

    private final EnabledPlugins enabled;
    private final ExecutorService threads;
    private final Map<String, PluginSession> sessions = new TreeMap<>();

    /** What is shown of a plugin that is switched off, since it has no session that could say it. */
    private final Map<String, PluginRow> disabled = new TreeMap<>();

    /** Modules of access control whose process has gone: fail closed. */
    private final Map<String, PluginRow> lostModules = new TreeMap<>();

    private final AccessControl accessControl = new AccessControl(this::deciders);

    /** Those that this engine launches, by the names of their files. */
    private final Map<String, LaunchedPlugin> launched = new TreeMap<>();

    private final Map<String, Path> executables = new TreeMap<>();
    private Predicate<String> taken = name -> false;
    private volatile String engineVersion = "";
    private boolean closed;

    /** What is looked up while the engine ends is denied if somebody would have decided. */
    private boolean endedWithModule;

    /** Which modules the engine is to miss was not known when it started: every lookup is denied. */
    private boolean modulesUnknown;

    /** None at first. */
    public ExternalPlugins(EnabledPlugins enabled, ExecutorService threads) {
        this.enabled = enabled;
        this.threads = threads;
    }

    /** Before the first one registers: the engine's version with a leading v, and which names others have. */
    public void open(String version, Predicate<String> namesOfOthers) {
        engineVersion = version;
        taken = namesOfOthers;
        synchronized (this) {
            modulesUnknown = enabled.problem().isPresent();
            enabled.modules()
                    .forEach(name -> lostModules.put(name,
                            missing(name, Member.UNKNOWN_VERSION, "it has not registered yet")));
        }
    }

    private static PluginRow missing(String name, String version, String why) {
        return Member.absent(name, version, PluginStatus.CRASHED,
                why + ": lookups over the SDK are denied until it registers again or is disabled");
    }

    String engineVersion() {
        return engineVersion;
    }

    @Override
    public void serve(Connection connection, InputStream input) throws IOException {
        PluginSession session = new PluginSession(this, connection, input, threads);
        serve(session, () -> {
            LOG.warn("hung up on process {}, which did not register as a plugin", connection.peer().pid());
            session.close();
        });
    }

    /** Serves a plugin to its end; one that does not register in time is somebody else's to end. */
    void serve(PluginSession session, Runnable unregistered) {
        threads.execute(() -> {
            if (!session.awaitRegistration(REGISTERS_WITHIN)) {
                unregistered.run();
            }
        });
        try {
            session.serve();
        } catch (IOException e) {
            LOG.debug("a plugin's connection ended: {}", e.getMessage());
        } finally {
            forget(session);
        }
    }

    /** Launches the executables of a folder, unless they are switched off. */
    public void launch(Path folder) {
        for (Path executable : PluginFolder.executables(folder)) {
            String name = String.valueOf(executable.getFileName());
            synchronized (this) {
                executables.put(name, executable);
            }
            launch(name);
        }
    }

    private synchronized void launch(String name) {
        Path executable = executables.get(name);
        if (executable == null || closed || launched.containsKey(name) || !isEnabled(name)) {
            return;
        }
        LaunchedPlugin plugin = new LaunchedPlugin(this, executable, threads);
        launched.put(name, plugin);
        plugin.start();
    }

    /** Whether a name was free and is kept for this session now. A module that was lost may be there again. */
    boolean reserve(Member member, PluginSession session) {
        if (taken.test(member.name())) {
            return false;
        }
        synchronized (this) {
            if (!isEnabled(member.name()) || sessions.putIfAbsent(member.name(), session) != null) {
                return false;
            }
            if (member instanceof AccessModule) {
                remember(member.name());
                lostModules.remove(member.name());
            }
            return true;
        }
    }

    private void remember(String module) {
        try {
            enabled.rememberModule(module);
        } catch (SecretsException e) {
            LOG.warn("cannot remember the access control module {}: {}", module, e.advice());
        }
    }

    boolean isEnabled(String name) {
        return enabled.isEnabledExternal(name);
    }

    private synchronized void forget(PluginSession session) {
        if (sessions.values().remove(session)) {
            Member member = session.accepted();
            if (member instanceof AccessModule && !closed) {
                lostModules.put(member.name(), missing(member.name(), member.version(), "its process has gone"));
            }
            LOG.info("external plugin {} has gone", member == null ? "without a name" : member.name());
        }
    }

    /** Who may look up over the SDK. */
    public AccessControl accessControl() {
        return accessControl;
    }

    /**
     * The modules that decide, in one look; none at all where one is missing. Those that have not heard yet that they are
     * registered, too: until then they deny.
     */
    private synchronized Optional<List<AccessModule>> deciders() {
        if (!lostModules.isEmpty() || endedWithModule || modulesUnknown) {
            return Optional.empty();
        }
        List<AccessModule> modules = new ArrayList<>();
        for (PluginSession session : sessions.values()) {
            if (session.accepted() instanceof AccessModule module) {
                modules.add(module);
            }
        }
        return Optional.of(modules);
    }

    /** Those that can be asked. */
    public synchronized List<Source> sources() {
        List<Source> sources = new ArrayList<>();
        for (PluginSession session : sessions.values()) {
            if (session.plugin() instanceof ExternalPlugin plugin) {
                sources.add(plugin.source());
            }
        }
        return sources;
    }

    /** Those that are there, and those that were there and are switched off, by name. */
    public synchronized List<PluginRow> rows() {
        Map<String, PluginRow> rows = new TreeMap<>();
        enabled.disabledExternal().forEach(name -> rows.put(name,
                Member.absent(name, Member.UNKNOWN_VERSION, PluginStatus.DISABLED, "")));
        rows.putAll(disabled);
        rows.putAll(lostModules);
        launched.values().forEach(plugin -> rows.put(plugin.name(), plugin.row()));
        for (PluginSession session : sessions.values()) {
            Member plugin = session.plugin();
            if (plugin != null) {
                rows.put(plugin.name(), plugin.row(PluginStatus.RUNNING, ""));
            }
        }
        return List.copyOf(rows.values());
    }

    /** Whether one of them has this name. */
    public boolean knows(String name) {
        return rows().stream().anyMatch(row -> row.name().equals(name));
    }

    /**
     * Lets a plugin register, or not: then one that is there is told to end.
     *
     * @throws SecretsException.Failed if the choice cannot be written
     */
    public void enable(String name, boolean on) throws SecretsException {
        enabled.chooseExternal(name, on);
        if (!on) {
            enabled.forgetModule(name);
        }
        if (on) {
            forgetDisabled(name);
            launch(name);
        } else {
            end(name);
        }
        LOG.info("external plugin {} {}", name, on ? "may register" : "disabled");
    }

    private synchronized void forgetDisabled(String name) {
        disabled.remove(name);
        LaunchedPlugin ended = launched.get(name);
        if (ended != null && ended.row().status() == PluginStatus.RETRIES_EXCEEDED) {
            launched.remove(name);
        }
    }

    private void end(String name) {
        PluginSession session;
        LaunchedPlugin child;
        synchronized (this) {
            session = sessions.remove(name);
            child = launched.remove(name);
            Member plugin = session == null ? null : session.plugin();
            PluginRow lost = lostModules.remove(name);
            if (plugin != null) {
                disabled.put(name, plugin.row(PluginStatus.DISABLED, ""));
            } else if (lost != null) {
                disabled.put(name, Member.absent(name, lost.version(), PluginStatus.DISABLED, ""));
            }
        }
        if (child != null) {
            child.stop();
        } else if (session != null) {
            session.end();
        }
    }

    /** Tells all of them to end, and waits a moment for them: those that were launched are killed then. */
    public void close() {
        List<PluginSession> all;
        List<LaunchedPlugin> children;
        synchronized (this) {
            closed = true;
            endedWithModule = sessions.values().stream()
                    .anyMatch(session -> session.accepted() instanceof AccessModule);
            children = new ArrayList<>(launched.values());
            all = new ArrayList<>(sessions.values());
            sessions.clear();
            launched.clear();
        }
        List<Thread> stopping = Stream.concat(all.stream().map(session -> (Runnable) session::end),
                children.stream().map(child -> (Runnable) child::stop))
                .map(Thread.ofPlatform().daemon()::start).toList();
        LaunchedPlugin.endAll(children, stopping);
    }
}
