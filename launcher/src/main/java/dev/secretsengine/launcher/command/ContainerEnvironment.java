package dev.secretsengine.launcher.command;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.core.resolve.References;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code __environment [NAME...]}: what the OCI runtime wrapper asks before a container starts. References are answered
 * as {@code run} answers them, all or none; names of variables that stand as {@code NAME=} are answered where the local
 * store has a secret of that name.
 */
final class ContainerEnvironment {

    /** The word on the command line. */
    static final String COMMAND = "__environment";

    private static final Logger LOG = LoggerFactory.getLogger(ContainerEnvironment.class);

    private static final int REFUSED = 1;
    private static final int UNAVAILABLE = 4;

    /** A container can do without: nobody waits for a store that does not answer. */
    private static final Duration FILL_PATIENCE = Duration.ofSeconds(2);

    private final CommandContext context;

    ContainerEnvironment(CommandContext context) {
        this.context = context;
    }

    /** Answers by variables, or by one line on stderr for each reference that could not be resolved. */
    int run(List<String> names) throws IOException {
        Map<String, SecretValue> resolved;
        try {
            resolved = context.engine().references().resolve(context.session().references(), context.request());
        } catch (References.UnresolvedException e) {
            for (String line : e.lines()) {
                context.printError(line);
            }
            return e.isUnavailable() ? UNAVAILABLE : REFUSED;
        }
        try {
            for (Map.Entry<String, SecretValue> variable : resolved.entrySet()) {
                send(variable.getKey(), variable.getValue());
            }
        } finally {
            resolved.values().forEach(SecretValue::close);
        }
        RequestContext fill = RequestContext.of(FILL_PATIENCE, context.session().cancellation(), Map.of());
        for (String name : names) {
            Optional<Envelope> found = stored(name, fill);
            if (found.isPresent()) {
                try (Envelope envelope = found.get()) {
                    send(name, envelope.value());
                }
            }
        }
        return 0;
    }

    /** The secret of this name in the local store, if it can be had without a prompt and without choosing a store. */
    private Optional<Envelope> stored(String name, RequestContext request) {
        try {
            SecretId id = SecretId.parse(name);
            if (request.remaining().isZero() || InternalIds.contains(id) || context.engine().store().name().isEmpty()) {
                return Optional.empty();
            }
            LocalStore store = context.engine().localStore(request);
            return store.probe(request).state() == LocalStore.State.READY ? store.get(id, request) : Optional.empty();
        } catch (IllegalArgumentException e) {
            LOG.debug("a variable's name is no ID");
        } catch (SecretsException e) {
            LOG.debug("a variable was left empty: {}", e.getMessage());
        }
        return Optional.empty();
    }

    private void send(String name, SecretValue value) throws IOException {
        byte[] bytes = value.copyBytes();
        try {
            context.variable(name, bytes);
        } finally {
            Arrays.fill(bytes, (byte) 0);
        }
    }
}
