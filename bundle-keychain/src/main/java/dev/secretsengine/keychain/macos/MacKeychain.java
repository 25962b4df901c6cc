package dev.secretsengine.keychain.macos;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.macos.Attribute.Constant;
import dev.secretsengine.keychain.system.Keychain;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The login keychain of macOS: generic passwords whose account is the ID, whose service is the service name and whose
 * access group is the service group. The metadata lies in their generic attribute.
 */
public final class MacKeychain implements Keychain {

    private static final Duration LOOK = Duration.ofMillis(1900);

    /** One item for each keychain of the search list, at most. */
    private static final int MANY = 16;

    private final Supplier<Security> opening;
    private final ReentrantLock writing = new ReentrantLock();
    private @Nullable Security opened;

    /** Made when it is first needed. */
    MacKeychain(Supplier<Security> opening) {
        this.opening = opening;
    }

    /** The keychain of this Mac. Nothing of JNA is loaded before the first call. */
    public static Keychain ofThisMac() {
        return new MacKeychain(JnaSecurity::ofThisMac);
    }

    private synchronized Security security() {
        if (opened == null) {
            opened = opening.get();
        }
        return opened;
    }

    @Override
    public Probe probe(Layout layout, RequestContext context) {
        try {
            Map<Attribute, Object> query = new EnumMap<>(Attribute.class);
            query.put(Attribute.CLASS, Constant.GENERIC_PASSWORD);
            query.put(Attribute.LIMIT, Constant.ONE);
            // Attributes can be read while it is locked, and without a prompt.
            query.put(Attribute.RETURN_ATTRIBUTES, true);
            RequestContext limited = context.remaining().compareTo(LOOK) < 0 ? context : context.within(LOOK);
            return OsStatus.probe(Waiting.on("", limited, () -> security().find(query, new ArrayList<>()), _ -> {
            }));
        } catch (SecretsException e) {
            return e.getCause() instanceof LinkageError
                    ? new Probe(State.ABSENT, String.valueOf(e.getMessage()))
                    : new Probe(State.LOCKED, e.advice());
        }
    }

