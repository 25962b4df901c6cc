package dev.secretsengine.onepassword.item;

import dev.secretsengine.kit.remote.RemoteCache;
import java.util.List;

/**
 * An item with its fields. Closing it wipes their values.
 *
 * @param title what it is called now; empty if the answer does not say
 * @param vaultName what its vault is called now; empty if the answer does not say
 * @param isPutAway whether it is in the archive or deleted
 * @param fields those that have a value, in the item's order
 */
public record Item(String title, String vaultName, String version, boolean isPutAway,
        List<Field> fields) implements RemoteCache.Remembered {

    /** Copies the list. */
    public Item {
        fields = List.copyOf(fields);
    }

    @Override
    public int weight() {
        return fields.stream().mapToInt(field -> field.value().length() + 500).sum() + 100;
    }

    @Override
    public void close() {
        fields.forEach(field -> field.value().close());
    }
}
