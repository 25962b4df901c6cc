package dev.secretsengine.age.memory;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The entries that were opened last, by file name, within bounds. What leaves is wiped. Safe for use by many threads.
 */
public final class OpenedEntries {

    /** The longest file that is remembered: with more to decrypt the key is not what takes the time. */
    public static final int MAX_LENGTH = 16 << 10;

    static final int MAX_ENTRIES = 256;
    static final int MAX_TOTAL = 1 << 20;

    private final Map<String, OpenedEntry> entries = new LinkedHashMap<>(16, 0.75f, true);
    private int total;
    private boolean closed;

    /** Remembers nothing yet. */
    public OpenedEntries() {
    }

    /** What is known of a file, null if nothing is; whether the file is still the same the caller has to see. */
    public synchronized @Nullable OpenedEntry find(String name) {
        return entries.get(name);
    }

    /** Remembers an entry in place of what was known under its name; not one that is too long, nor once closed. */
    public synchronized void put(String name, OpenedEntry entry) {
        forget(name);
        if (closed || entry.length() > MAX_LENGTH) {
            entry.payload().wipe();
            return;
        }
        entries.put(name, entry);
        total += entry.length();
        Iterator<OpenedEntry> oldest = entries.values().iterator();
        while (entries.size() > MAX_ENTRIES || total > MAX_TOTAL) {
            OpenedEntry gone = oldest.next();
            oldest.remove();
            drop(gone);
        }
    }

    private void drop(OpenedEntry gone) {
        total -= gone.length();
        gone.payload().wipe();
    }

    /** Forgets one. */
    public synchronized void forget(String name) {
        OpenedEntry gone = entries.remove(name);
        if (gone != null) {
            drop(gone);
        }
    }

    /** Forgets all. */
    public synchronized void clear() {
        entries.values().forEach(this::drop);
        entries.clear();
    }

    /** Forgets all, and takes no more. */
    public synchronized void close() {
        clear();
        closed = true;
    }

    /** How many there are. */
    synchronized int size() {
        return entries.size();
    }
}
