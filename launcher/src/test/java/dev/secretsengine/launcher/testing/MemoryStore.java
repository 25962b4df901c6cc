package dev.secretsengine.launcher.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A store in memory, which lists in no useful order. Used by one command at a time. */
public final class MemoryStore implements LocalStore {

    /** When every secret was made. */
    public static final Instant CREATED = Instant.parse("2026-01-02T03:04:05Z");

    private record Entry(byte[] value, Map<String, String> metadata) {
    }

    private final Map<SecretId, Entry> entries = new HashMap<>();
    private final Map<SecretId, SecretsException> failures = new HashMap<>();
    private final Set<RequestContext> removals = new HashSet<>();
    private Probe state = new Probe(State.READY, "");

    /** A secret that is there already. */
    public MemoryStore with(String id, String value) {
        return with(id, value.getBytes(UTF_8));
    }

    public MemoryStore with(String id, byte[] value) {
        entries.put(SecretId.parse(id), new Entry(value, Map.of()));
        return this;
    }

    /** Fails when this one is to be removed. */
    public void stick(String id) {
        fail(id, new SecretsException.Failed(id, "the disk is full", "make room"));
    }

    /** Fails like this when this one is to be removed. */
    public void fail(String id, SecretsException failure) {
        failures.put(SecretId.parse(id), failure);
    }

    /** The requests that asked it to remove secrets. */
    public Set<RequestContext> removals() {
        return removals;
    }

    public void become(State next, String message) {
        state = new Probe(next, message);
    }

    /** The value of a secret, null if it is not there. */
    public byte @Nullable [] value(String id) {
        Entry entry = entries.get(SecretId.parse(id));
        return entry == null ? null : entry.value();
    }

    public String text(String id) {
        return new String(Objects.requireNonNull(value(id)), UTF_8);
    }

    /** The value of a plugin's secret setting, of which there is one. */
    public String setting(String plugin, String setting) {
        SecretPattern all = SecretPattern.parse("docker/secrets-engine/plugins/" + plugin + "/*/" + setting);
        List<SecretId> found = entries.keySet().stream().filter(all::matches).toList();
        if (found.size() != 1) {
            throw new AssertionError("not one: " + found);
        }
        return text(found.get(0).toString());
    }

    public Map<String, String> metadata(String id) {
        return entries.get(SecretId.parse(id)).metadata();
    }

    /** Every ID, sorted. */
    public List<String> ids() {
        return entries.keySet().stream().sorted().map(SecretId::toString).toList();
    }

    @Override
    public Probe probe(RequestContext context) {
        return state;
    }

    private void requireReady() throws SecretsException {
        if (state.state() != State.READY) {
            throw new SecretsException.Unavailable("docker-pass", state.message(), "unlock it");
        }
    }

    private Envelope envelope(SecretId id) {
        Entry entry = entries.get(id);
        return new Envelope(id, SecretValue.copyOf(entry.value()), "", "", CREATED, Instant.now(), null,
                entry.metadata());
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) throws SecretsException {
        requireReady();
        return entries.keySet().stream().filter(pattern::matches).map(this::envelope).toList();
    }

    @Override
    public Optional<Envelope> get(SecretId id, RequestContext context) throws SecretsException {
        requireReady();
        return entries.containsKey(id) ? Optional.of(envelope(id)) : Optional.empty();
    }

    @Override
    public Optional<SecretInfo> describe(SecretId id, RequestContext context) throws SecretsException {
        return list(SecretPattern.of(id), context).stream().findFirst();
    }

    @Override
    public List<SecretInfo> list(SecretPattern pattern, RequestContext context) throws SecretsException {
        requireReady();
        List<SecretInfo> found = new ArrayList<>();
        entries.keySet().stream().filter(pattern::matches).sorted()
                .forEach(id -> found.add(new SecretInfo(id, CREATED, null, entries.get(id).metadata())));
        return found.reversed();
    }

    @Override
    public void set(SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws SecretsException {
        requireReady();
        entries.put(id, new Entry(value.copyBytes(), Map.copyOf(metadata)));
    }

    @Override
    public boolean remove(SecretId id, RequestContext context) throws SecretsException {
        removals.add(context);
        requireReady();
        if (failures.containsKey(id)) {
            throw failures.get(id);
        }
        return entries.remove(id) != null;
    }
}
