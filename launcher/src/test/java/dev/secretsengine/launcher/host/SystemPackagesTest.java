package dev.secretsengine.launcher.host;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class SystemPackagesTest {

    private final List<String> packages = List.of(SystemPackages.header().split(","));

    @Test
    void exportsNothingOfOurOwn() {
        assertEquals(List.of(), packages.stream().filter(name -> name.startsWith("dev.secretsengine")).toList());
    }

    @Test
    void exportsLibrariesInTheirVersion() {
        String version = Logger.class.getModule().getDescriptor().rawVersion().orElseThrow();
        assertTrue(packages.contains("org.slf4j;version=" + version), version);
    }

    @Test
    void exportsThePublicPackagesOfTheJdk() {
        assertTrue(packages.containsAll(List.of("javax.net.ssl", "javax.crypto", "org.xml.sax")));
        assertFalse(packages.contains("java.lang"), "the framework hands these out by itself");
        assertEquals(List.of(), packages.stream().filter(name -> name.startsWith("jdk.internal")).toList());
    }

    @Test
    void exportsTheFrameworksPackagesAtTheirSpecificationsVersion() {
        assertTrue(packages.containsAll(
                List.of("org.osgi.framework;version=1.10.0", "org.osgi.util.tracker;version=1.5.3")));
        assertEquals(packages.size(), packages.stream().map(name -> name.split(";")[0]).distinct().count());
    }
}
