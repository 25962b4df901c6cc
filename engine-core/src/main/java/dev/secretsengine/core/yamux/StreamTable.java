package dev.secretsengine.core.yamux;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** A session's streams: which there are, which wait for their acknowledgement and which to be accepted. */
final class StreamTable {

    /** More, and a Go peer resets them: its accept backlog. */
    static final int MAX_UNACKNOWLEDGED = 256;

    private static final int STEP = 2;
    private static final long LAST_ID = 0xffff_ffffL;

    private final int inboundLimit;
    private final boolean client;

    private final ReentrantLock lock = new ReentrantLock();

    /** Two, because a stream that comes and goes is no news to whoever waits for the peer's. */
    private final Condition room = lock.newCondition();
    private final Condition arrival = lock.newCondition();
    private final Map<Integer, YamuxStream> streams = new HashMap<>();
    private final Set<Integer> unacknowledged = new HashSet<>();
    private final Deque<YamuxStream> arrived = new ArrayDeque<>();
    private long nextId;
    private int inbound;
    private boolean leaving;
    private boolean peerLeaving;
    private @Nullable IOException ended;

    StreamTable(boolean client, int inboundLimit) {
        this.client = client;
        this.inboundLimit = inboundLimit;
        this.nextId = client ? 1 : STEP;
    }

    /** Makes a stream with this number. */
    @FunctionalInterface
    interface Maker {

        YamuxStream make(int id);
    }

    /** Opens a stream, once there are few enough that the peer has not acknowledged. */
    YamuxStream open(Maker maker, long deadline) throws IOException {
        lock.lock();
        try {
            Waiting.until(() -> unacknowledged.size() < MAX_UNACKNOWLEDGED || peerLeaving || ended != null, room,
                    deadline);
            checkOpen();
            YamuxStream stream = maker.make((int) nextId);
            streams.put(stream.id(), stream);
            unacknowledged.add(stream.id());
            nextId += STEP;
            return stream;
        } finally {
            lock.unlock();
        }
    }

    private void checkOpen() throws IOException {
        if (ended != null) {
            throw new IOException(ended.getMessage(), ended);
        }
        if (peerLeaving) {
            throw new IOException("the peer takes no more streams");
        }
        if (nextId > LAST_ID) {
            throw new IOException("the session has no more streams");
        }
    }

    /**
     * Takes in a stream of the peer's.
     *
     * @return null if it is refused: there are too many, or we are leaving
     * @throws YamuxException if it is not for the peer to open this one
     */
    @Nullable
    YamuxStream admit(int id, Maker maker) throws YamuxException {
        lock.lock();
        try {
            boolean odd = (id & 1) == 1;
            if (id == 0 || odd == client) {
                throw new YamuxException("the peer opened a stream that is not its own");
            }
            if (streams.containsKey(id)) {
                throw new YamuxException("the peer opened a stream twice");
            }
            if (leaving || ended != null || inbound >= inboundLimit) {
                return null;
            }
            YamuxStream stream = maker.make(id);
            inbound++;
            streams.put(id, stream);
            arrived.add(stream);
            arrival.signalAll();
            return stream;
        } finally {
            lock.unlock();
        }
    }

    /** The next stream of the peer's, or null when the session has ended. */
    @Nullable
    YamuxStream accept(long deadline) throws IOException {
        lock.lock();
        try {
            Waiting.until(() -> !arrived.isEmpty() || ended != null, arrival, deadline);
            return arrived.poll();
        } finally {
            lock.unlock();
        }
    }

    @Nullable
    YamuxStream find(int id) {
        lock.lock();
        try {
            return streams.get(id);
        } finally {
            lock.unlock();
        }
    }

    boolean holds(YamuxStream stream) {
        return find(stream.id()) == stream;
    }

    /** The peer has accepted one of ours, as it says or shows. */
    void acknowledged(YamuxStream stream) {
        lock.lock();
        try {
            boolean full = unacknowledged.size() >= MAX_UNACKNOWLEDGED;
            if (stream.isOurs() && unacknowledged.remove(stream.id()) && full) {
                room.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Both ways have ended, or it broke. Answers whether it was still there. */
    boolean remove(YamuxStream stream) {
        lock.lock();
        try {
            if (!streams.remove(stream.id(), stream)) {
                return false;
            }
            acknowledged(stream);
            if (!stream.isOurs()) {
                inbound--;
            }
        } finally {
            lock.unlock();
        }
        stream.forgetAbandonment();
        return true;
    }

    /** It broke before anybody accepted it. */
    void forget(YamuxStream stream) {
        lock.lock();
        try {
            arrived.remove(stream);
        } finally {
            lock.unlock();
        }
    }

    /** How many streams there are. */
    int size() {
        lock.lock();
        try {
            return streams.size();
        } finally {
            lock.unlock();
        }
    }

    /** From now on the peer's streams are refused. */
    void leave() {
        lock.lock();
        try {
            leaving = true;
        } finally {
            lock.unlock();
        }
    }

    /** From now on none can be opened; those that are open go on. */
    void peerLeaves() {
        lock.lock();
        try {
            peerLeaving = true;
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    boolean isOpen() {
        lock.lock();
        try {
            return ended == null && !peerLeaving;
        } finally {
            lock.unlock();
        }
    }

    /** Why it ended, or null. */
    @Nullable
    IOException ended() {
        lock.lock();
        try {
            return ended;
        } finally {
            lock.unlock();
        }
    }

    /** Ends all of it; answers the streams there were, or null if it has ended before. */
    @Nullable
    List<YamuxStream> end(IOException reason) {
        lock.lock();
        try {
            if (ended != null) {
                return null;
            }
            ended = reason;
            List<YamuxStream> all = List.copyOf(streams.values());
            streams.clear();
            unacknowledged.clear();
            arrived.clear();
            room.signalAll();
            arrival.signalAll();
            return all;
        } finally {
            lock.unlock();
        }
    }
}
