package dev.secretsengine.launcher.host;

import dev.secretsengine.api.Envelope;
import dev.secretsengine.api.PluginProperties;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretValue;
import dev.secretsengine.api.SecretsProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Hashtable;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The activator and provider of a bundle that tests drop in: its one value is its version. */
public final class SampleBundle implements BundleActivator, SecretsProvider {

    private String version = "";

    @Override
    public void start(BundleContext context) {
        version = context.getBundle().getVersion().toString();
        Hashtable<String, Object> properties = new Hashtable<>();
        properties.put(PluginProperties.NAME, "sample");
        properties.put(PluginProperties.VERSION, version);
        properties.put(PluginProperties.PATTERN, "sample/**");
        context.registerService(SecretsProvider.class, this, properties);
    }

    @Override
    public void stop(BundleContext context) {
        version = "";
    }

    @Override
    public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context) {
        return List.of(Envelope.of(SecretId.parse("sample/version"),
                SecretValue.wrap(version.getBytes(StandardCharsets.UTF_8))));
    }

    /** Writes the jar in one step, as a careful copy does. */
    public static void drop(Path jar, String symbolicName, String version, String moreImports) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.putValue("Manifest-Version", "1.0");
        headers.putValue("Bundle-ManifestVersion", "2");
        headers.putValue("Bundle-SymbolicName", symbolicName);
        headers.putValue("Bundle-Version", version);
        headers.putValue("Bundle-Activator", SampleBundle.class.getName());
        headers.putValue("Import-Package",
                "org.osgi.framework,dev.secretsengine.api;version=\"[1,2)\"" + moreImports);
        headers.putValue("Provide-Capability",
                "dev.secretsengine.plugin;name=\"sample\";version=\"" + version + "\";pattern=\"sample/**\"");
        Path temporary = jar.resolveSibling(jar.getFileName() + ".part");
        String entry = SampleBundle.class.getName().replace('.', '/') + ".class";
        try (OutputStream file = Files.newOutputStream(temporary);
                JarOutputStream out = new JarOutputStream(file, manifest);
                var code = SampleBundle.class.getResourceAsStream("/" + entry)) {
            out.putNextEntry(new JarEntry(entry));
            code.transferTo(out);
            out.closeEntry();
        }
        Files.move(temporary, jar, StandardCopyOption.ATOMIC_MOVE);
    }
}
