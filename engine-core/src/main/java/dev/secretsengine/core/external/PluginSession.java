package dev.secretsengine.core.external;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.client.protocol.ConnectCode;
import dev.secretsengine.client.protocol.PluginMessages.AccessControlModule;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginRequest;
import dev.secretsengine.client.protocol.PluginMessages.RegisterPluginResponse;
import dev.secretsengine.client.protocol.PluginMessages.SecretsProvider;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.TimeSpan;
import dev.secretsengine.core.connect.Call;
import dev.secretsengine.core.connect.CallException;
import dev.secretsengine.core.connect.Endpoint;
import dev.secretsengine.core.connect.Patterns;
import dev.secretsengine.core.connect.Router;
import dev.secretsengine.core.wire.Connection;
import dev.secretsengine.core.wire.Peer;
import dev.secretsengine.core.yamux.YamuxSession;
import dev.secretsengine.core.yamux.YamuxSettings;
import dev.secretsengine.core.yamux.YamuxStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connection of one plugin: it registers, then it is asked. */
final class PluginSession {

    private static final Logger LOG = LoggerFactory.getLogger(PluginSession.class);

    /** What a plugin may be called. */
    static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,127}");
    private static final Pattern VERSION = Pattern.compile("v(0|[1-9]\\d*)\\.(0|[1-9]\\d*)\\.(0|[1-9]\\d*)"
            + "(-[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?(\\+[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*)?");

    /** How long a plugin may take for an answer, as it is told when it registers. */
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(100);

    /** A stream that nothing is asked on. */
    private static final Duration STREAM_TIMEOUT = Duration.ofSeconds(30);

    /** How long a plugin may take over what it was asked before it was told to end. */
    private static final Duration FAREWELL = Duration.ofSeconds(5);

    private final ExternalPlugins registry;
    private final Peer peer;
    private final ExecutorService threads;
    private final YamuxSession session;
    private final PluginChannel channel;
    private final AtomicReference<@Nullable Member> accepted = new AtomicReference<>();
    private volatile @Nullable Member registered;

    private final AtomicBoolean ending = new AtomicBoolean();

    /** Down once it is registered, or its connection has ended. */
    private final CountDownLatch settled = new CountDownLatch(1);

    /** Down once its connection has ended. */
    private final CountDownLatch ended = new CountDownLatch(1);

    PluginSession(ExternalPlugins registry, Connection connection, InputStream input, ExecutorService threads) {
        this.registry = registry;
        this.peer = connection.peer();
        this.threads = threads;
        this.session = YamuxSession.server(input, connection.output(), connection, threads, YamuxSettings.DEFAULT);
        this.channel = new PluginChannel(session);
    }

    /** The plugin, once it is registered. */
    @Nullable
    Member plugin() {
        return registered;
    }

    /** The plugin, even if it has not heard yet that it is registered. */
    @Nullable
    Member accepted() {
        return accepted.get();
    }

    /** Takes the plugin's calls until its connection ends. */
    void serve() throws IOException {
        try {
            for (YamuxStream stream = session.accept(); stream != null; stream = session.accept()) {
                YamuxStream call = stream;
                threads.execute(() -> answer(call));
            }
        } catch (RejectedExecutionException e) {
            LOG.debug("a plugin's call came while the engine stops");
        } finally {
            session.close();
            settled.countDown();
            ended.countDown();
        }
    }

    /** Waits until it has registered, or its connection has ended; false if neither happens in time. */
    boolean awaitRegistration(Duration time) {
        try {
            return settled.await(time.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    private void answer(YamuxStream stream) {
        Registration registration = new Registration();
        Router router = new Router(List.of(new Endpoint<>(Rpc.REGISTER_PLUGIN, registration::register)));
        try (stream) {
            stream.limit(STREAM_TIMEOUT);
            router.answerOne(stream.input(), stream.output(), peer, new Cancellation());
            registration.complete();
        } catch (IOException e) {
            LOG.debug("a plugin's call ended: {}", e.getMessage());
        }
    }

    /** What one call of the plugin's comes to. */
    private final class Registration {

        private @Nullable Member member;

        RegisterPluginResponse register(RegisterPluginRequest request, Call call) throws CallException {
            member = accept(request);
            return new RegisterPluginResponse("secrets-engine", registry.engineVersion(),
                    TimeSpan.of(REQUEST_TIMEOUT));
        }

        /** Not before it was answered: a plugin rejects lookups until it knows that it is registered. */
        void complete() {
            Member told = member;
            if (told != null) {
                registered = told;
                settled.countDown();
                LOG.info("external plugin {} {} of process {} has registered {}", told.name(), told.version(),
                        peer.pid(), told.servedPattern());
            }
        }
    }

    private Member accept(RegisterPluginRequest request) throws CallException {
        String name = request.name() == null ? "" : request.name();
        String version = request.version() == null ? "" : request.version();
        require(NAME.matcher(name).matches(),
                "the name of the plugin is empty, or has other characters than A-Z a-z 0-9 . _ -");
        require(VERSION.matcher(version).matches(), "the version is not semantic with a leading v");
        Member member = switch (request.role()) {
            case SecretsProvider provider ->
                new ExternalPlugin(name, version.substring(1), Patterns.parse(provider.pattern()), channel);
            case AccessControlModule _ -> new AccessModule(name, version.substring(1), channel);
            case null -> throw new CallException(ConnectCode.INVALID_ARGUMENT,
                    "the plugin does not say whether it is a secrets provider or an access control module");
        };
        if (!registry.isEnabled(name)) {
            throw new CallException(ConnectCode.FAILED_PRECONDITION,
                    "plugin is disabled: docker pass plugins enable " + name);
        }
        if (!accepted.compareAndSet(null, member)) {
            throw new CallException(ConnectCode.ALREADY_EXISTS, "plugin already exists");
        }
        if (!registry.reserve(member, this)) {
            accepted.set(null);
            throw new CallException(ConnectCode.ALREADY_EXISTS, "plugin already exists");
        }
        return member;
    }

    private static void require(boolean holds, String otherwise) throws CallException {
        if (!holds) {
            throw new CallException(ConnectCode.INVALID_ARGUMENT, otherwise);
        }
    }

    /** A plugin that has said farewell still answers what it was asked before, and then hangs up. */
    private void awaitEnd() {
        try {
            if (!ended.await(FAREWELL.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.info("a plugin has not hung up within {} s of its farewell", FAREWELL.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Ends its connection. */
    void close() {
        session.close();
    }

    /** Tells the plugin to end, once, and ends its connection. */
    void end() {
        if (!ending.compareAndSet(false, true)) {
            awaitEnd();
            return;
        }
        Member plugin = registered;
        if (plugin != null && plugin.channel().shutdown()) {
            awaitEnd();
        }
        try {
            session.goAway();
        } catch (IOException e) {
            LOG.debug("a plugin went first");
        }
        session.close();
    }
}
