package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.secretsengine.api.SecretsProvider;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import javax.tools.JavaCompiler;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.osgi.framework.BundleActivator;

/**
 * A bundle written, compiled and packed by a test. Its plugin {@code name} serves one secret, {@code name/key}, whose
 * value is the bundle's version, and its activator leaves a line in the state folder whenever it is started.
 */
final class BundleJar {

    /** A statement that hears no interrupt. */
    static final String FOR_EVER = """
            while (System.nanoTime() != 0) {
                try {
                    Thread.sleep(60_000);
                } catch (InterruptedException e) {
                    continue;
                }
            }""";

    private static final String SOURCE = """
            package test.%1$s;

            import dev.secretsengine.api.*;
            import java.io.IOException;
            import java.nio.charset.StandardCharsets;
            import java.nio.file.*;
            import java.util.*;
            import org.osgi.framework.*;

            public final class Plugin implements BundleActivator, SecretsProvider%5$s {

                %6$s

                @Override
                public void start(BundleContext context) throws IOException {
                    %2$s
                    Path state = Path.of(context.getProperty(PluginProperties.STATE_FOLDER));
                    Files.writeString(state.resolve("%1$s.started"), "x", StandardOpenOption.CREATE,
                            StandardOpenOption.APPEND);
                    Hashtable<String, Object> properties = new Hashtable<>();
                    properties.put(PluginProperties.NAME, "%1$s");
                    properties.put(PluginProperties.VERSION, "%3$s");
                    properties.put(PluginProperties.PATTERN, "%1$s/**");
                    context.registerService(SecretsProvider.class, this, properties);
                }

                @Override
                public void stop(BundleContext context) {
                    %7$s
                }

                @Override
                public List<Envelope> getSecrets(SecretPattern pattern, RequestContext context)
                        throws SecretsException {
                    %4$s
                    SecretId id = SecretId.parse("%1$s/key");
                    byte[] value = "%3$s".getBytes(StandardCharsets.UTF_8);
                    return pattern.matches(id) ? List.of(Envelope.of(id, SecretValue.wrap(value))) : List.of();
                }
            }
            """;

    private final String name;
    private final String version;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private String onStart = "";
    private String onLookup = "";
    private String onStop = "";
    private String type = "";
    private String members = "";

    BundleJar(String name, String version) {
        this.name = name;
        this.version = version;
        header("Manifest-Version", "1.0");
        header("Bundle-ManifestVersion", "2");
        header("Bundle-SymbolicName", "test." + name);
        header("Bundle-Version", version);
        header("Bundle-Activator", "test." + name + ".Plugin");
        header("Import-Package", "dev.secretsengine.api;version=\"[1,2)\",org.osgi.framework");
        header("Provide-Capability", "dev.secretsengine.plugin;name=\"" + name + "\";version=\"" + version
                + "\";pattern=\"" + name + "/**\";configurable=\"true\"");
    }

    /** Sets a header of the manifest. */
    BundleJar header(String header, String value) {
        headers.put(header, value);
        return this;
    }

    /** An ordinary jar, without any header of OSGi. */
    BundleJar plain() {
        headers.keySet().removeIf(header -> !header.equals("Manifest-Version"));
        return this;
    }

    /** A statement at the beginning of the activator. */
    BundleJar onStart(String statement) {
        onStart = statement;
        return this;
    }

    /** A statement at the end of the activator. */
    BundleJar onStop(String statement) {
        onStop = statement;
        return this;
    }

    /** A statement at the beginning of each lookup. */
    BundleJar onLookup(String statement) {
        onLookup = statement;
        return this;
    }

    /** A further interface, with the members that it needs. */
    BundleJar and(String name, String code) {
        type = ", " + name;
        members = code;
        return this;
    }

    /** Writes the jar as cp does: under its name from the first byte on. */
    void writeTo(Path jar) throws IOException {
        Path classes = compile();
        Manifest manifest = new Manifest();
        headers.forEach((header, value) -> manifest.getMainAttributes().put(new Attributes.Name(header), value));
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream content = new JarOutputStream(out, manifest);
                Stream<Path> files = Files.walk(classes)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                content.putNextEntry(new ZipEntry(classes.relativize(file).toString()));
                content.write(Files.readAllBytes(file));
            }
        } finally {
            Home.remove(classes);
        }
    }

    private Path compile() throws IOException {
        Path classes = Files.createTempDirectory("se-bundle");
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        SimpleJavaFileObject source = new SimpleJavaFileObject(URI.create("string:///test/" + name + "/Plugin.java"),
                SimpleJavaFileObject.Kind.SOURCE) {

            @Override
            public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                return SOURCE.formatted(name, onStart, version, onLookup, type, members,
                        onStop);
            }
        };
        boolean good = compiler.getTask(null, null, null, List.of("-proc:none", "-d", classes.toString(), "-cp",
                origin(SecretsProvider.class) + ":" + origin(BundleActivator.class)), null, List.of(source)).call();
        assertEquals(true, good, "the bundle of the test does not compile");
        return classes;
    }

    /** The jar or folder that a class was loaded from. */
    static Path origin(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Copies a jar with another Bundle-Version. */
    static void copyAs(String version, Path original, Path copy) throws IOException {
        try (JarFile jar = new JarFile(original.toFile())) {
            Manifest manifest = jar.getManifest();
            manifest.getMainAttributes().putValue("Bundle-Version", version);
            try (OutputStream out = Files.newOutputStream(copy);
                    JarOutputStream content = new JarOutputStream(out, manifest)) {
                jar.stream().filter(entry -> !entry.getName().equals(JarFile.MANIFEST_NAME)).forEach(entry -> {
                    try {
                        content.putNextEntry(new ZipEntry(entry.getName()));
                        jar.getInputStream(entry).transferTo(content);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                });
            }
        }
    }
}
