package dev.secretsengine.keychain;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.nio.file.Path;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRevision;

/** The finished jar in a framework that offers what the engine's does. */
class KeychainBundleIT {

    private static final String PACKAGES = "org.osgi.framework;version=1.10,dev.secretsengine.api;version=1.0,"
            + "org.slf4j;version=2.0.17,javax.crypto,javax.crypto.spec,org.freedesktop.dbus,"
            + "org.freedesktop.dbus.connections.config,org.freedesktop.dbus.connections.impl,"
            + "org.freedesktop.dbus.exceptions,org.freedesktop.dbus.interfaces,org.freedesktop.dbus.matchrules,"
            + "org.freedesktop.dbus.messages,org.freedesktop.dbus.types";

    @TempDir
    private Path folder;
    private Framework framework;
    private Bundle bundle;

    @BeforeEach
    void install() throws Exception {
        framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow()
                .newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.toString(),
                        Constants.FRAMEWORK_SYSTEMPACKAGES, PACKAGES));
        framework.start();
        bundle = framework.getBundleContext()
                .installBundle(Path.of(System.getProperty("bundle.jar")).toUri().toString());
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void declaresItsPluginWithoutBeingStarted() {
        BundleCapability plugin = bundle.adapt(BundleRevision.class)
                .getDeclaredCapabilities(PluginProperties.CAPABILITY).get(0);
        assertEquals(Map.of("name", "docker-pass", "version", "0.1.0", "pattern", "**", "configurable", "false",
                "store", "keychain"), plugin.getAttributes());
    }

    @Test
    void servesWhileItIsStarted() throws Exception {
        bundle.start();
        ServiceReference<?> reference = framework.getBundleContext()
                .getServiceReference(SecretsProvider.class.getName());
        assertNotNull(reference);
        assertEquals("docker-pass", reference.getProperty(PluginProperties.NAME));
        assertEquals("0.1.0", reference.getProperty(PluginProperties.VERSION));
        assertEquals("**", reference.getProperty(PluginProperties.PATTERN));
        assertEquals(false, reference.getProperty(PluginProperties.CONFIGURABLE));
        assertEquals("keychain", reference.getProperty(PluginProperties.STORE));
        assertEquals(100, reference.getProperty(Constants.SERVICE_RANKING));
        bundle.stop();
        assertNull(framework.getBundleContext().getServiceReference(SecretsProvider.class.getName()));
    }
}
