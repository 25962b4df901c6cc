package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.messages.MethodCall;
import org.jspecify.annotations.Nullable;

/** The items in one collection of an open Secret Service, in as few round trips as it takes. Thread-safe. */
final class Items {

    static final String ITEM = "org.freedesktop.Secret.Item";
    static final String ATTRIBUTES = "Attributes";
    private static final SecretPattern EVERYTHING = SecretPattern.parse("**");
    static final String LOCKED = "Locked";
    private static final String CREATED = "Created";
    private static final String MODIFIED = "Modified";

    /** Values in one reply: a message may have 128 MiB, and a value has up to one. */
    private static final int BATCH = 16;
    private static final int REMEMBERED = 1024;

    /** The lowest number first, which is the oldest item: all callers must mean the same one by "the first". */
    private static final Comparator<DBusPath> OLDEST_FIRST = Comparator
            .comparingInt((DBusPath path) -> path.getPath().length()).thenComparing(DBusPath::getPath);

    private final ServiceLink link;
    private final String collection;
    private final ValueReader values;
    private final ItemWriter writer;

    /** Where an ID was last seen. A search takes longer the more items there are, asking a known one does not. */
    private final Map<SecretId, DBusPath> known = new ConcurrentHashMap<>();

    /** One of our items, and what was read of it. */
    private record Item(DBusPath path, SecretId id, Map<String, String> attributes, Map<String, Object> properties) {

        SecretInfo info(Map<String, Object> times) {
            return new SecretInfo(id, time(times, CREATED), time(times, MODIFIED), Layout.metadataOf(attributes));
        }
    }

    Items(ServiceLink link, String collection) {
        this.link = link;
        this.collection = collection;
        values = new ValueReader(link, collection);
        writer = new ItemWriter(link, this);
    }

    String collection() {
        return collection;
    }

    ItemWriter writer() {
        return writer;
    }

    boolean isLocked(RequestContext context) throws BusException {
        return link.isLocked(CollectionFinder.path(collection), ServiceLink.COLLECTION, context)
                .orElseThrow(() -> link.daemon().without(collection));
    }

    /** Runs an action on items of this collection; see {@link ServiceLink#unlocked}. */
    <T> T unlocked(List<DBusPath> items, RequestContext context, ServiceLink.Action<T> action) throws BusException {
        return link.unlocked(collection, items, context, action);
    }

