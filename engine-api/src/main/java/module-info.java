/** The SPI that every backend of the secrets engine is written against. It needs nothing but the JDK. */
module dev.secretsengine.api {
    requires static transitive org.jspecify;

    exports dev.secretsengine.api;
}
