package dev.secretsengine.onepassword.item;

import dev.secretsengine.kit.remote.RemoteCache;
import java.util.List;

/**
 * Every item that can be seen, without fields. Names are no secrets: there is nothing to wipe.
 *
 * @param items in any order
 */
public record Names(List<ItemName> items) implements RemoteCache.Remembered {

    /** Copies the list. */
    public Names {
        items = List.copyOf(items);
    }

    @Override
    public int weight() {
        return (int) Math.min(Integer.MAX_VALUE, items.stream().mapToLong(ItemName::weight).sum() + 100);
    }

    @Override
    public void close() {
        // Nothing secret.
    }
}
