package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.types.Variant;
import org.jspecify.annotations.Nullable;

/**
 * An open Secret Service: its owner on the bus, an encrypted session with it, and the collection that holds our items.
 * Good until the owner changes. Thread-safe.
 */
final class ServiceLink implements AutoCloseable {

    static final String ROOT = "/org/freedesktop/secrets";
    static final String SERVICE = "org.freedesktop.Secret.Service.";
    static final String COLLECTION = "org.freedesktop.Secret.Collection";
    private static final String PROPERTIES = "org.freedesktop.DBus.Properties.";
    private static final String NAME = "org.freedesktop.secrets";
    private static final String PROMPT = "org.freedesktop.Secret.Prompt";
    private static final String LOGIN = ROOT + "/collection/login";
    private static final String VOLATILE = ROOT + "/collection/session";
    private static final String NONE = "/";
    private static final int RETRIES = 5;
    /** Calls under way at once: enough to hide the round trips, far below what a bus allows. */
    private static final int WINDOW = 128;
    private static final long PAUSE_MILLIS = 25;
    private static final long SLICE_MILLIS = 200;

    private final Bus bus;
    private final String owner;
    private final String collection;
    private final DBusPath session;
    private final SessionCipher cipher;
    private final boolean forgetful;
    private final Map<String, CompletableFuture<Boolean>> prompts = new ConcurrentHashMap<>();
    private volatile boolean stale;

    /** Something that is asked of the service, and may be asked again. */
    @FunctionalInterface
    interface Action<T> {

        T run() throws BusException;
    }

    /** Opens a session with whoever provides the Secret Service on this bus, which the link takes over. */
    ServiceLink(Bus bus, RequestContext context) throws BusException {
        this.bus = bus;
        bus.onSignal(DBusMatchRuleBuilder.create().withType("signal").withInterface("org.freedesktop.DBus")
                .withMember("NameOwnerChanged").withArg0123(0, NAME).build(), signal -> stale = true);
        bus.onSignal(DBusMatchRuleBuilder.create().withType("signal").withInterface(PROMPT).withMember("Completed")
                .build(), this::completed);
        owner = bus.ownerOf(NAME, context);
        stale = false;
        SessionCipher.Exchange exchange = new SessionCipher.Exchange();
        MethodCall opened = send(ROOT, SERVICE + "OpenSession", "sv", SessionCipher.ALGORITHM,
                new Variant<>(exchange.publicKey(), "ay"));
        MethodCall alias = send(ROOT, SERVICE + "ReadAlias", "s", "default");
        MethodCall login = send(LOGIN, PROPERTIES + "Get", "ss", COLLECTION, "Locked");
        MethodCall wallet6 = bus.sendToDriver("GetNameOwner", "s", "org.kde.kwalletd6");
        MethodCall wallet5 = bus.sendToDriver("GetNameOwner", "s", "org.kde.kwalletd5");
        Object[] reply = await(opened, context);
        cipher = exchange.finish(SessionCipher.bytes(((Variant<?>) reply[0]).getValue()));
        session = (DBusPath) reply[1];
        collection = choose(login, alias, context);
        forgetful = answersAs(wallet6, context) || answersAs(wallet5, context);
    }

    private String choose(MethodCall login, MethodCall alias, RequestContext context) throws BusException {
        if (ask(login, context).isPresent()) {
            return LOGIN;
        }
        String path = ((DBusPath) await(alias, context)[0]).getPath();
        if (path.equals(NONE)) {
            throw BusException.absent("the Secret Service has no default keyring",
                    "create one with Passwords and Keys, or set store = \"age\"");
        }
        if (path.equals(VOLATILE)) {
            throw BusException.absent("the Secret Service only has a keyring that is lost at logout",
                    "create a lasting one with Passwords and Keys, or set store = \"age\"");
        }
        return path;
    }

    private boolean answersAs(MethodCall name, RequestContext context) throws BusException {
        return ask(name, context).filter(values -> owner.equals(values[0])).isPresent();
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

    /** Whether this is KWallet, which is known to say yes to a write and to lose it. */
    boolean isForgetful() {
        return forgetful;
    }

    String collection() {
        return collection;
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
                    : send(path.getPath(), PROPERTIES + "GetAll", "s", type));
            if (pending.size() >= WINDOW) {
                all.add(collect(pending, context, names));
            }
        }
        while (!pending.isEmpty()) {
            all.add(collect(pending, context, names));
        }
        return all;
    }

    private Map<String, Object> collect(Deque<MethodCall> pending, RequestContext context, String... names)
            throws BusException {
        Object answer;
        try {
            answer = await(pending.remove(), context)[0];
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
    <T> T unlocked(List<DBusPath> items, RequestContext context, Action<T> action) throws BusException {
        for (int attempt = 0;; attempt++) {
            try {
                return action.run();
            } catch (BusException e) {
                if (e.kind() != BusException.Kind.LOCKED || attempt == RETRIES) {
                    throw e;
                }
            }
            unlock(items, context);
            pause(attempt == 0 ? 0 : PAUSE_MILLIS << attempt, context);
        }
    }

    private void unlock(List<DBusPath> items, RequestContext context) throws BusException {
        List<DBusPath> paths = new ArrayList<>(items);
        paths.add(new DBusPath(collection));
        try {
            prompt(call(context, ROOT, SERVICE + "Unlock", "ao", paths)[1], context);
        } catch (BusException e) {
            throw switch (e.kind()) {
                case DISMISSED, SLOW -> BusException.locked();
                case ABSENT, LOST, LOCKED, GONE, FAILED -> e;
            };
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

    /** Shows the prompt that a call answered, if any, and waits for the user: before that nothing has happened. */
    void prompt(Object answered, RequestContext context) throws BusException {
        String path = ((DBusPath) answered).getPath();
        if (path.equals(NONE)) {
            return;
        }
        CompletableFuture<Boolean> answer = new CompletableFuture<>();
        prompts.put(path, answer);
        try {
            call(context, path, PROMPT + ".Prompt", "s", "");
            if (dismissed(answer, context)) {
                throw new BusException(BusException.Kind.DISMISSED, "the prompt of the keychain was dismissed",
                        "try again and confirm it");
            }
        } catch (BusException e) {
            if (e.kind() == BusException.Kind.SLOW) {
                send(path, PROMPT + ".Dismiss", null);
            }
            throw e;
        } finally {
            prompts.remove(path);
        }
    }

    private boolean dismissed(CompletableFuture<Boolean> answer, RequestContext context) throws BusException {
        while (!context.isOver()) {
            try {
                return answer.get(Math.min(SLICE_MILLIS, context.remaining().toMillis()), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!isUsable()) {
                    throw BusException.lost();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw BusException.slow();
            } catch (ExecutionException e) {
                throw BusException.failed();
            }
        }
        throw BusException.slow();
    }

    private void completed(DBusSignal signal) {
        CompletableFuture<Boolean> answer = prompts.get(signal.getPath());
        if (answer != null) {
            try {
                answer.complete((Boolean) signal.getParameters()[0]);
            } catch (DBusException e) {
                answer.completeExceptionally(e);
            }
        }
    }

    @Override
    public void close() {
        bus.close();
    }
}
