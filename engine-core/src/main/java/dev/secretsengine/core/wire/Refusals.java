package dev.secretsengine.core.wire;

import dev.secretsengine.core.watch.Patrol;
import java.io.Closeable;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Tells the log of refused connections: the first of a user at once, then how many there were in each period, so that a
 * flood of them does not push out what else the log holds. Thread-safe.
 */
final class Refusals implements Closeable {

    /** More users than this are one: each costs a line in each period. */
    private static final int MOST_USERS = 20;
    private static final Long OTHERS = -1L;

    private final Map<Long, Count> counts = new HashMap<>();
    private final Patrol<Count> patrol;
    private final Duration period;
    private final Consumer<String> log;

    /** Refusals told by lines, each without an end. */
    Refusals(Duration period, Consumer<String> log) {
        this.period = period;
        this.log = log;
        this.patrol = new Patrol<>("refusals", period, Count::look);
    }

    /** What is not told yet of one user. */
    private final class Count {

        private final Long uid;
        private long begin = System.nanoTime();
        private long refused;
        private String last = "";

        Count(Long uid) {
            this.uid = uid;
        }

        /** Tells it; a user that was not refused for a whole period is told of at once the next time. */
        void look() {
            synchronized (Refusals.this) {
                // The patrol may come at any time within the period.
                if (System.nanoTime() - begin >= period.toNanos()) {
                    begin = System.nanoTime();
                    tell();
                }
            }
        }

        private void tell() {
            if (refused > 0) {
                log.accept("refused " + refused + " more connections of " + (uid < 0 ? "other users" : "uid " + uid)
                        + " within " + period.toSeconds() + " s: " + last);
                refused = 0;
            } else if (patrol.remove(this)) {
                counts.remove(uid);
            }
        }
    }

    synchronized void add(Peer peer, String why) {
        Long uid = counts.containsKey(peer.uid()) || counts.size() < MOST_USERS ? (Long) peer.uid() : OTHERS;
        Count known = counts.get(uid);
        if (known != null) {
            known.refused++;
            known.last = why;
            return;
        }
        Count first = new Count(uid);
        counts.put(uid, first);
        log.accept("refused a connection of uid " + peer.uid() + " (pid " + peer.pid() + "): " + why);
        patrol.add(first);
    }

    /** Tells the rest. */
    @Override
    public synchronized void close() {
        patrol.close();
        List.copyOf(counts.values()).forEach(Count::tell);
    }
}
