package dev.secretsengine.onepassword.item;

/**
 * An item without its fields.
 *
 * @param id of 26 letters and digits
 * @param vaultName as the user sees it
 * @param version counts the item's changes, as text
 */
public record ItemName(String id, String title, String vaultId, String vaultName, String category, String version) {

    /** About how many bytes of memory it takes. */
    int weight() {
        return 2 * (id.length() + title.length() + vaultId.length() + vaultName.length() + category.length()) + 300;
    }
}
