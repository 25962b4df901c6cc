/** The local store of age files, for machines without a keychain. */
// Jagged's jars are automatic modules by name only; the installation gives them descriptors under the same names.
@SuppressWarnings("requires-automatic") module dev.secretsengine.age {
    requires static transitive org.jspecify;
    requires dev.secretsengine.api;
    requires com.exceptionfactory.jagged;
    requires com.exceptionfactory.jagged.framework;
    requires com.exceptionfactory.jagged.x25519;
    requires org.apache.felix.framework;
    requires org.bouncycastle.provider;
    requires org.slf4j;

    exports dev.secretsengine.age to org.apache.felix.framework;
}
