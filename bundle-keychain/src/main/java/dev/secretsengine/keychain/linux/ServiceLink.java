package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;

/**
 * An open Secret Service: its owner on the bus, and an encrypted session with it. Good until the owner changes.
 * Thread-safe.
 */
final class ServiceLink implements AutoCloseable {

    static final String ROOT = "/org/freedesktop/secrets";
    static final String SERVICE = "org.freedesktop.Secret.Service";
    static final String COLLECTION = "org.freedesktop.Secret.Collection";
    private static final String PROPERTIES = "org.freedesktop.DBus.Properties.";
    private static final String NAME = "org.freedesktop.secrets";
    /** Owned while gnome-keyring has a prompt on the screen, and a little longer. */
    private static final String PROMPTER = "org.gnome.keyring.SystemPrompter";
    private static final int RETRIES = 5;
    /** Calls under way at once: enough to hide the round trips, far below what a bus allows. */
    private static final int WINDOW = 128;
    private static final long PAUSE_MILLIS = 25;

    private final Bus bus;
    private final Unlocker unlocker;
    private final String owner;
    private final Daemon daemon;
    private final Prompts prompts;
    private final DBusPath session;
    private final SessionCipher cipher;
    private final Map<String, Items> items = new ConcurrentHashMap<>();
    private volatile boolean stale;

    /** Something that is asked of the service, and may be asked again. */
    @FunctionalInterface
    interface Action<T> {

        T run() throws BusException;
    }

    /** Opens a session with the program that provides the Secret Service on this bus; takes the bus over. */
    ServiceLink(Bus bus, Unlocker unlocker, RequestContext context) throws BusException {
        this.bus = bus;
        this.unlocker = unlocker;
        bus.onSignal(DBusMatchRuleBuilder.create().withType("signal").withInterface("org.freedesktop.DBus")
                .withMember("NameOwnerChanged").withArg0123(0, NAME).build(), signal -> stale = true);
        owner = bus.ownerOf(NAME, context);
        stale = false;
        SessionCipher.Exchange exchange = new SessionCipher.Exchange();
        MethodCall opened = send(ROOT, SERVICE + ".OpenSession", "sv", SessionCipher.ALGORITHM,
                new Variant<>(exchange.publicKey(), "ay"));
        daemon = identify(context);
        prompts = new Prompts(bus, owner, this::isUsable);
        Object[] reply = await(opened, context);
        cipher = exchange.finish(SessionCipher.bytes(((Variant<?>) reply[0]).getValue()));
        session = (DBusPath) reply[1];
    }

    private Daemon identify(RequestContext context) throws BusException {
        Map<Daemon, List<MethodCall>> owners = new EnumMap<>(Daemon.class);
        for (Daemon candidate : Daemon.values()) {
            for (String name : candidate.names()) {
                owners.computeIfAbsent(candidate, _ -> new ArrayList<>())
                        .add(bus.sendToDriver("GetNameOwner", "s", name));
            }
        }
        Daemon found = Daemon.OTHER;
        for (Map.Entry<Daemon, List<MethodCall>> candidate : owners.entrySet()) {
            for (MethodCall name : candidate.getValue()) {
                if (ask(name, context).filter(values -> owner.equals(values[0])).isPresent()) {
                    found = candidate.getKey();
                }
            }
        }
        return found;
    }

    /** The items of one collection. */
    Items items(String collection) {
        return items.computeIfAbsent(collection, name -> new Items(this, name));
    }

    /** Whether there is a collection at this path. */
    boolean exists(DBusPath collection, RequestContext context) throws BusException {
        return isLocked(collection, COLLECTION, context).isPresent();
    }

    /** Whether an item or a collection is locked; empty if it is gone. */
    Optional<Boolean> isLocked(DBusPath path, String type, RequestContext context) throws BusException {
        return Optional.ofNullable(properties(List.of(path), type, context, Items.LOCKED).getFirst().get(Items.LOCKED))
                .map(Boolean.TRUE::equals);
    }

