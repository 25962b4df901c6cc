package dev.secretsengine.keychain.linux;

import java.util.List;

/** The program that provides the Secret Service, as far as its behaviour differs from others'. */
enum Daemon {
    /** Unlocks collections as a whole; aborts when a prompt is dismissed by its client. */
    GNOME_KEYRING("run docker pass unlock on a terminal, or unlock it with Passwords and Keys",
            "the Secret Service has no default keyring", "create one with Passwords and Keys"),
    /** Answers locked items with empty values, and may lose a write. */
    KWALLET("open the wallet in KWallet Manager, then try again",
            "KWallet has no wallet yet", "create one with KWallet Manager"),
    /** Authorizes each client for each item. */
    KEEPASSXC("unlock the database in KeePassXC and allow the access, then try again",
            "KeePassXC shares no open database", "open one, with Secret Service Integration enabled"),
    /** Any other. */
    OTHER("unlock it in your desktop session, then try again", "the Secret Service has no default keyring",
            "create one");

    private final String unlockHint;
    private final String absence;
    private final String remedy;

    Daemon(String unlockHint, String absence, String remedy) {
        this.unlockHint = unlockHint;
        this.absence = absence;
        this.remedy = remedy;
    }

    /** The names on the bus that its connection owns beside that of the Secret Service; any of them tells. */
    List<String> names() {
        return switch (this) {
            case GNOME_KEYRING -> List.of("org.gnome.keyring");
            case KWALLET -> List.of("org.kde.kwalletd6", "org.kde.kwalletd5");
            case KEEPASSXC -> List.of("org.keepassxc.KeePassXC.MainWindow");
            case OTHER -> List.of();
        };
    }

    /** Whether items are unlocked one by one, beside their collection. */
    boolean unlocksItems() {
        return this == KEEPASSXC || this == OTHER;
    }

    /** How its user unlocks it. */
    String unlockHint() {
        return unlockHint;
    }

    BusException locked() {
        return new BusException(BusException.Kind.LOCKED, "the keychain is locked", unlockHint);
    }

    /** The keyring asked and no window appeared, as without a display. */
    BusException promptless() {
        return new BusException(BusException.Kind.LOCKED, "the keychain is locked and cannot show its prompt here",
                unlockHint);
    }

    /** The prompt was still on the screen at the deadline. */
    BusException unanswered() {
        return new BusException(BusException.Kind.LOCKED, "the keychain is locked and its prompt was not answered",
                unlockHint);
    }

    /** There is no collection to keep secrets in. */
    BusException withoutCollection() {
        // The message alone is also told when another store is taken: it says how to come back.
        return BusException.absent(absence + " (" + remedy + ", then store = \"keychain\" in config.toml uses it)",
                "do that, or set store = \"age\"");
    }

    /** A collection that was used before is gone. */
    BusException without(String collection) {
        return BusException.absent("there is no collection \"" + collection + "\" in the keychain",
                "open or restore it, or choose another: store = \"keychain:NAME\" in config.toml");
    }
}
