package dev.secretsengine.kit.remote;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a remote backend answers: equal questions asked at the same time share one call, and answers are remembered for as
 * long as is wanted, within bounds. A question is what {@code equals} says. A call runs on a thread of its own; each of
 * those who wait for it has a deadline and a cancellation of its own, and the call is cancelled when the last one has
 * gone. Whatever is dropped is closed, once nobody uses it. Thread-safe.
 *
 * @param <K> questions
 * @param <V> answers
 */
public final class RemoteCache<K, V extends RemoteCache.Remembered> implements AutoCloseable {

    /** An answer, which is wiped when it is closed. */
    public interface Remembered extends AutoCloseable {

        /** About how many bytes of memory it takes. */
        int weight();

        @Override
        void close();
    }

    /** Asks the backend. */
    @FunctionalInterface
    public interface Call<V> {

        /**
         * Asks, and hands the answer over.
         *
         * @param context deadline and cancellation of the call, without a caller's environment
         * @throws SecretsException for everybody who waits
         */
        V run(RequestContext context) throws SecretsException;
    }

    /** Takes what is needed out of an answer, which must not be kept. */
    @FunctionalInterface
    public interface Use<V, T> {

        /**
         * Copies what is needed.
         *
         * @throws SecretsException if the answer does not have it
         */
        T of(V answer) throws SecretsException;
    }

    /**
     * What came out.
     *
     * @param remembered whether nothing had to be asked
     */
    public record Used<T>(T result, boolean remembered) {
    }

    private final String plugin;
    private final Limits limits;
    private final Map<K, Entry<K, V>> kept = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<K, Entry<K, V>> running = new HashMap<>();
    private long bytes;
    private boolean isClosed;
    private @Nullable Thread sweeper;

    /**
     * An empty cache.
     *
     * @param plugin whose it is, for messages and thread names
     */
    public RemoteCache(String plugin, Limits limits) {
        this.plugin = plugin;
        this.limits = limits;
    }

    /**
     * The answer to a question: remembered, from a call that is already on its way, or from a new one.
     *
     * @param maxAge an older answer is not good enough
     * @param use called on the caller's thread; the answer stays whole meanwhile
     * @throws SecretsException.Unavailable if the caller's time is up, or it has gone
     * @throws SecretsException if the call fails
     */
    public <T> Used<T> get(K key, Duration maxAge, RequestContext context, Call<V> call, Use<V, T> use)
            throws SecretsException {
        Entry<K, V> entry;
        boolean remembered;
        synchronized (this) {
            Entry<K, V> recent = recent(key, maxAge);
            remembered = recent != null;
            entry = recent == null ? joined(key, context, call) : recent;
            entry.users++;
        }
        try {
            if (!remembered) {
                await(entry, context);
            }
            return new Used<>(use.of(result(entry)), remembered);
        } finally {
            release(entry);
        }
    }

    private @Nullable Entry<K, V> recent(K key, Duration maxAge) throws SecretsException {
        if (isClosed) {
            throw stopped();
        }
        Entry<K, V> entry = kept.get(key);
        if (entry == null) {
            return null;
        }
        long age = System.nanoTime() - entry.doneAt;
        return age < entry.keep(limits).toNanos() && (entry.answer == null || age < maxAge.toNanos()) ? entry : null;
    }

    private Entry<K, V> joined(K key, RequestContext context, Call<V> call) throws SecretsException {
        if (context.isOver()) {
            throw late();
        }
        Entry<K, V> present = running.get(key);
        if (present != null) {
            return present;
        }
        Entry<K, V> entry = new Entry<>(key);
        Thread.ofPlatform().daemon().name(plugin + "-call").start(() -> run(entry, call));
        running.put(key, entry);
        return entry;
    }

    private void run(Entry<K, V> entry, Call<V> call) {
        V answer = null;
        SecretsException failure = null;
        try {
            answer = call.run(RequestContext.of(limits.call(), entry.cancellation, Map.of()));
        } catch (SecretsException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            // Its message may hold anything.
            failure = new SecretsException.Failed(plugin, plugin + " threw " + e.getClass().getName(),
                    "docker pass engine logs says more").causedBy(e);
        }
        synchronized (this) {
            running.remove(entry.key, entry);
            entry.answer = answer;
            entry.failure = failure;
            entry.isDone = true;
            entry.doneAt = System.nanoTime();
            keep(entry);
            entry.wipeIfUnused();
            notifyAll();
        }
    }