    /** The reply, empty if it is an error of what was asked and not of the connection. */
    private Optional<Object[]> ask(MethodCall call, RequestContext context) throws BusException {
        try {
            return Optional.of(await(call, context));
        } catch (BusException e) {
            if (e.kind() == BusException.Kind.SLOW || !bus.isOpen()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /** Whether calls can still reach the service that was opened. */
    boolean isUsable() {
        return !stale && bus.isOpen();
    }

    Daemon daemon() {
        return daemon;
    }

    DBusPath session() {
        return session;
    }

    /** Sends a call to an object of the service without waiting. */
    MethodCall send(String path, String member, @Nullable String signature, Object... arguments) throws BusException {
        return bus.send(owner, path, member, signature, arguments);
    }

    Object[] await(MethodCall call, RequestContext context) throws BusException {
        return bus.await(call, context);
    }

    Object[] call(RequestContext context, String path, String member, @Nullable String signature, Object... arguments)
            throws BusException {
        return await(send(path, member, signature, arguments), context);
    }

    Object[] seal(SecretValue value) throws BusException {
        return cipher.seal(value, session);
    }

    SecretValue unseal(Object[] sealed) throws BusException {
        return cipher.unseal(sealed);
    }

    /** Asks for all properties of an object without waiting. */
    MethodCall sendProperties(DBusPath path, String type) throws BusException {
        return send(path.getPath(), PROPERTIES + "GetAll", "s", type);
    }

    /**
     * Reads properties of many objects, with many calls under way at once, one for each object.
     *
     * @return in the order of the paths, what the object has of these; empty for one that is gone
     */
    List<Map<String, Object>> properties(List<DBusPath> paths, String type, RequestContext context, String... names)
            throws BusException {
        List<Map<String, Object>> all = new ArrayList<>();
        Deque<MethodCall> pending = new ArrayDeque<>();
        for (DBusPath path : paths) {
            pending.add(names.length == 1
                    ? send(path.getPath(), PROPERTIES + "Get", "ss", type, names[0])
                    : sendProperties(path, type));
            if (pending.size() >= WINDOW) {
                all.add(properties(pending.remove(), context, names));
            }
        }
        while (!pending.isEmpty()) {
            all.add(properties(pending.remove(), context, names));
        }
        return all;
    }

    /** What an object has of these properties; empty for one that is gone. */
    Map<String, Object> properties(MethodCall read, RequestContext context, String... names) throws BusException {
        Object answer;
        try {
            answer = await(read, context)[0];
        } catch (BusException e) {
            if (e.kind() != BusException.Kind.GONE) {
                throw e;
            }
            return Map.of();
        }
        Map<String, Object> values = new HashMap<>();
        for (String name : names) {
            Object value = answer instanceof Map<?, ?> every ? every.get(name) : answer;
            if (value instanceof Variant<?> variant) {
                values.put(name, variant.getValue());
            }
        }
        return values;
    }

    /**
     * Runs an action, and when the keyring is locked unlocks it and runs the action again: a keyring may lock itself
     * between two calls.
     *
     * @param items is read when it comes to unlocking, so that the action may add to it
     */
    <T> T unlocked(String collection, List<DBusPath> items, RequestContext context, Action<T> action)
            throws BusException {
        for (int attempt = 0;; attempt++) {
            try {
                return action.run();
            } catch (BusException e) {
                if (e.kind() != BusException.Kind.LOCKED) {
                    throw e;
                }
                if (attempt == RETRIES) {
                    throw daemon.locked();
                }
            }
            List<DBusPath> paths = daemon.unlocksItems() ? new ArrayList<>(items) : new ArrayList<>();
            paths.add(CollectionFinder.path(collection));
            try {
                unlocker.unlock(paths, context, this::unlock, daemon == Daemon.GNOME_KEYRING);
            } catch (BusException e) {
                throw e.kind() == BusException.Kind.SLOW ? daemon.unanswered() : e;
            }
            pause(attempt == 0 ? 0 : PAUSE_MILLIS << attempt, context);
        }
    }

    private void unlock(List<DBusPath> paths, RequestContext context) throws BusException {
        if (daemon == Daemon.GNOME_KEYRING) {
            // It aborts when a prompt is dismissed by its client, and survives a client that hangs up.
            try (Bus own = bus.another()) {
                unlock(own, new Prompts(own, owner, this::isUsable), paths, context);
            }
        } else {
            unlock(bus, prompts, paths, context);
        }
    }

    private void unlock(Bus by, Prompts shown, List<DBusPath> paths, RequestContext context) throws BusException {
        Object prompt = by.await(by.send(owner, ROOT, SERVICE + ".Unlock", "ao", paths), context)[1];
        if (!shown.confirmed(prompt, context)) {
            if (daemon == Daemon.GNOME_KEYRING
                    && ask(bus.sendToDriver("GetNameOwner", "s", PROMPTER), context).isEmpty()) {
                throw daemon.promptless();
            }
            throw BusException.dismissed("unlock prompt");
        }
    }

    /** Unlocks a collection of gnome-keyring by its passphrase, without a prompt. */
    void unlock(String collection, SecretValue passphrase, RequestContext context) throws BusException {
        MethodCall unlock = send(ROOT, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface"
                + ".UnlockWithMasterPassword", "o(oayays)", CollectionFinder.path(collection), seal(passphrase));
        if (ask(unlock, context).isEmpty()) {
            throw new BusException(BusException.Kind.DISMISSED, "the passphrase is wrong",
                    "type the passphrase of the keyring \"" + collection + "\"");
        }
    }

    private static void pause(long millis, RequestContext context) throws BusException {
        try {
            Thread.sleep(Math.min(millis, context.remaining().toMillis()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BusException.slow();
        }
    }

    /** Has the user confirm a change if the daemon wants that: before that nothing has happened. */
    void confirm(Object prompt, RequestContext context) throws BusException {
        if (!prompts.confirmed(prompt, context)) {
            throw BusException.dismissed("prompt of the keychain");
        }
    }

    @Override
    public void close() {
        bus.close();
    }
}
