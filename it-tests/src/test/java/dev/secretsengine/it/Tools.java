package dev.secretsengine.it;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The programs that the tests use. A missing one fails the test: nothing is skipped. */
final class Tools {

    private static final Map<String, String> PACKAGES = Map.ofEntries(Map.entry("docker", "docker.io"),
            Map.entry("gnome-keyring-daemon", "gnome-keyring"), Map.entry("dbus-daemon", "dbus"),
            Map.entry("dbus-send", "dbus"), Map.entry("secret-tool", "libsecret-tools"),
            Map.entry("expect", "expect"), Map.entry("age", "age"), Map.entry("setpriv", "util-linux"),
            Map.entry("unshare", "util-linux"), Map.entry("stty", "coreutils"));

    private Tools() {
    }

    /** Fails with the package to install if one of these programs is not there. */
    static void require(String... names) {
        for (String name : names) {
            boolean there = List.of(System.getenv("PATH").split(":")).stream()
                    .anyMatch(folder -> Files.isExecutable(Path.of(folder, name)));
            if (!there) {
                throw new AssertionError(
                        "the program " + name + " is missing: apt-get install " + PACKAGES.getOrDefault(name, name));
            }
        }
    }

    /** What to put before a command that only root may run. */
    static List<String> asRoot() throws Exception {
        if (uid() == 0) {
            return List.of();
        }
        if (Outcome.of(new ProcessBuilder("sudo", "-n", "true"), new byte[0]).code() != 0) {
            throw new AssertionError("this test mounts a file system and changes the user: run it as root, or let sudo"
                    + " work without a password");
        }
        return List.of("sudo", "-n");
    }

    static int uid() throws Exception {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
