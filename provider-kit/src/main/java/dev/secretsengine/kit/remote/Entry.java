package dev.secretsengine.kit.remote;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.SecretsException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One question of a cache, and what became of it; guarded by the cache. */
final class Entry<K, V extends RemoteCache.Remembered> {

    final K key;
    final Cancellation cancellation = new Cancellation();

    /** Lookups that wait for the answer or use it. */
    int users;
    boolean isDone;
    /** Whether the cache has it, to be answered from memory. */
    boolean isKept;
    /** Whether it must not be kept when it is done. */
    boolean isForgotten;
    long doneAt;
    int weight;
    @Nullable
    V answer;
    @Nullable
    SecretsException failure;

    Entry(K key) {
        this.key = key;
    }

    /** How long it may be kept. */
    Duration keep(Limits limits) {
        return answer == null ? limits.misses() : limits.keep();
    }

    void wipeIfUnused() {
        if (users == 0 && !isKept && answer != null) {
            answer.close();
        }
    }
}
