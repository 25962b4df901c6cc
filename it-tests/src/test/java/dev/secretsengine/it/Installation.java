package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The installation that is tried.
 *
 * @param folder it is in
 */
record Installation(Path folder) {

    /** The one that the build has assembled, or the system property {@code image} names. */
    static Installation built() throws IOException {
        Path folder = Path.of(System.getProperty("image", "../runtime/target/image")).toAbsolutePath().normalize();
        assertTrue(Files.isExecutable(folder.resolve("bin/docker-pass")),
                "there is no installation in " + folder + ": build runtime/ first");
        return new Installation(folder.toRealPath());
    }

    /** A copy in a folder of this home, with the times of its files, on which its caches depend. */
    Installation copyTo(Path target) throws IOException {
        Outcome.of(new ProcessBuilder("cp", "-a", folder.toString(), target.toString()), new byte[0]).ok();
        return new Installation(target.toRealPath());
    }

    /** The installation's own drop folder. */
    Path dropFolder() {
        return folder.resolve("runtime");
    }

    Path client() {
        return folder.resolve("bin/docker-pass");
    }

    Path engine() {
        return folder.resolve("bin/secrets-engine");
    }
}
