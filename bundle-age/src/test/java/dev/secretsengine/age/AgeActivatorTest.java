package dev.secretsengine.age;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.IdentityStore;
import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.launch.FrameworkFactory;

class AgeActivatorTest {

    @TempDir
    Path temp;

    @Test
    void registersTheStoreWithoutTouchingAnything() throws Exception {
        Home home = new Home(temp.resolve("home"));
        Framework framework = framework(Map.of(PluginProperties.CONFIG_FOLDER, home.config().toString(),
                PluginProperties.DATA_FOLDER, home.secrets().getParent().toString()));
        try {
            BundleContext context = framework.getBundleContext();
            new AgeActivator().start(context);
            ServiceReference<?> reference = context.getServiceReference(SecretsProvider.class.getName());
            assertEquals("docker-pass", reference.getProperty(PluginProperties.NAME));
            assertEquals("**", reference.getProperty(PluginProperties.PATTERN));
            assertEquals(false, reference.getProperty(PluginProperties.CONFIGURABLE));
            assertEquals("age", reference.getProperty(PluginProperties.STORE));
            assertEquals(0, reference.getProperty(Constants.SERVICE_RANKING));
            assertEquals(framework.getVersion().toString(), reference.getProperty(PluginProperties.VERSION));
            assertEquals(List.of("cache"), Home.names(temp));

            Object store = context.getService(reference);
            assertInstanceOf(IdentityStore.class, store);
            assertInstanceOf(Configurable.class, store);
            Home.set((AgeStore) assertInstanceOf(LocalStore.class, store), "a", "1");
            assertEquals("1", Home.get(home.store(), "a"));
        } finally {
            framework.stop();
            framework.waitForStop(10_000);
        }
    }

    @Test
    void saysWhichFolderItWasNotTold() throws Exception {
        Framework framework = framework(Map.of());
        try {
            IllegalStateException e = assertThrows(IllegalStateException.class,
                    () -> new AgeActivator().start(framework.getBundleContext()));
            assertEquals("the framework property " + PluginProperties.CONFIG_FOLDER + " is not set", e.getMessage());
        } finally {
            framework.stop();
            framework.waitForStop(10_000);
        }
    }

    private Framework framework(Map<String, String> folders) throws Exception {
        Map<String, String> properties = new HashMap<>(folders);
        properties.put(Constants.FRAMEWORK_STORAGE, temp.resolve("cache").toString());
        properties.put("felix.service.urlhandlers", "false");
        Framework framework = ServiceLoader.load(FrameworkFactory.class).findFirst().orElseThrow()
                .newFramework(properties);
        framework.init();
        return framework;
    }
}
