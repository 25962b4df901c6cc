/** The processes: the portable client, and the engine's host with the commands that run inside it. */
module dev.secretsengine.launcher {
    requires com.fasterxml.jackson.core;
    requires dev.secretsengine.client;
    requires dev.secretsengine.core;
    requires info.picocli;
    requires java.logging;
    requires jdk.net;
    requires jdk.unsupported;
    requires org.apache.felix.framework;
    requires org.newsclub.net.unix;
    requires org.slf4j;
    requires static transitive org.jspecify;

    uses org.osgi.framework.connect.ConnectFrameworkFactory;

    // picocli fills the fields of the commands.
    opens dev.secretsengine.launcher.command to info.picocli;
}
