package dev.secretsengine.onepassword;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.secretsengine.api.Configurable;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.SecretsProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** The finished jar in a framework that has nothing to offer but the api and the JDK. */
class BundleIT {

    @TempDir
    private Path folder;
    private Framework framework;
    private Bundle bundle;

    @BeforeEach
    void install() throws Exception {
        framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.toString(),
                Constants.FRAMEWORK_SYSTEMPACKAGES,
                "org.osgi.framework;version=1.10,dev.secretsengine.api;version=1.1,javax.net.ssl",
                "felix.service.urlhandlers", "false"));
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
    void declaresItsPluginsWithoutBeingStarted() {
        List<Map<String, Object>> plugins = bundle.adapt(BundleRevision.class)
                .getDeclaredCapabilities(PluginProperties.CAPABILITY).stream()
                .map(capability -> capability.getAttributes()).toList();
        Map<String, String> common = Map.of("version", "0.1.0", "pattern", "**", "configurable", "true", "group",
                "1password", "enabled", "false");
        assertEquals(List.of("1password-cli", "1password-sdk"),
                plugins.stream().map(plugin -> plugin.get("name")).toList());
        for (Map<String, Object> plugin : plugins) {
            common.forEach((attribute, value) -> assertEquals(value, plugin.get(attribute)));
            assertNotNull(plugin.get("hint"));
        }
        assertEquals(Bundle.INSTALLED, bundle.getState());
    }

    @Test
    void needsNothingButTheApiAndTheFramework() {
        assertEquals(
                Set.of("(&(osgi.wiring.package=dev.secretsengine.api)(version>=1.1.0)(!(version>=2.0.0)))",
                        "(&(osgi.wiring.package=org.osgi.framework)(version>=1.10.0)(!(version>=2.0.0)))",
                        "(osgi.wiring.package=javax.net.ssl)"),
                bundle.adapt(BundleRevision.class).getDeclaredRequirements("osgi.wiring.package").stream()
                        .map(BundleRequirement::getDirectives)
                        .filter(directives -> !"optional".equals(directives.get("resolution")))
                        .map(directives -> directives.get("filter")).collect(Collectors.toSet()));
    }

    @Test
    void itsClassesNeedNothingElse() throws Exception {
        bundle.start();
        try (FakeConnect server = new FakeConnect(Vaults.usual(), Optional.empty())) {
            ServiceReference<?> reference = reference("1password-sdk");
            Object service = framework.getBundleContext().getService(reference);
            assertInstanceOf(Configurable.class, service).configure(server.settings().set("pattern", "work-eu/**"));
            assertEquals("work-eu/**", reference.getProperty(PluginProperties.PATTERN));
            assertEquals(true, reference.getProperty(PluginProperties.CONFIGURABLE));
            assertEquals("0.1.0", reference.getProperty(PluginProperties.VERSION));
            assertEquals(Map.of("work-eu/api-key", "key-123"),
                    Given.ask(assertInstanceOf(SecretsProvider.class, service), "work-eu/api-key"));
        }
        bundle.stop();
        assertNull(framework.getBundleContext().getServiceReference(SecretsProvider.class.getName()));
        long patience = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!threads().isEmpty() && System.nanoTime() < patience) {
            Thread.sleep(5);
        }
        assertEquals(List.of(), threads());
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName)
                .filter(name -> name.matches("(1password|HttpClient|rest-client)-.*")).toList();
    }

    /** As the engine does it: the provider is configured before the call that registers it returns. */
    @Test
    void itsPatternMayChangeWhileItsServiceIsRegistered() throws Exception {
        FakeOp op = new FakeOp(folder.resolve("op"), Vaults.usual());
        List<Object> patterns = new ArrayList<>();
        framework.getBundleContext().addServiceListener(event -> {
            if (event.getType() == ServiceEvent.REGISTERED) {
                configure(framework.getBundleContext().getService(event.getServiceReference()), op);
                patterns.add(event.getServiceReference().getProperty(PluginProperties.PATTERN));
            }
        }, "(objectClass=" + SecretsProvider.class.getName() + ")");
        bundle.start();
        assertEquals(List.of("home/**", "home/**"), patterns);
    }

    private static void configure(Object service, FakeOp op) {
        try {
            assertInstanceOf(Configurable.class, service)
                    .configure(Given.sdk().set("op", op.program().toString()).set("pattern", "home/**"));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private ServiceReference<?> reference(String plugin) throws Exception {
        return framework.getBundleContext().getServiceReferences(SecretsProvider.class.getName(),
                "(" + PluginProperties.NAME + "=" + plugin + ")")[0];
    }
}