    List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context) throws BusException {
        return unlocked(List.of(), context, () -> {
            List<SecretInfo> infos = new ArrayList<>();
            if (pattern.equals(EVERYTHING)) {
                find(layout, pattern, context, CREATED, MODIFIED)
                        .forEach(item -> infos.add(item.info(item.properties())));
                return infos;
            }
            // Worth a round trip more: the times of those that are left out need not be asked for.
            List<Item> items = find(layout, pattern, context);
            List<DBusPath> paths = items.stream().map(Item::path).toList();
            List<Map<String, Object>> times = link.properties(paths, ITEM, context, CREATED, MODIFIED);
            for (int i = 0; i < items.size(); i++) {
                infos.add(items.get(i).info(times.get(i)));
            }
            return infos;
        });
    }

    /** The IDs that the pattern matches, without a prompt. */
    List<SecretId> ids(Layout layout, SecretPattern pattern, RequestContext context) throws BusException {
        return find(layout, pattern, context).stream().map(Item::id).toList();
    }

    /** An item without its value. */
    Optional<SecretInfo> describe(Layout layout, SecretId id, RequestContext context) throws BusException {
        return unlocked(List.of(), context, () -> {
            DBusPath path = known.get(id);
            if (path != null) {
                Map<String, Object> properties = link
                        .properties(List.of(path), ITEM, context, ATTRIBUTES, CREATED, MODIFIED).getFirst();
                Map<String, String> attributes = strings(properties.get(ATTRIBUTES));
                if (layout.idOf(attributes).equals(Optional.of(id))) {
                    return Optional.of(new Item(path, id, attributes, properties).info(properties));
                }
                known.remove(id);
            }
            List<Item> items = find(layout, SecretPattern.of(id), context, CREATED, MODIFIED);
            items.forEach(item -> remember(id, item.path()));
            return items.stream().map(item -> item.info(item.properties())).findFirst();
        });
    }

    Optional<Envelope> get(Layout layout, SecretId id, RequestContext context) throws BusException {
        List<DBusPath> asked = new ArrayList<>();
        return unlocked(asked, context, () -> {
            DBusPath path = known.get(id);
            if (path != null) {
                asked.add(path);
                Optional<Envelope> envelope = fetch(layout, id, path, context);
                if (envelope.isPresent()) {
                    return envelope;
                }
                known.remove(id);
                asked.remove(path);
            }
            List<DBusPath> paths = search(layout.identity(id), context);
            if (paths.isEmpty()) {
                return Optional.empty();
            }
            asked.add(paths.getFirst());
            Optional<Envelope> envelope = fetch(layout, id, paths.getFirst(), context);
            if (envelope.isPresent()) {
                remember(id, paths.getFirst());
            }
            return envelope;
        });
    }

    private void remember(SecretId id, DBusPath path) {
        if (known.size() >= REMEMBERED) {
            known.clear();
        }
        known.put(id, path);
    }

    /** Value and properties in one round trip; empty if the item is gone or holds another ID. */
    private Optional<Envelope> fetch(Layout layout, SecretId id, DBusPath path, RequestContext context)
            throws BusException {
        MethodCall read = link.sendProperties(path, ITEM);
        // Sent second: what the properties say of the lock was true just before.
        MethodCall secrets = values.send(List.of(path));
        Map<String, Object> properties = link.properties(read, context, ATTRIBUTES, MODIFIED, LOCKED);
        Object[] sealed = values.sealed(secrets, context).get(path.getPath());
        if (properties.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> attributes = strings(properties.get(ATTRIBUTES));
        if (sealed != null && !layout.idOf(attributes).equals(Optional.of(id))) {
            return Optional.empty();
        }
        return Optional.of(envelope(new Item(path, id, attributes, properties), sealed, properties, context));
    }

    List<Envelope> getAll(Layout layout, SecretPattern pattern, RequestContext context) throws BusException {
        List<DBusPath> asked = new ArrayList<>();
        return unlocked(asked, context, () -> {
            List<Item> items = find(layout, pattern, context);
            asked.clear();
            items.forEach(item -> asked.add(item.path()));
            List<Envelope> envelopes = new ArrayList<>();
            try {
                for (int from = 0; from < items.size(); from += BATCH) {
                    fetch(items.subList(from, Math.min(items.size(), from + BATCH)), envelopes, context);
                }
                return envelopes;
            } catch (BusException | RuntimeException e) {
                envelopes.forEach(Envelope::close);
                throw e;
            }
        });
    }

    private void fetch(List<Item> items, List<Envelope> into, RequestContext context) throws BusException {
        List<DBusPath> paths = items.stream().map(Item::path).toList();
        List<Map<String, Object>> states = link.properties(paths, ITEM, context, MODIFIED, LOCKED);
        Map<String, Object[]> sealed = values.sealed(values.send(paths), context);
        for (int i = 0; i < items.size(); i++) {
            if (!states.get(i).isEmpty()) {
                into.add(envelope(items.get(i), sealed.get(items.get(i).path().getPath()), states.get(i), context));
            }
        }
    }

    private Envelope envelope(Item item, Object @Nullable [] sealed, Map<String, Object> properties,
            RequestContext context) throws BusException {
        return new Envelope(item.id(), values.value(item.path(), properties, sealed, context), "", "",
                time(properties, MODIFIED), Instant.now(), null, Layout.metadataOf(item.attributes()));
    }

    /** Our items that the pattern matches, the first of each ID; their attributes are read, and what else is named. */
    private List<Item> find(Layout layout, SecretPattern pattern, RequestContext context, String... more)
            throws BusException {
        Optional<SecretId> id = pattern.asId();
        List<DBusPath> paths = search(id.isPresent() ? layout.identity(id.get()) : layout.service(), context);
        String[] names = Arrays.copyOf(more, more.length + 1);
        names[more.length] = ATTRIBUTES;
        List<Map<String, Object>> properties = link.properties(paths, ITEM, context, names);
        Map<SecretId, Item> items = new LinkedHashMap<>();
        for (int i = 0; i < paths.size(); i++) {
            Map<String, Object> read = properties.get(i);
            Map<String, String> attributes = strings(read.get(ATTRIBUTES));
            if (!Layout.isReadable(attributes) && isLocked(context)) {
                throw BusException.locked();
            }
            DBusPath path = paths.get(i);
            layout.idOf(attributes).filter(pattern::matches)
                    .ifPresent(known -> items.putIfAbsent(known, new Item(path, known, attributes, read)));
        }
        return List.copyOf(items.values());
    }

    /** Searches our collection only. What a locked one does not find may still be there. */
    List<DBusPath> search(Map<String, String> attributes, RequestContext context) throws BusException {
        MethodCall call = link.send(CollectionFinder.path(collection).getPath(),
                ServiceLink.COLLECTION + ".SearchItems",
                "a{ss}", attributes);
        List<DBusPath> paths = new ArrayList<>();
        try {
            for (Object path : (List<?>) link.await(call, context)[0]) {
                paths.add((DBusPath) path);
            }
        } catch (BusException e) {
            throw e.kind() == BusException.Kind.GONE ? link.daemon().without(collection) : e;
        }
        if (paths.isEmpty() && isLocked(context)) {
            throw BusException.locked();
        }
        paths.sort(OLDEST_FIRST);
        return paths;
    }

    static Map<String, String> strings(@Nullable Object dictionary) {
        Map<String, String> strings = new HashMap<>();
        if (dictionary instanceof Map<?, ?> map) {
            map.forEach((key, value) -> strings.put(String.valueOf(key), String.valueOf(value)));
        }
        return strings;
    }

    private static @Nullable Instant time(Map<String, Object> properties, String name) {
        return properties.get(name) instanceof Number seconds && seconds.longValue() > 0
                ? Instant.ofEpochSecond(seconds.longValue())
                : null;
    }
}
