package dev.secretsengine.dockerauth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.secretsengine.api.Cancellation;
import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsProvider;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.wiring.BundleCapability;
import org.osgi.framework.wiring.BundleRequirement;
import org.osgi.framework.wiring.BundleRevision;

/** The finished jar in a framework that has nothing to offer but the api and slf4j. */
class BundleIT {

    @TempDir
    private Path folder;
    private Framework framework;
    private Bundle bundle;

    @BeforeEach
    void install() throws Exception {
        framework = new FrameworkFactory().newFramework(Map.of(Constants.FRAMEWORK_STORAGE, folder.toString(),
                Constants.FRAMEWORK_SYSTEMPACKAGES,
                "org.osgi.framework;version=1.10,dev.secretsengine.api;version=1.0,org.slf4j;version=2.0.17"));
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
        assertEquals(Map.of("name", "docker-auth", "version", "0.1.0", "pattern", "docker/auth/**", "configurable",
                "true"), plugin.getAttributes());
        assertEquals(Bundle.INSTALLED, bundle.getState());
    }

    @Test
    void needsNothingButTheApiTheFrameworkAndTheLog() {
        assertEquals(
                Set.of("(&(osgi.wiring.package=dev.secretsengine.api)(version>=1.0.0)(!(version>=2.0.0)))",
                        "(&(osgi.wiring.package=org.osgi.framework)(version>=1.10.0)(!(version>=2.0.0)))",
                        "(&(osgi.wiring.package=org.slf4j)(version>=2.0.0)(!(version>=3.0.0)))"),
                bundle.adapt(BundleRevision.class).getDeclaredRequirements("osgi.wiring.package").stream()
                        .map(BundleRequirement::getDirectives)
                        .filter(directives -> !"optional".equals(directives.get("resolution")))
                        .map(directives -> directives.get("filter")).collect(Collectors.toSet()));
    }

    @Test
    void servesWhileItIsStarted() throws Exception {
        bundle.start();
        ServiceReference<?> reference = framework.getBundleContext()
                .getServiceReference(SecretsProvider.class.getName());
        assertNotNull(reference);
        assertEquals("docker-auth", reference.getProperty(PluginProperties.NAME));
        assertEquals("0.1.0", reference.getProperty(PluginProperties.VERSION));
        assertEquals("docker/auth/**", reference.getProperty(PluginProperties.PATTERN));
        assertEquals(true, reference.getProperty(PluginProperties.CONFIGURABLE));
        assertEquals("pw", lookUp(framework.getBundleContext().getService(reference)));
        bundle.stop();
        assertNull(framework.getBundleContext().getServiceReference(SecretsProvider.class.getName()));
    }

    private String lookUp(Object service) throws Exception {
        Path config = Files.createDirectory(folder.resolve("config"));
        Files.writeString(config.resolve("config.json"),
                "{\"auths\":{\"registry:5000\":%s}}".formatted(DockerHome.auth("bob:pw")));
        RequestContext context = RequestContext.of(Duration.ofSeconds(20), new Cancellation(),
                Map.of("DOCKER_CONFIG", config.toString()));
        SecretsProvider provider = assertInstanceOf(SecretsProvider.class, service);
        SecretPattern asked = SecretPattern.parse("docker/auth/registry/registry:5000/bob");
        try (Envelope envelope = provider.getSecrets(asked, context).get(0)) {
            return new String(envelope.value().copyBytes(), StandardCharsets.UTF_8);
        }
    }
}
