package dev.secretsengine.it;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The programs that the tests use. A missing one fails the test: nothing is skipped. */
final class Tools {

    private static final Map<String, String> PACKAGES = Map.ofEntries(Map.entry("docker", "docker.io"),
            Map.entry("gnome-keyring-daemon", "gnome-keyring"), Map.entry("dbus-daemon", "dbus"),
            Map.entry("dbus-send", "dbus"), Map.entry("secret-tool", "libsecret-tools"),
            Map.entry("expect", "expect"), Map.entry("age", "age"), Map.entry("setpriv", "util-linux"),
            Map.entry("unshare", "util-linux"), Map.entry("nsenter", "util-linux"), Map.entry("mount", "mount"),
            Map.entry("stty", "coreutils"), Map.entry("ip", "iproute2"), Map.entry("dockerd", "docker.io"),
            Map.entry("busybox", "busybox-static"), Map.entry("dbus-monitor", "dbus-bin"),
            Map.entry("kwalletd5", "libkf5wallet-bin libqca-qt5-2-plugins"), Map.entry("Xvfb", "xvfb"),
            Map.entry("cc", "gcc libc6-dev"));

    private Tools() {
    }

    /** Fails with the package to install if one of these programs is not there. */
    static void require(String... names) {
        for (String name : names) {
            path(name);
        }
    }

    /** Where a program is. */
    static String path(String name) {
        // Who is not root may have no sbin on the PATH, and gets there by sudo.
        return Stream.of((System.getenv("PATH") + ":/usr/sbin:/sbin").split(":")).map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable).findFirst().map(Path::toString)
                .orElseThrow(() -> new AssertionError("the program " + name + " is missing: apt-get install "
                        + PACKAGES.getOrDefault(name, name)));
    }

    /** What to put before a command that only root may run. */
    static List<String> asRoot() throws IOException {
        if (uid() == 0) {
            return List.of();
        }
        if (Outcome.of(new ProcessBuilder("sudo", "-n", "true"), new byte[0]).code() != 0) {
            throw new AssertionError("this test needs root, for mounts and other users: run it as root, or let sudo"
                    + " work without a password");
        }
        return List.of("sudo", "-n");
    }

    static int uid() throws IOException {
        return (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }
}
