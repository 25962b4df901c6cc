package dev.secretsengine.client;

import dev.secretsengine.client.protocol.Decision;
import dev.secretsengine.client.protocol.Empty;
import dev.secretsengine.client.protocol.HealthMessages.GetVersionResponse;
import dev.secretsengine.client.protocol.PluginMessages.PluginRequest;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeRequest;
import dev.secretsengine.client.protocol.ResolverMessages.AuthorizeResponse;
import dev.secretsengine.client.protocol.ResolverMessages.Envelope;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsRequest;
import dev.secretsengine.client.protocol.ResolverMessages.GetSecretsResponse;
import dev.secretsengine.client.protocol.Rpc;
import dev.secretsengine.client.protocol.codec.Timestamp;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * The secrets engine of this user.
 *
 * <pre>{@code
 * try (SecretsEngine engine = SecretsEngine.connect(); Secret token = engine.resolve("se://myapp/token")) {
 *     use(token.bytes());
 * }
 * }</pre>
 *
 * Connections are kept open and used again; an engine that was restarted meanwhile is found again. Thread-safe, on
 * virtual threads too; a thread that is interrupted while it waits gets {@link EngineException.Unavailable}. Whoever
 * connects closes.
 */
public final class SecretsEngine implements AutoCloseable {

    /** Long enough for a user to answer a prompt to unlock a keychain. */
    private static final Duration TIMEOUT = Duration.ofSeconds(100);

    private static final String SCHEME = "se://";

    private final ConnectionPool pool;

    private SecretsEngine(ConnectionPool pool) {
        this.pool = pool;
    }

    /**
     * Connects to the engine where the environment says that it is: below {@code SECRETS_ENGINE_HOME} if that is set,
     * else in the user's cache folder. A call may take 100 s.
     *
     * @throws EngineException.Unavailable if no engine listens there: {@code docker pass engine start}
     * @throws EngineException.Invalid if the environment does not say where
     */
    public static SecretsEngine connect() throws EngineException {
        return connect(SocketFile.find(), TIMEOUT);
    }

    /**
     * Connects to the engine at this socket.
     *
     * @param timeout of a call; the engine is told and stops working on it
     * @throws EngineException.Unavailable if no engine listens there
     */
    public static SecretsEngine connect(Path socket, Duration timeout) throws EngineException {
        ConnectionPool pool = new ConnectionPool(socket, timeout);
        try {
            pool.check();
            return new SecretsEngine(pool);
        } catch (EngineException e) {
            pool.close();
            throw e;
        }
    }

    /**
     * The secret that a reference names; the caller closes it.
     *
     * @param reference {@code se://} and an ID, or the ID alone
     * @throws EngineException.NotFound if no plugin has it
     * @throws EngineException.Denied if this program may not have it
     * @throws EngineException.Invalid if it is no reference to one secret
     */
    public Secret resolve(String reference) throws EngineException {
        String id = reference.startsWith(SCHEME) ? reference.substring(SCHEME.length()) : reference;
        if (id.isEmpty() || id.indexOf('*') >= 0) {
            throw new EngineException.Invalid("a reference names one secret: se://, then its ID");
        }
        List<Secret> found = find(id);
        if (found.size() > 1) {
            found.forEach(Secret::close);
            throw new EngineException.Invalid("the reference matches " + found.size()
                    + " secrets, of several plugins: find answers all");
        }
        return found.getFirst();
    }

    /**
     * The secrets that a pattern matches, at least one, in the engine's order; the caller closes them.
     *
     * @param pattern an ID in which {@code *} stands for one component and {@code **} for any number of them
     * @throws EngineException.NotFound if there is none
     * @throws EngineException.Denied if this program may not have them
     * @throws EngineException.Invalid if it is no pattern
     */
    public List<Secret> find(String pattern) throws EngineException {
        GetSecretsResponse response = pool.call(Rpc.GET_SECRETS, new GetSecretsRequest(pattern));
        if (response.envelopes().isEmpty()) {
            throw new EngineException.NotFound("secret not found");
        }
        List<Secret> secrets = new ArrayList<>();
        for (Envelope envelope : response.envelopes()) {
            secrets.add(Secret.of(envelope));
        }
        return secrets;
    }

    /**
     * Asks whether this program may have the secrets that these patterns match, without getting them.
     *
     * @return until when that holds, if there is a limit
     * @throws EngineException.Denied if it may not
     * @throws EngineException.Invalid if one is no pattern, or there is none
     */
    public Optional<Instant> authorize(List<String> patterns) throws EngineException {
        AuthorizeResponse response = pool.call(Rpc.AUTHORIZE, new AuthorizeRequest(patterns));
        if (!Decision.ALLOW.equals(response.decision())) {
            throw new EngineException.Denied("access denied");
        }
        return Optional.ofNullable(response.expiresAt()).flatMap(Timestamp::instant);
    }

    /** All plugins of the engine, in its order. */
    public List<Plugin> plugins() throws EngineException {
        return pool.call(Rpc.LIST_PLUGINS, new Empty()).plugins().stream().map(Plugin::of).toList();
    }

    /**
     * Enables a plugin.
     *
     * @throws EngineException.NotFound if there is none of that name
     * @throws EngineException.Invalid if it cannot be enabled and disabled
     */
    public void enablePlugin(String name) throws EngineException {
        pool.call(Rpc.ENABLE_PLUGIN, new PluginRequest(name));
    }

    /**
     * Disables a plugin.
     *
     * @throws EngineException.NotFound if there is none of that name
     * @throws EngineException.Invalid if it cannot be enabled and disabled
     */
    public void disablePlugin(String name) throws EngineException {
        pool.call(Rpc.DISABLE_PLUGIN, new PluginRequest(name));
    }

    /** Which engine answers. */
    public EngineVersion version() throws EngineException {
        GetVersionResponse response = pool.call(Rpc.GET_VERSION, new Empty());
        return new EngineVersion(Objects.requireNonNullElse(response.version(), ""),
                Objects.requireNonNullElse(response.date(), ""),
                Objects.requireNonNullElse(response.commitHash(), ""));
    }

    /** Closes the connections; calls that are under way end first. Secrets that were given out stay. */
    @Override
    public void close() {
        pool.close();
    }
}
