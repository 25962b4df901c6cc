package dev.secretsengine.core.store;

import dev.secretsengine.api.DatedStore;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.plugin.PluginCode;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A store that is no part of the engine's image: whatever it does, a caller gets an answer or a {@link SecretsException}
 * before its deadline. Its calls run on a thread of their own.
 */
final class GuardedStore implements InvocationHandler {

    /** A store has 2 seconds to say how it is. */
    private static final Duration PROBE_TIME = Duration.ofSeconds(3);

    /** Of calls that come without one; to open an identity by its passphrase takes seconds. */
    private static final Duration WITHOUT_DEADLINE = Duration.ofSeconds(100);

    private final String name;
    private final LocalStore store;
    private final ExecutorService threads;

    private GuardedStore(String name, LocalStore store, ExecutorService threads) {
        this.name = name;
        this.store = store;
        this.threads = threads;
    }

    /** The same store with a guard, and with every interface of the api that it has. */
    static LocalStore of(String name, LocalStore store, ExecutorService threads) {
        Class<?>[] interfaces = Stream.of(LocalStore.class, DatedStore.class, IdentityStore.class)
                .filter(type -> type.isInstance(store)).toArray(Class<?>[]::new);
        return (LocalStore) Proxy.newProxyInstance(LocalStore.class.getClassLoader(), interfaces,
                new GuardedStore(name, store, threads));
    }

    @Override
    public @Nullable Object invoke(Object proxy, Method method, Object @Nullable [] arguments) throws Throwable {
        if (method.getDeclaringClass() == Object.class) {
            return ofObject(method, arguments);
        }
        RequestContext context = Stream.ofNullable(arguments).flatMap(Arrays::stream)
                .filter(RequestContext.class::isInstance).map(RequestContext.class::cast).findFirst()
                .orElseGet(() -> RequestContext.of(WITHOUT_DEADLINE));
        return switch (method.getName()) {
            case "probe" -> probe(context);
            case "isLocked" -> isLocked(method, context);
            default -> guarded(method, arguments, context);
        };
    }

    private Object ofObject(Method method, Object @Nullable [] arguments) {
        return switch (method.getName()) {
            case "equals" -> arguments != null && isMine(arguments[0]);
            case "hashCode" -> hashCode();
            default -> "store " + name;
        };
    }

    private boolean isMine(@Nullable Object other) {
        return other != null && Proxy.isProxyClass(other.getClass()) && Proxy.getInvocationHandler(other).equals(this);
    }

    private @Nullable Object guarded(Method method, Object @Nullable [] arguments, RequestContext context)
            throws SecretsException {
        return PluginCode.call(threads, ActiveStore.PLUGIN, context, () -> call(method, arguments),
                GuardedStore::wipe);
    }

    /** It declares no exception: what does not answer cannot be read either. */
    private boolean isLocked(Method method, RequestContext context) {
        try {
            return Boolean.TRUE.equals(guarded(method, null, context));
        } catch (SecretsException e) {
            return true;
        }
    }

    private LocalStore.Probe probe(RequestContext context) {
        boolean isShort = context.remaining().compareTo(PROBE_TIME) < 0;
        try {
            return PluginCode.call(threads, ActiveStore.PLUGIN, isShort ? context : context.within(PROBE_TIME),
                    () -> Objects.requireNonNull(store.probe(context)));
        } catch (SecretsException e) {
            return new LocalStore.Probe(LocalStore.State.ABSENT, "the store " + name
                    + " does not say how it is: remove its jar, or choose another by store in config.toml");
        }
    }

    private @Nullable Object call(Method method, Object @Nullable [] arguments) throws Exception {
        try {
            Object answer = method.invoke(store, arguments);
            if (answer == null && method.getReturnType() != void.class) {
                throw new SecretsException.Failed(ActiveStore.PLUGIN, "the store " + name + " answered nothing at all",
                        "its author has to mend that");
            }
            return answer;
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception known -> throw known;
                case Error known -> throw known;
                case null, default -> throw e;
            }
        }
    }

    /** What nobody waits for any more. */
    private static void wipe(@Nullable Object answer) {
        switch (answer) {
            case Optional<?> one -> one.ifPresent(GuardedStore::wipe);
            case Collection<?> many -> many.forEach(GuardedStore::wipe);
            case Envelope envelope -> envelope.close();
            case SecretValue value -> value.close();
            case null, default -> {
                // Nothing of that is secret.
            }
        }
    }
}
