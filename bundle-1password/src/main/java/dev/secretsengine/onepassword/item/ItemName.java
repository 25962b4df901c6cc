package dev.secretsengine.onepassword.item;

/**
 * An item without its fields.
 *
 * @param id of 26 letters and digits
 * @param vaultName as the user sees it
 * @param version counts the item's changes, as text
 */
public record ItemName(String id, String title, String vaultId, String vaultName, String category, String version) {

    /** The same item by the names that it says it has. */
    public ItemName as(Item item) {
        return new ItemName(id, item.title().isEmpty() ? title : item.title(), vaultId,
                item.vaultName().isEmpty() ? vaultName : item.vaultName(), category, version);
    }

    /** Whether both are one item, whatever it is called. */
    public boolean isSame(ItemName other) {
        return id.equals(other.id) && vaultId.equals(other.vaultId);
    }

    /** About how many bytes of memory it takes. */
    int weight() {
        return 2 * (id.length() + title.length() + vaultId.length() + vaultName.length() + category.length()) + 300;
    }
}
