package dev.secretsengine.launcher.host;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleReader;
import java.lang.module.ResolvedModule;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.connect.ConnectContent;
import org.osgi.framework.connect.ConnectModule;
import org.osgi.framework.connect.ModuleConnector;

/**
 * The engine's own modules as bundles (OSGi Connect): they stay named modules of the image, loaded from its AOT cache,
 * and are started, stopped and tracked like any other bundle.
 */
final class BuiltIns implements ModuleConnector {

    /** What a location of a built-in bundle starts with. */
    static final String SCHEME = "builtin:";

    private static final String OURS = "dev.secretsengine.";
    private static final String LAUNCHER = OURS + "launcher";

    /** Every module that is to be a bundle, as a location. */
    static List<String> locations() {
        return ModuleLayer.boot().modules().stream().map(Module::getName)
                .filter(name -> name.startsWith(OURS) && !name.equals(LAUNCHER)).sorted().map(name -> SCHEME + name)
                .toList();
    }

    @Override
    public void initialize(File storage, Map<String, String> configuration) {
        // The modules keep nothing in the framework's storage.
    }

    @Override
    public Optional<ConnectModule> connect(String location) {
        return location.startsWith(SCHEME)
                ? Optional.of(() -> new Content(location.substring(SCHEME.length())))
                : Optional.empty();
    }

    @Override
    public Optional<BundleActivator> newBundleActivator() {
        return Optional.empty();
    }

    /** A module's files, read from the run-time image. */
    private static final class Content implements ConnectContent {

        private final String module;

        Content(String module) {
            this.module = module;
        }

        private ModuleReader reader() throws IOException {
            ResolvedModule resolved = ModuleLayer.boot().configuration().findModule(module)
                    .orElseThrow(() -> new IOException("there is no module " + module));
            return resolved.reference().open();
        }

        @Override
        public Optional<Map<String, String>> getHeaders() {
            try (ModuleReader reader = reader();
                    InputStream in = reader.open("META-INF/MANIFEST.MF")
                            .orElseThrow(() -> new IOException("the module " + module + " has no manifest"))) {
                Map<String, String> headers = new HashMap<>();
                new Manifest(in).getMainAttributes()
                        .forEach((name, value) -> headers.put(name.toString(), value.toString()));
                return Optional.of(headers);
            } catch (IOException e) {
                throw new IllegalStateException("the installation is damaged", e);
            }
        }

        @Override
        public Iterable<String> getEntries() throws IOException {
            try (ModuleReader reader = reader(); Stream<String> names = reader.list()) {
                return names.collect(Collectors.toList());
            }
        }

        @Override
        public Optional<ConnectEntry> getEntry(String path) {
            try (ModuleReader reader = reader(); InputStream in = reader.open(path).orElse(null)) {
                return in == null ? Optional.empty() : Optional.of(new Entry(path, in.readAllBytes()));
            } catch (IOException e) {
                return Optional.empty();
            }
        }

        @Override
        public Optional<ClassLoader> getClassLoader() {
            return ModuleLayer.boot().findModule(module).map(Module::getClassLoader);
        }

        @Override
        public void open() {
            // Readers are opened for each entry.
        }

        @Override
        public void close() {
            // Readers are opened for each entry.
        }
    }

    /** One file of a module. */
    private static final class Entry implements ConnectContent.ConnectEntry {

        private final String name;
        private final byte[] content;

        Entry(String name, byte[] content) {
            this.name = name;
            this.content = content;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public long getContentLength() {
            return content.length;
        }

        @Override
        public long getLastModified() {
            return 0;
        }

        @Override
        public byte[] getBytes() {
            return content.clone();
        }

        @Override
        public InputStream getInputStream() {
            return new ByteArrayInputStream(content);
        }
    }
}
