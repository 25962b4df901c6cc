package dev.secretsengine.launcher.host;

import java.lang.module.ModuleDescriptor;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the framework's own bundle exports to dropped bundles: the JDK's packages, those of OSGi, and those of the
 * libraries in the image. The framework's default would also export our own api, at a version nobody imports.
 */
final class SystemPackages {

    private static final Pattern VERSION = Pattern.compile("\\d+(\\.\\d+){0,2}");

    /** The versions of the OSGi specifications that the framework implements. */
    private static final Map<String, String> OSGI = Map.of("org.osgi.framework", "1.10.0", "org.osgi.util.tracker",
            "1.5.3", "org.osgi.resource", "1.0.1", "org.osgi.framework.wiring", "1.2.0", "org.osgi.framework.namespace",
            "1.2.0", "org.osgi.framework.startlevel", "1.0.0", "org.osgi.dto", "1.1.1");

    private SystemPackages() {
    }

    /** The value of {@code org.osgi.framework.system.packages}. */
    static String header() {
        Map<String, String> packages = new TreeMap<>(OSGI);
        for (Module module : ModuleLayer.boot().modules()) {
            ModuleDescriptor descriptor = module.getDescriptor();
            if (descriptor.name().startsWith("dev.secretsengine.")
                    || descriptor.name().startsWith("org.apache.felix.")) {
                continue;
            }
            boolean jdk = descriptor.name().startsWith("java.") || descriptor.name().startsWith("jdk.");
            String version = jdk ? "" : version(descriptor);
            if (descriptor.isAutomatic()) {
                descriptor.packages().forEach(name -> packages.put(name, version));
            }
            descriptor.exports().stream().filter(exports -> !exports.isQualified())
                    .map(ModuleDescriptor.Exports::source).filter(name -> !name.startsWith("java."))
                    .forEach(name -> packages.put(name, version));
        }
        StringJoiner header = new StringJoiner(",");
        packages.forEach((name, version) -> header.add(version.isEmpty() ? name : name + ";version=" + version));
        return header.toString();
    }

    private static String version(ModuleDescriptor descriptor) {
        Matcher number = VERSION.matcher(descriptor.rawVersion().orElse(""));
        return number.find() ? number.group() : "";
    }
}
