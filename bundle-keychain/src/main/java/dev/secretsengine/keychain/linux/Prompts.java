package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.RequestContext;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import org.freedesktop.dbus.DBusPath;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;

/** Has a Secret Service show its prompts on one connection, and waits for the user. Thread-safe. */
final class Prompts {

    /** The path that stands where no prompt is needed. */
    static final String NONE = "/";

    private static final String PROMPT = "org.freedesktop.Secret.Prompt";

    private final Bus bus;
    private final String owner;
    private final BooleanSupplier isUsable;
    private final Map<String, CompletableFuture<Boolean>> prompts = new ConcurrentHashMap<>();

    /**
     * The prompts of the service that owns this name.
     *
     * @param isUsable whether the service is still the same
     */
    Prompts(Bus bus, String owner, BooleanSupplier isUsable) throws BusException {
        this.bus = bus;
        this.owner = owner;
        this.isUsable = isUsable;
        bus.onSignal(DBusMatchRuleBuilder.create().withType("signal").withInterface(PROMPT).withMember("Completed")
                .build(), this::completed);
    }

    /**
     * Shows the prompt that a call answered, if any, and waits for the user: before that the call has changed nothing. A
     * prompt that is not awaited any more is never dismissed: gnome-keyring 42 aborts then, KeePassXC keeps its window.
     *
     * @return whether the user agreed, true where there is no prompt
     */
    boolean confirmed(Object answered, RequestContext context) throws BusException {
        String path = ((DBusPath) answered).getPath();
        if (path.equals(NONE)) {
            return true;
        }
        CompletableFuture<Boolean> dismissed = new CompletableFuture<>();
        prompts.put(path, dismissed);
        try {
            bus.await(bus.send(owner, path, PROMPT + ".Prompt", "s", ""), context);
            return !await(dismissed, context, () -> isUsable.getAsBoolean() && bus.isOpen());
        } finally {
            prompts.remove(path);
        }
    }

    /**
     * Waits for an answer as long as its caller does.
     *
     * @param isUsable whether an answer can still come
     */
    static <T> T await(CompletableFuture<T> answer, RequestContext context, BooleanSupplier isUsable)
            throws BusException {
        while (!context.isOver()) {
            try {
                return answer.get(Bus.slice(context), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                if (!isUsable.getAsBoolean()) {
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
}
