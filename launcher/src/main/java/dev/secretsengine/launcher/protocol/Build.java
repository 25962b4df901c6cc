package dev.secretsengine.launcher.protocol;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * Which build of the program this is, from {@code lib/release} of the installation.
 *
 * @param version the version, without a leading v
 * @param commit the commit it was built from
 * @param builtAt when, in seconds since 1970
 */
public record Build(String version, String commit, long builtAt) {

    /** The folder of the installation: {@code bin/}, {@code lib/}, {@code runtime/} are below it. */
    public static Path image() {
        return Path.of(System.getProperty("dev.secretsengine.image", "."));
    }

    /** The build of this installation; zero where it was not assembled. */
    public static Build ofThisImage() {
        Properties release = new Properties();
        try (var reader = Files.newBufferedReader(image().resolve("lib/release"))) {
            release.load(reader);
        } catch (IOException | IllegalArgumentException e) {
            release.clear();
        }
        return new Build(release.getProperty("version", "0"), release.getProperty("commit", "unknown"),
                seconds(release.getProperty("built", "0")));
    }

    /** Whether a peer that said this in its hello was built after this one. */
    public boolean isOlderThan(String hello) {
        int dot = hello.indexOf('.');
        return dot > 0 && seconds(hello.substring(0, dot)) > builtAt;
    }

    private static long seconds(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            return 0;
        }
    }

    /** The form of the hello. */
    @Override
    public String toString() {
        return builtAt + "." + version;
    }
}
