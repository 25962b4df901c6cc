package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.keychain.system.Keychain.Layout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.freedesktop.dbus.DBusPath;

/** Finds the collection to use, and our items in the others. A collection is named by the last part of its path. */
final class CollectionFinder {

    private static final String FOLDER = ServiceLink.ROOT + "/collection/";
    private static final String LOGIN = "login";
    private static final String VOLATILE = "session";

    private final ServiceLink link;

    CollectionFinder(ServiceLink link) {
        this.link = link;
    }

    static DBusPath path(String collection) {
        return new DBusPath(FOLDER + collection);
    }

    /** The collection to keep secrets in where none was recorded. */
    String preferred(RequestContext context) throws BusException {
        if (link.exists(path(LOGIN), context)) {
            return LOGIN;
        }
        Object alias = link.call(context, ServiceLink.ROOT, ServiceLink.SERVICE + ".ReadAlias", "s", "default")[0];
        String name = name((DBusPath) alias);
        if (name.isEmpty()) {
            throw link.daemon().withoutCollection();
        }
        if (name.equals(VOLATILE)) {
            throw BusException.absent("the Secret Service only has a keyring that is lost at logout",
                    "create a lasting one with Passwords and Keys, or set store = \"age\"");
        }
        return name;
    }

    private static String name(DBusPath path) {
        return path.getPath().startsWith(FOLDER) ? path.getPath().substring(FOLDER.length()) : "";
    }

    /** The names of the other collections that hold IDs which the pattern matches; without what is hidden by a lock. */
    Map<SecretId, List<String>> elsewhere(Layout layout, String used, SecretPattern pattern, RequestContext context)
            throws BusException {
        Map<SecretId, List<String>> found = new TreeMap<>();
        Object paths = link.properties(List.of(new DBusPath(ServiceLink.ROOT)), ServiceLink.SERVICE, context,
                "Collections").getFirst().get("Collections");
        for (Object path : paths instanceof List<?> list ? list : List.of()) {
            String collection = name((DBusPath) path);
            if (!collection.isEmpty() && !collection.equals(used)) {
                for (SecretId id : ids(layout, collection, pattern, context)) {
                    found.computeIfAbsent(id, _ -> new ArrayList<>()).add(collection);
                }
            }
        }
        return found;
    }

    private List<SecretId> ids(Layout layout, String collection, SecretPattern pattern, RequestContext context)
            throws BusException {
        try {
            return link.items(collection).ids(layout, pattern, context);
        } catch (BusException e) {
            return switch (e.kind()) {
                // Locked, or removed meanwhile: what it holds cannot be told.
                case LOCKED, ABSENT, GONE, FAILED -> List.of();
                case LOST, DISMISSED, REFUSED, SLOW -> throw e;
            };
        }
    }
}
