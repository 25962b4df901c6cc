package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.messages.MethodCall;
import org.jspecify.annotations.Nullable;

/** Reads values of items, and never takes a locked item for one with an empty value. */
final class ValueReader {

    private final ServiceLink link;
    private final String collection;

    ValueReader(ServiceLink link, String collection) {
        this.link = link;
        this.collection = collection;
    }

    /** Asks for values without waiting. */
    MethodCall send(List<DBusPath> paths) throws BusException {
        return link.send(ServiceLink.ROOT, ServiceLink.SERVICE + ".GetSecrets", "aoo", paths, link.session());
    }

    /** The sealed values by the item's path. */
    Map<String, Object[]> sealed(MethodCall call, RequestContext context) throws BusException {
        Map<String, Object[]> secrets = new HashMap<>();
        ((Map<?, ?>) link.await(call, context)[0])
                .forEach((path, sealed) -> secrets.put(((DBusPath) path).getPath(), (Object[]) sealed));
        return secrets;
    }

    /**
     * The value of an item.
     *
     * @param state its properties, read just before its value
     * @param sealed what the service answered, null if it left the item out
     * @throws BusException if the item is locked: gnome-keyring leaves it out then, KWallet answers with an empty value
     */
    SecretValue value(DBusPath path, Map<String, Object> state, Object @Nullable [] sealed, RequestContext context)
            throws BusException {
        if (sealed == null || Boolean.TRUE.equals(state.get(Items.LOCKED))) {
            throw BusException.locked();
        }
        SecretValue value = link.unseal(sealed);
        return value.length() > 0 ? value : certain(path, context);
    }

    /** An empty value counts only if item and collection are unlocked before and after two readings of it. */
    private SecretValue certain(DBusPath path, RequestContext context) throws BusException {
        requireUnlocked(path, context);
        for (int i = 0; i < 2; i++) {
            Object[] sealed = sealed(send(List.of(path)), context).get(path.getPath());
            if (sealed == null) {
                throw BusException.locked();
            }
            SecretValue value = link.unseal(sealed);
            if (value.length() > 0) {
                return value;
            }
        }
        requireUnlocked(path, context);
        return SecretValue.wrap(new byte[0]);
    }

    private void requireUnlocked(DBusPath item, RequestContext context) throws BusException {
        if (link.isLocked(CollectionFinder.path(collection), ServiceLink.COLLECTION, context).orElse(true)
                || link.isLocked(item, Items.ITEM, context).orElse(true)) {
            throw BusException.locked();
        }
    }
}
