package dev.secretsengine.keychain.macos;

/**
 * The keys of an item or a query that we use. The values are strings, {@code byte[]}, booleans, {@link Constant}s, and
 * for times {@code Instant}s, which are only ever read.
 */
enum Attribute {
    /** What kind of item it is. */
    CLASS("kSecClass"),
    /** The ID. */
    ACCOUNT("kSecAttrAccount"),
    /** The service name. */
    SERVICE("kSecAttrService"),
    /** The service group. */
    ACCESS_GROUP("kSecAttrAccessGroup"),
    /** For people. */
    LABEL("kSecAttrLabel"),
    /** The metadata. */
    GENERIC("kSecAttrGeneric"),
    /** From when on it can be read. */
    ACCESSIBLE("kSecAttrAccessible"),
    /** The value. */
    DATA("kSecValueData"),
    /** Of a query: how many are wanted. */
    LIMIT("kSecMatchLimit"),
    /** Of a query: whether attributes are wanted. */
    RETURN_ATTRIBUTES("kSecReturnAttributes"),
    /** Of a query: whether the value is wanted. */
    RETURN_DATA("kSecReturnData"),
    /** When it was made. */
    CREATED("kSecAttrCreationDate"),
    /** When it was changed last. */
    MODIFIED("kSecAttrModificationDate");

    private final String symbol;

    Attribute(String symbol) {
        this.symbol = symbol;
    }

    /** The name of the framework's variable that points to the key. */
    String symbol() {
        return symbol;
    }

    /** Values that are variables of the framework. */
    enum Constant {
        /** Of {@link #CLASS}. */
        GENERIC_PASSWORD("kSecClassGenericPassword"),
        /** Of {@link #ACCESSIBLE}. */
        AFTER_FIRST_UNLOCK("kSecAttrAccessibleAfterFirstUnlock"),
        /** Of {@link #LIMIT}. */
        ONE("kSecMatchLimitOne"),
        /** Of {@link #LIMIT}. */
        ALL("kSecMatchLimitAll");

        private final String symbol;

        Constant(String symbol) {
            this.symbol = symbol;
        }

        /** The name of the framework's variable. */
        String symbol() {
            return symbol;
        }
    }
}
