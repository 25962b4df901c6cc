/** The client of the engine for programs on a JVM, and the wire protocol that it shares with the engine. JDK only. */
// The engine is built after this module, and does not exist for programs that use it.
@SuppressWarnings("module") module dev.secretsengine.client {
    requires static transitive org.jspecify;

    exports dev.secretsengine.client;
    exports dev.secretsengine.client.protocol to dev.secretsengine.core;
    exports dev.secretsengine.client.protocol.codec to dev.secretsengine.core, dev.secretsengine.launcher;
    exports dev.secretsengine.client.protocol.http to dev.secretsengine.core;
}
