package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.types.Variant;

/** Changes items. Callers see to it that no two changes run at once: both could find no item, and both create one. */
final class ItemWriter {

    private static final String LABEL = "Label";
    private static final String SCHEMA = "xdg:schema";

    private final ServiceLink link;
    private final Items items;

    /** An item of ours that is there, with its properties. */
    private record Existing(DBusPath path, Map<String, Object> properties) {
    }

    ItemWriter(ServiceLink link, Items items) {
        this.link = link;
        this.items = items;
    }

    /** Stores a value. Where items of one ID were made by several programs, the first is kept. */
    void set(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws BusException {
        List<DBusPath> asked = new ArrayList<>();
        items.unlocked(asked, context, () -> {
            List<Existing> ours = ours(layout, id, asked, context);
            if (ours.isEmpty()) {
                create(layout, id, value, layout.attributes(id, metadata), context);
            } else {
                replace(ours.getFirst(), layout.label(id), value, layout.attributes(id, metadata), context);
                delete(ours.subList(1, ours.size()), context);
            }
            if (link.daemon() == Daemon.KWALLET) {
                readBack(layout, id, value, context);
            }
            return id;
        });
    }

    /** The items of an ID, oldest first; none of them is locked, and none is another program's. */
    private List<Existing> ours(Layout layout, SecretId id, List<DBusPath> asked, RequestContext context)
            throws BusException {
        List<DBusPath> paths = items.search(layout.identity(id), context);
        asked.clear();
        asked.addAll(paths);
        List<Map<String, Object>> properties = link.properties(paths, Items.ITEM, context, Items.ATTRIBUTES, LABEL,
                Items.LOCKED);
        List<Existing> ours = new ArrayList<>();
        for (int i = 0; i < paths.size(); i++) {
            if (Boolean.TRUE.equals(properties.get(i).get(Items.LOCKED))) {
                throw BusException.locked();
            }
            if (layout.idOf(Items.strings(properties.get(i).get(Items.ATTRIBUTES))).equals(Optional.of(id))) {
                ours.add(new Existing(paths.get(i), properties.get(i)));
            }
        }
        return ours;
    }

    private void create(Layout layout, SecretId id, SecretValue value, Map<String, String> attributes,
            RequestContext context) throws BusException {
        Map<String, Variant<?>> properties = Map.of(Items.ITEM + "." + LABEL, new Variant<>(layout.label(id)),
                Items.ITEM + "." + Items.ATTRIBUTES, new Variant<>(attributes, "a{ss}"));
        // Never "replace": the service compares all attributes, so other metadata would make a second item.
        Object[] created = link.call(context, CollectionFinder.path(items.collection()).getPath(),
                ServiceLink.COLLECTION + ".CreateItem", "a{sv}(oayays)b", properties, link.seal(value), false);
        link.confirm(created[1], context);
    }

    /** The item is there, with its old value or the new one, at every moment. */
    private void replace(Existing present, String label, SecretValue value, Map<String, String> attributes,
            RequestContext context) throws BusException {
        DBusPath path = present.path();
        link.call(context, path.getPath(), Items.ITEM + ".SetSecret", "(oayays)", new Object[]{link.seal(value)});
        Map<String, String> old = Items.strings(present.properties().get(Items.ATTRIBUTES));
        old.remove(SCHEMA);
        if (!attributes.equals(old)) {
            write(path, Items.ATTRIBUTES, new Variant<>(attributes, "a{ss}"), context);
        }
        if (!label.equals(present.properties().get(LABEL))) {
            write(path, LABEL, new Variant<>(label), context);
        }
    }

    private void write(DBusPath path, String property, Variant<?> value, RequestContext context) throws BusException {
        link.call(context, path.getPath(), "org.freedesktop.DBus.Properties.Set", "ssv", Items.ITEM, property, value);
    }

    private void readBack(Layout layout, SecretId id, SecretValue value, RequestContext context)
            throws BusException {
        try (Envelope stored = items.get(layout, id, context).orElse(null)) {
            if (stored == null || !same(stored.value(), value)) {
                throw BusException.lost();
            }
        }
    }

    private static boolean same(SecretValue one, SecretValue other) {
        byte[] first = one.copyBytes();
        byte[] second = other.copyBytes();
        try {
            return MessageDigest.isEqual(first, second);
        } finally {
            Arrays.fill(first, (byte) 0);
            Arrays.fill(second, (byte) 0);
        }
    }

    boolean remove(Layout layout, SecretId id, RequestContext context) throws BusException {
        List<DBusPath> asked = new ArrayList<>();
        boolean[] removed = new boolean[1];
        return items.unlocked(asked, context, () -> {
            removed[0] |= delete(ours(layout, id, asked, context), context);
            return removed[0];
        });
    }

    private boolean delete(List<Existing> ours, RequestContext context) throws BusException {
        boolean deleted = false;
        for (Existing item : ours) {
            try {
                link.confirm(link.call(context, item.path().getPath(), Items.ITEM + ".Delete", null)[0], context);
                deleted = true;
            } catch (BusException e) {
                if (e.kind() != BusException.Kind.GONE) {
                    throw e;
                }
            }
        }
        return deleted;
    }
}
