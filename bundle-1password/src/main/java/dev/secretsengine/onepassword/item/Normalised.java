package dev.secretsengine.onepassword.item;

/** Names of vaults, items, sections and fields as components of an ID. */
public final class Normalised {

    private Normalised() {
    }

    /** The component; empty if nothing of the name can be in one. */
    public static String of(String name) {
        StringBuilder component = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == ' ') {
                component.append('-');
            } else if (c == '/' || c == '&') {
                component.append('_');
            } else if (c >= 'A' && c <= 'Z') {
                component.append((char) (c - 'A' + 'a'));
            } else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_') {
                component.append(c);
            }
        }
        return component.toString();
    }
}
