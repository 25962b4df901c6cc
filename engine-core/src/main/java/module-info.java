/** The engine: registry of providers, resolver, plugin lifecycle, the choice of the local store, sockets. */
// tomlj ships as an automatic module; the runtime image is linked with descriptors of the same names.
@SuppressWarnings("requires-automatic") module dev.secretsengine.core {
    requires transitive dev.secretsengine.api;
    requires dev.secretsengine.client;
    requires com.fasterxml.jackson.core;
    requires org.apache.felix.framework;
    requires org.newsclub.net.unix;
    requires org.slf4j;
    requires org.tomlj;
    requires static transitive org.jspecify;

    exports dev.secretsengine.core;
    exports dev.secretsengine.core.bundle;
    exports dev.secretsengine.core.config;
    exports dev.secretsengine.core.env;
    exports dev.secretsengine.core.plugin;
    exports dev.secretsengine.core.resolve;
    exports dev.secretsengine.core.store;
    exports dev.secretsengine.core.sdk;
    exports dev.secretsengine.core.swarm;
    exports dev.secretsengine.core.wire;
    // The framework makes the activator.
    exports dev.secretsengine.core.osgi to org.apache.felix.framework;
}
