package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.LocalStore.Probe;
import dev.secretsengine.api.LocalStore.State;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.keychain.system.Keychain;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keychain of Linux desktops: a Secret Service on the session bus. Keeps one connection, opened by the first call
 * and again when the bus, the service or the session with it has gone.
 */
public final class SecretService implements Keychain {

    private static final Logger LOG = LoggerFactory.getLogger(SecretService.class);

    /** The longest that opening may take: a bus or a service that hangs is as bad as none. */
    private static final Duration OPENING = Duration.ofMillis(1900);

    private final Map<String, String> environment;
    private final ReentrantLock opening = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable Items items;

    /**
     * A keychain that is not open yet.
     *
     * @param environment the engine's own, where the session bus is looked for first
     */
    public SecretService(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** A request to the open keychain. */
    @FunctionalInterface
    private interface Request<T> {

        T run(Items items) throws BusException;
    }

    @Override
    public Probe probe(RequestContext context) {
        RequestContext limited = limited(context);
        try {
            boolean locked = retried(limited, items -> items.isLocked(limited));
            return locked ? new Probe(State.LOCKED, BusException.locked().advice()) : new Probe(State.READY, "");
        } catch (BusException e) {
            // What is there and does not answer must not be taken for none.
            // Where there is none, another store is taken: a hint how to get one would mislead.
            return e.kind() == BusException.Kind.ABSENT
                    ? new Probe(State.ABSENT, String.valueOf(e.getMessage()))
                    : new Probe(State.LOCKED, e.advice());
        }
    }

    @Override
    public List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        Optional<SecretId> id = pattern.asId();
        return asked(pattern.toString(), context, items -> id.isPresent()
                ? items.describe(layout, id.get(), context).stream().toList()
                : items.list(layout, pattern, context));
    }

    @Override
    public List<Envelope> read(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        Optional<SecretId> id = pattern.asId();
        return asked(pattern.toString(), context, items -> id.isPresent()
                ? items.get(layout, id.get(), context).stream().toList()
                : items.getAll(layout, pattern, context));
    }

    @Override
    public void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata,
            RequestContext context) throws SecretsException {
        asked(id.toString(), context, items -> alone(context, () -> {
            items.writer().set(layout, id, value, metadata, context);
            return id;
        }));
    }

    @Override
    public boolean delete(Layout layout, SecretId id, RequestContext context) throws SecretsException {
        return asked(id.toString(), context, items -> alone(context, () -> items.writer().remove(layout, id, context)));
    }

    private <T> T alone(RequestContext context, ServiceLink.Action<T> action) throws BusException {
        acquire(writing, context);
        try {
            return action.run();
        } finally {
            writing.unlock();
        }
    }

    private <T> T asked(String subject, RequestContext context, Request<T> request) throws SecretsException {
        try {
            return retried(context, request);
        } catch (BusException e) {
            throw e.about(subject);
        }
    }

    private <T> T retried(RequestContext context, Request<T> request) throws BusException {
        Items open = open(context);
        try {
            return request.run(open);
        } catch (BusException e) {
            if (e.kind() != BusException.Kind.LOST) {
                throw e;
            }
        }
        drop(open);
        return request.run(open(context));
    }

    private Items open(RequestContext context) throws BusException {
        Items present = items;
        if (present != null && present.isUsable()) {
            return present;
        }
        RequestContext limited = limited(context);
        acquire(opening, limited);
        try {
            present = items;
            if (present == null || !present.isUsable()) {
                close();
                long begin = System.nanoTime();
                present = dial(limited);
                items = present;
                LOG.debug("the keychain was opened in {} ms", (System.nanoTime() - begin) / 1_000_000);
            }
            return present;
        } finally {
            opening.unlock();
        }
    }

    private static RequestContext limited(RequestContext context) {
        Duration left = context.remaining();
        return context.within(left.compareTo(OPENING) < 0 ? left : OPENING);
    }

    private static void acquire(ReentrantLock lock, RequestContext context) throws BusException {
        try {
            if (!lock.tryLock(context.remaining().toNanos(), TimeUnit.NANOSECONDS)) {
                throw BusException.slow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BusException.slow();
        }
    }

    /** Connects on a thread of its own, because a bus that accepts and then says nothing would hold up the caller. */
    private Items dial(RequestContext context) throws BusException {
        CompletableFuture<Items> dialled = new CompletableFuture<>();
        Thread dialler = Thread.ofPlatform().daemon().name("keychain-opening").start(() -> {
            try {
                Items found = connect(context);
                if (!dialled.complete(found)) {
                    found.close();
                }
            } catch (BusException | RuntimeException e) {
                dialled.completeExceptionally(e);
            }
        });
        try {
            return dialled.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof BusException known ? known : BusException.failed();
        } catch (TimeoutException e) {
            throw givenUp(dialled, dialler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw givenUp(dialled, dialler);
        }
    }

    private static BusException givenUp(CompletableFuture<Items> dialled, Thread dialler) {
        if (!dialled.cancel(false) && !dialled.isCompletedExceptionally()) {
            dialled.join().close();
        }
        dialler.interrupt();
        return BusException.slow();
    }

    private Items connect(RequestContext context) throws BusException {
        Bus bus = Bus.dial(name -> Optional.ofNullable(environment.get(name)), context);
        try {
            return new Items(new ServiceLink(bus, context));
        } catch (BusException | RuntimeException e) {
            bus.close();
            throw e;
        }
    }

    private void drop(Items lost) {
        synchronized (this) {
            if (items == lost) {
                items = null;
            }
        }
        lost.close();
    }

    @Override
    public void close() {
        Items open = items;
        if (open != null) {
            drop(open);
        }
    }
}