    private void keep(Entry<K, V> entry) {
        entry.weight = entry.answer == null ? 256 : entry.answer.weight();
        boolean isWanted = entry.answer != null || entry.failure instanceof SecretsException.NotFound;
        if (!isWanted || isClosed || entry.isForgotten || !entry.keep(limits).isPositive() || limits.entries() < 1
                || entry.weight > limits.bytes()) {
            return;
        }
        Entry<K, V> old = kept.put(entry.key, entry);
        entry.isKept = true;
        bytes += entry.weight;
        if (old != null) {
            dropped(old);
        }
        Iterator<Entry<K, V>> eldest = kept.values().iterator();
        while (kept.size() > limits.entries() || bytes > limits.bytes()) {
            Entry<K, V> first = eldest.next();
            eldest.remove();
            dropped(first);
        }
        if (sweeper == null) {
            sweeper = Thread.ofPlatform().daemon().name(plugin + "-forget").start(this::sweep);
        }
    }

    private void dropped(Entry<K, V> entry) {
        entry.isKept = false;
        bytes -= entry.weight;
        entry.wipeIfUnused();
    }

    /** Nothing outlives its time, even if nobody asks any more. */
    private synchronized void sweep() {
        try {
            while (!kept.isEmpty()) {
                long now = System.nanoTime();
                long next = Long.MAX_VALUE;
                for (Entry<K, V> entry : List.copyOf(kept.values())) {
                    long left = entry.doneAt + entry.keep(limits).toNanos() - now;
                    if (left <= 0) {
                        kept.remove(entry.key);
                        dropped(entry);
                    } else {
                        next = Math.min(next, left);
                    }
                }
                if (!kept.isEmpty()) {
                    wait(next / 1_000_000 + 1);
                }
            }
        } catch (InterruptedException e) {
            forget();
        } finally {
            sweeper = null;
        }
    }

    private void await(Entry<K, V> entry, RequestContext context) throws SecretsException {
        Cancellation.Registration gone = context.cancellation().onCancel(this::wake);
        try {
            synchronized (this) {
                while (!entry.isDone) {
                    if (context.isOver()) {
                        throw late();
                    }
                    wait(context.remaining().toMillis() + 1);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw late();
        } finally {
            gone.close();
        }
    }

    private synchronized void wake() {
        notifyAll();
    }

    private V result(Entry<K, V> entry) throws SecretsException {
        if (entry.answer == null) {
            throw entry.failure == null ? stopped() : entry.failure;
        }
        return entry.answer;
    }

    private void release(Entry<K, V> entry) {
        boolean isAbandoned;
        synchronized (this) {
            entry.users--;
            isAbandoned = entry.users == 0 && !entry.isDone;
            if (isAbandoned) {
                entry.isForgotten = true;
                running.remove(entry.key, entry);
            } else {
                entry.wipeIfUnused();
            }
        }
        if (isAbandoned) {
            entry.cancellation.cancel();
        }
    }

    /** Wipes all that is remembered. Who waits for a call still gets its answer, which is not remembered either. */
    public synchronized void forget() {
        running.values().forEach(entry -> entry.isForgotten = true);
        List<Entry<K, V>> all = List.copyOf(kept.values());
        kept.clear();
        all.forEach(this::dropped);
        notifyAll();
    }

    /** Forgets, and cancels what is on its way. Nothing can be asked afterwards. */
    @Override
    public void close() {
        List<Entry<K, V>> open;
        synchronized (this) {
            isClosed = true;
            forget();
            open = List.copyOf(running.values());
        }
        open.forEach(entry -> entry.cancellation.cancel());
    }

    private SecretsException late() {
        return new SecretsException.Unavailable(plugin, plugin + " did not answer in time",
                "try again, or see what it waits for");
    }

    private SecretsException stopped() {
        return new SecretsException.Unavailable(plugin, "the plugin " + plugin + " was stopped meanwhile", "try again");
    }
}