    @Override
    public List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return Waiting.on(pattern.toString(), context, () -> infos(layout, pattern), _ -> {
        });
    }

    private List<SecretInfo> infos(Layout layout, SecretPattern pattern) throws SecretsException {
        List<Map<Attribute, Object>> items = new ArrayList<>();
        Map<Attribute, Object> query = query(layout, pattern.asId());
        query.put(Attribute.RETURN_ATTRIBUTES, true);
        query.put(Attribute.LIMIT, Constant.ALL);
        find(pattern.toString(), query, items);
        Map<SecretId, SecretInfo> infos = new LinkedHashMap<>();
        for (Map<Attribute, Object> item : items) {
            Map<String, String> attributes = attributes(item);
            layout.idOf(attributes).filter(pattern::matches).ifPresent(
                    id -> infos.putIfAbsent(id, new SecretInfo(id, (Instant) item.get(Attribute.CREATED),
                            (Instant) item.get(Attribute.MODIFIED), Layout.metadataOf(attributes))));
        }
        return List.copyOf(infos.values());
    }

    @Override
    public List<Envelope> read(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return Waiting.on(pattern.toString(), context, () -> {
            List<SecretId> ids = new ArrayList<>();
            if (pattern.asId().isPresent()) {
                ids.add(pattern.asId().get());
            } else {
                infos(layout, pattern).forEach(info -> ids.add(info.id()));
            }
            return envelopes(layout, ids, context);
        }, late -> late.forEach(Envelope::close));
    }

    /** One by one: the framework gives data of one item at a time only. */
    private List<Envelope> envelopes(Layout layout, List<SecretId> ids, RequestContext context)
            throws SecretsException {
        List<Envelope> envelopes = new ArrayList<>();
        try {
            for (SecretId id : ids) {
                if (!context.isOver()) {
                    envelope(layout, id).ifPresent(envelopes::add);
                }
            }
            return envelopes;
        } catch (SecretsException | RuntimeException e) {
            envelopes.forEach(Envelope::close);
            throw e;
        }
    }

    private Optional<Envelope> envelope(Layout layout, SecretId id) throws SecretsException {
        Map<Attribute, Object> query = query(layout, Optional.of(id));
        query.put(Attribute.RETURN_ATTRIBUTES, true);
        query.put(Attribute.RETURN_DATA, true);
        query.put(Attribute.LIMIT, Constant.ONE);
        List<Map<Attribute, Object>> items = new ArrayList<>();
        try {
            find(id.toString(), query, items);
            if (items.isEmpty() || !layout.idOf(attributes(items.getFirst())).equals(Optional.of(id))) {
                return Optional.empty();
            }
            Map<Attribute, Object> item = items.getFirst();
            if (!(item.get(Attribute.DATA) instanceof byte[] data)) {
                // An empty value is data of no bytes.
                throw new SecretsException.Unavailable(id.toString(),
                        "the keychain did not return the value of this item", "unlock the keychain, then try again");
            }
            if (data.length > SecretValue.MAX_LENGTH) {
                throw new SecretsException.Invalid(id.toString(), "the item in the keychain is too large",
                        "set it again");
            }
            return Optional.of(new Envelope(id, SecretValue.copyOf(data), "", "",
                    (Instant) item.get(Attribute.MODIFIED), Instant.now(), null,
                    Layout.metadataOf(attributes(item))));
        } finally {
            items.forEach(MacKeychain::wipe);
        }
    }

    private static void wipe(Map<Attribute, Object> item) {
        if (item.get(Attribute.DATA) instanceof byte[] data) {
            Arrays.fill(data, (byte) 0);
        }
    }

    @Override
    public void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata,
            RequestContext context) throws SecretsException {
        // A copy: the call may outlive the caller, who wipes the value.
        SecretValue kept = value.copy();
        Waiting.on(id.toString(), context, () -> {
            byte[] data = kept.copyBytes();
            try {
                return alone(id, context, () -> {
                    store(layout, id, data, Gob.encode(layout.attributes(id, metadata)));
                    return id;
                });
            } finally {
                Arrays.fill(data, (byte) 0);
                kept.close();
            }
        }, _ -> {
        });
    }

    /** The item is there, with its old value or the new one, at every moment. */
    private void store(Layout layout, SecretId id, byte[] data, byte[] generic) throws SecretsException {
        Map<Attribute, Object> changes = new EnumMap<>(Attribute.class);
        changes.put(Attribute.DATA, data);
        changes.put(Attribute.GENERIC, generic);
        changes.put(Attribute.LABEL, layout.label(id));
        requireOurs(layout, id);
        int status = security().update(query(layout, Optional.of(id)), changes);
        if (status == OsStatus.ITEM_NOT_FOUND) {
            Map<Attribute, Object> item = query(layout, Optional.of(id));
            item.putAll(changes);
            item.put(Attribute.ACCESSIBLE, Constant.AFTER_FIRST_UNLOCK);
            status = security().add(item);
            if (status == OsStatus.DUPLICATE_ITEM) {
                // Another program was faster.
                requireOurs(layout, id);
                status = security().update(query(layout, Optional.of(id)), changes);
            }
        }
        if (status != OsStatus.SUCCESS) {
            throw OsStatus.failure(id.toString(), status);
        }
    }

    /**
     * The keychain file of a Mac tells items apart by account and service alone, without the group, and a change of one is
     * a change of all that the keychains of the search list have.
     */
    private void requireOurs(Layout layout, SecretId id) throws SecretsException {
        Map<Attribute, Object> query = query(layout, Optional.of(id));
        query.put(Attribute.RETURN_ATTRIBUTES, true);
        query.put(Attribute.LIMIT, Constant.ALL);
        List<Map<Attribute, Object>> items = new ArrayList<>();
        find(id.toString(), query, items);
        if (items.stream().anyMatch(item -> layout.idOf(attributes(item)).isEmpty())) {
            throw new SecretsException.Invalid(id.toString(),
                    "another program has an item of this name in the keychain",
                    "remove it in Keychain Access, or choose another ID");
        }
    }

    @Override
    public boolean delete(Layout layout, SecretId id, RequestContext context) throws SecretsException {
        return Waiting.on(id.toString(), context, () -> alone(id, context, () -> {
            boolean removed = false;
            for (int i = 0; i < MANY && !infos(layout, SecretPattern.of(id)).isEmpty(); i++) {
                requireOurs(layout, id);
                int status = security().delete(query(layout, Optional.of(id)));
                if (status != OsStatus.SUCCESS && status != OsStatus.ITEM_NOT_FOUND) {
                    throw OsStatus.failure(id.toString(), status);
                }
                removed |= status == OsStatus.SUCCESS;
            }
            return removed;
        }), _ -> {
        });
    }

    /** One change at a time: two could both find no item, and both add one. */
    private <T> T alone(SecretId id, RequestContext context, Waiting.Call<T> change) throws SecretsException {
        try {
            if (writing.tryLock(context.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                try {
                    return change.run();
                } finally {
                    writing.unlock();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new SecretsException.Unavailable(id.toString(), "the keychain is busy with another change", "try again");
    }

    private static Map<Attribute, Object> query(Layout layout, Optional<SecretId> id) {
        Map<Attribute, Object> query = new EnumMap<>(Attribute.class);
        query.put(Attribute.CLASS, Constant.GENERIC_PASSWORD);
        query.put(Attribute.SERVICE, layout.name());
        query.put(Attribute.ACCESS_GROUP, layout.group());
        id.ifPresent(account -> query.put(Attribute.ACCOUNT, account.toString()));
        return query;
    }

    private void find(String subject, Map<Attribute, Object> query, List<Map<Attribute, Object>> items)
            throws SecretsException {
        int status = security().find(query, items);
        if (status != OsStatus.SUCCESS && status != OsStatus.ITEM_NOT_FOUND) {
            throw OsStatus.failure(subject, status);
        }
    }

    /** As the other systems have them: identity from the item itself, the rest from its metadata. */
    private static Map<String, String> attributes(Map<Attribute, Object> item) {
        Map<String, String> attributes = new LinkedHashMap<>();
        if (item.get(Attribute.GENERIC) instanceof byte[] generic) {
            Gob.decode(generic).ifPresent(attributes::putAll);
        }
        attributes.putIfAbsent(Layout.GROUP, String.valueOf(item.get(Attribute.ACCESS_GROUP)));
        attributes.put(Layout.NAME, String.valueOf(item.get(Attribute.SERVICE)));
        attributes.put(Layout.ID, String.valueOf(item.get(Attribute.ACCOUNT)));
        return attributes;
    }

    @Override
    public void close() {
        // There is no connection.
    }
}
