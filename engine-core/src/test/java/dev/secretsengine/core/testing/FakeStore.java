package dev.secretsengine.core.testing;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BiConsumer;

/** A store in memory that answers as its state says. */
public class FakeStore implements LocalStore {

    /** What goes before a change. */
    @FunctionalInterface
    public interface Change {

        /** See {@link LocalStore#set}. */
        void begin() throws SecretsException;
    }

    private final Map<SecretId, byte[]> values = new ConcurrentSkipListMap<>();
    private volatile Probe state;
    private volatile Change beforeChange = () -> {
    };
    private volatile BiConsumer<SecretPattern, RequestContext> beforeLookups = (pattern, context) -> {
    };

    public FakeStore(State state, String message) {
        this.state = new Probe(state, message);
    }

    public void become(State next, String message) {
        state = new Probe(next, message);
    }

    @Override
    public Probe probe(RequestContext context) {
        return state;
    }

    /** Does something before whatever is set or removed. */
    public void beforeChange(Change action) {
        beforeChange = action;
    }

    /** What a lookup does first: wait for its user, for one. */
    public void beforeLookups(BiConsumer<SecretPattern, RequestContext> action) {
        beforeLookups = action;
    }

    private void requireReady() throws SecretsException {
        if (state.state() != State.READY) {
            throw new SecretsException.Unavailable("docker-pass", state.message(), "");
        }
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        requireReady();
        beforeLookups.accept(pattern, context);
        return values.keySet().stream().filter(pattern::matches).map(this::envelope).toList();
    }

    private Envelope envelope(SecretId id) {
        return Envelope.of(id, SecretValue.copyOf(values.get(id)));
    }

    @Override
    public Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException {
        requireReady();
        return values.containsKey(id) ? Optional.of(envelope(id)) : Optional.empty();
    }

    @Override
    public Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException {
        return list(SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
        requireReady();
        return values.keySet().stream().filter(pattern::matches).map(id -> new SecretInfo(id, null, null, Map.of()))
                .toList();
    }

    @Override
    public void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException {
        requireReady();
        beforeChange.begin();
        values.put(id, value.copyBytes());
    }

    @Override
    public boolean remove(SecretId id, RequestContext context) throws SecretsException {
        requireReady();
        beforeChange.begin();
        return values.remove(id) != null;
    }
}
