/** The local store on the keychain of the operating system. */
module dev.secretsengine.keychain {
    requires static transitive org.jspecify;
    // On macOS and Windows only: docs/decisions/0027-jna-where-it-is-needed.md
    requires static com.sun.jna;
    requires dev.secretsengine.api;
    requires org.apache.felix.framework;
    requires org.freedesktop.dbus;
    requires org.slf4j;

    // The framework makes the activator.
    exports dev.secretsengine.keychain to org.apache.felix.framework;
}
