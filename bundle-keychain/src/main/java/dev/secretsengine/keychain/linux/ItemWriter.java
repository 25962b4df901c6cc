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
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.Variant;

/** Changes items. Callers see to it that no two changes run at once: both could find no item, and both create one. */
final class ItemWriter {

    private static final String LABEL = "Label";
    private static final String SCHEMA = "xdg:schema";

    private final ServiceLink link;
    private final Items items;

    ItemWriter(ServiceLink link, Items items) {
        this.link = link;
        this.items = items;
    }

    /** Stores a value. Where items of one ID were made by several programs, the first is kept. */
    void set(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata, RequestContext context)
            throws BusException {
        List<DBusPath> asked = new ArrayList<>();
        link.unlocked(asked, context, () -> {
            List<DBusPath> paths = items.search(layout.identity(id), context);
            asked.clear();
            asked.addAll(paths);
            if (paths.isEmpty()) {
                create(layout, id, value, layout.attributes(id, metadata), context);
            } else {
                replace(paths.getFirst(), layout.label(id), value, layout.attributes(id, metadata), context);
                delete(paths.subList(1, paths.size()), context);
            }
            if (link.isForgetful()) {
                readBack(layout, id, value, context);
            }
            return id;
        });
    }

    private void create(Layout layout, SecretId id, SecretValue value, Map<String, String> attributes,
            RequestContext context) throws BusException {
        Map<String, Variant<?>> properties = Map.of(Items.ITEM + "." + LABEL, new Variant<>(layout.label(id)),
                Items.ITEM + "." + Items.ATTRIBUTES, new Variant<>(attributes, "a{ss}"));
        // Never "replace": the service compares all attributes, so other metadata would make a second item.
        Object[] created = link.call(context, link.collection(), ServiceLink.COLLECTION + ".CreateItem",
                "a{sv}(oayays)b", properties, link.seal(value), false);
        link.prompt(created[1], context);
    }

    /** The item is there, with its old value or the new one, at every moment. */
    private void replace(DBusPath path, String label, SecretValue value, Map<String, String> attributes,
            RequestContext context) throws BusException {
        MethodCall replaced = link.send(path.getPath(), Items.ITEM + ".SetSecret", "(oayays)",
                new Object[]{link.seal(value)});
        Map<String, Object> present = link.properties(List.of(path), Items.ITEM, context, Items.ATTRIBUTES, LABEL)
                .getFirst();
        link.await(replaced, context);
        Map<String, String> old = Items.strings(present.get(Items.ATTRIBUTES));
        old.remove(SCHEMA);
        if (!attributes.equals(old)) {
            write(path, Items.ATTRIBUTES, new Variant<>(attributes, "a{ss}"), context);
        }
        if (!label.equals(present.get(LABEL))) {
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
        return link.unlocked(asked, context, () -> {
            List<DBusPath> paths = items.search(layout.identity(id), context);
            asked.clear();
            asked.addAll(paths);
            removed[0] |= delete(paths, context);
            return removed[0];
        });
    }

    private boolean delete(List<DBusPath> paths, RequestContext context) throws BusException {
        boolean deleted = false;
        for (DBusPath path : paths) {
            try {
                link.prompt(link.call(context, path.getPath(), Items.ITEM + ".Delete", null)[0], context);
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
