package dev.secretsengine.keychain.linux;

import dev.secretsengine.api.Cancellation;
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

    private final Map<String, String> environment;
    private final Unlocker unlocker = new Unlocker();
    private final ReentrantLock opening = new ReentrantLock();
    private final ReentrantLock writing = new ReentrantLock();
    private volatile @Nullable ServiceLink link;

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

        T run(ServiceLink link) throws BusException;
    }

    /** A request to one collection of it. */
    @FunctionalInterface
    private interface ItemRequest<T> {

        T run(Items items) throws BusException;
    }

    @Override
    public Probe probe(Layout layout, RequestContext context) {
        try {
            return retried(context, open -> items(open, layout, context).isLocked(context)
                    ? new Probe(State.LOCKED, open.daemon().locked().advice())
                    : new Probe(State.READY, ""));
        } catch (BusException e) {
            // Where there is none, another store is taken: a hint how to get one would mislead.
            return e.kind() == BusException.Kind.ABSENT
                    ? new Probe(State.ABSENT, String.valueOf(e.getMessage()))
                    : new Probe(State.UNKNOWN, e.advice());
        }
    }

    @Override
    public String collection(Layout layout, RequestContext context) throws SecretsException {
        return asked(layout.label(), context, open -> collection(open, layout, context));
    }

    private static String collection(ServiceLink open, Layout layout, RequestContext context) throws BusException {
        return layout.collection().isEmpty() ? new CollectionFinder(open).preferred(context) : layout.collection();
    }

    private static Items items(ServiceLink open, Layout layout, RequestContext context) throws BusException {
        return open.items(collection(open, layout, context));
    }

    @Override
    public List<SecretInfo> list(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        Optional<SecretId> id = pattern.asId();
        return asked(layout, pattern.toString(), context, items -> id.isPresent()
                ? items.describe(layout, id.get(), context).stream().toList()
                : items.list(layout, pattern, context));
    }

    @Override
    public List<Envelope> read(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        Optional<SecretId> id = pattern.asId();
        return asked(layout, pattern.toString(), context, items -> id.isPresent()
                ? items.get(layout, id.get(), context).stream().toList()
                : items.getAll(layout, pattern, context));
    }

    @Override
    public void write(Layout layout, SecretId id, SecretValue value, Map<String, String> metadata,
            RequestContext context) throws SecretsException {
        asked(layout, id.toString(), context, items -> alone(context, () -> {
            items.writer().set(layout, id, value, metadata, context);
            return id;
        }));
    }

    @Override
    public boolean delete(Layout layout, SecretId id, RequestContext context) throws SecretsException {
        return asked(layout, id.toString(), context,
                items -> alone(context, () -> items.writer().remove(layout, id, context)));
    }

    @Override
    public Map<SecretId, List<String>> elsewhere(Layout layout, SecretPattern pattern, RequestContext context)
            throws SecretsException {
        return asked(pattern.toString(), context, open -> new CollectionFinder(open)
                .elsewhere(layout, collection(open, layout, context), pattern, context));
    }

    @Override
    public void requireUnlockable(Layout layout, RequestContext context) throws SecretsException {
        asked(layout.label(), context, open -> {
            if (open.daemon() != Daemon.GNOME_KEYRING) {
                throw new BusException(BusException.Kind.REFUSED,
                        "this keychain takes its passphrase in its own window only", open.daemon().unlockHint());
            }
            return open;
        });
    }

    @Override
    public void unlock(Layout layout, SecretValue passphrase, RequestContext context) throws SecretsException {
        requireUnlockable(layout, context);
        asked(layout.label(), context, open -> {
            open.unlock(collection(open, layout, context), passphrase, context);
            return open;
        });
    }

    private <T> T alone(RequestContext context, ServiceLink.Action<T> action) throws BusException {
        acquire(writing, context);
        try {
            return action.run();
        } finally {
            writing.unlock();
        }
    }

    private <T> T asked(Layout layout, String subject, RequestContext context, ItemRequest<T> request)
            throws SecretsException {
        return asked(subject, context, open -> request.run(items(open, layout, context)));
    }

    private <T> T asked(String subject, RequestContext context, Request<T> request) throws SecretsException {
        try {
            return retried(context, request);
        } catch (BusException e) {
            throw e.about(subject);
        }
    }

    private <T> T retried(RequestContext context, Request<T> request) throws BusException {
        ServiceLink open = open(context);
        try {
            return request.run(open);
        } catch (BusException e) {
            if (e.kind() == BusException.Kind.DISMISSED && open.daemon() == Daemon.KEEPASSXC) {
                // It remembers a refusal for as long as the connection lasts.
                drop(open);
            }
            // KWallet sometimes comes to another key than we do, and then cannot read what it is sent.
            boolean isOtherKey = e.kind() == BusException.Kind.FAILED && open.daemon() == Daemon.KWALLET;
            if (e.kind() != BusException.Kind.LOST && !isOtherKey) {
                throw e;
            }
        }
        drop(open);
        return request.run(open(context));
    }

    private ServiceLink open(RequestContext context) throws BusException {
        ServiceLink present = link;
        if (present != null && present.isUsable()) {
            return present;
        }
        acquire(opening, context);
        try {
            present = link;
            if (present == null || !present.isUsable()) {
                close();
                long begin = System.nanoTime();
                present = dial(context);
                link = present;
                LOG.debug("the keychain was opened in {} ms", (System.nanoTime() - begin) / 1_000_000);
            }
            return present;
        } finally {
            opening.unlock();
        }
    }

    private static void acquire(ReentrantLock lock, RequestContext context) throws BusException {
        try {
            while (!lock.tryLock(Bus.slice(context), TimeUnit.MILLISECONDS)) {
                if (context.isOver()) {
                    throw BusException.slow();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw BusException.slow();
        }
    }

    /** Connects on a thread of its own: a bus that accepts a connection and never answers blocks that thread. */
    private ServiceLink dial(RequestContext context) throws BusException {
        CompletableFuture<ServiceLink> dialled = new CompletableFuture<>();
        Thread dialler = Thread.ofPlatform().daemon().name("keychain-opening").start(() -> {
            try {
                ServiceLink found = connect(context);
                if (!dialled.complete(found)) {
                    found.close();
                }
            } catch (BusException | RuntimeException e) {
                dialled.completeExceptionally(e);
            }
        });
        try (Cancellation.Registration _ = context.cancellation()
                .onCancel(() -> dialled.completeExceptionally(BusException.slow()))) {
            return dialled.get(context.remaining().toNanos(), TimeUnit.NANOSECONDS);
        } catch (ExecutionException e) {
            dialler.interrupt();
            throw e.getCause() instanceof BusException known ? known : BusException.failed();
        } catch (TimeoutException e) {
            throw givenUp(dialled, dialler);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw givenUp(dialled, dialler);
        }
    }

    private static BusException givenUp(CompletableFuture<ServiceLink> dialled, Thread dialler) {
        if (!dialled.cancel(false) && !dialled.isCompletedExceptionally()) {
            dialled.join().close();
        }
        dialler.interrupt();
        return BusException.slow();
    }

    private ServiceLink connect(RequestContext context) throws BusException {
        Bus bus = Bus.dial(name -> Optional.ofNullable(environment.get(name)), context);
        try {
            return new ServiceLink(bus, unlocker, context);
        } catch (BusException | RuntimeException e) {
            bus.close();
            throw e;
        }
    }

    private void drop(ServiceLink lost) {
        synchronized (this) {
            if (link == lost) {
                link = null;
            }
        }
        lost.close();
    }

    @Override
    public void close() {
        ServiceLink open = link;
        if (open != null) {
            drop(open);
        }
    }
}
