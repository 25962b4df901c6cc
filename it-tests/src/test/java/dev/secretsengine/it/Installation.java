package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The installation that is tried, by one of its clients.
 *
 * @param folder it is in
 * @param clientName of the client, in {@code bin}
 */
record Installation(Path folder, String clientName) {

    private static final String CLIENT = "docker-pass";
    private static final String PORTABLE_CLIENT = "docker-pass-portable";

    /** The one that the build has assembled, or the system property {@code image} names. */
    static Installation built() throws IOException {
        Path folder = Path.of(System.getProperty("image", "../runtime/target/image")).toAbsolutePath().normalize();
        assertTrue(Files.isExecutable(folder.resolve("bin/docker-pass")),
                "there is no installation in " + folder + ": build runtime/ first");
        return new Installation(folder.toRealPath(), CLIENT);
    }

    /** The same by the portable client. */
    static Installation portable() throws IOException {
        return new Installation(built().folder(), PORTABLE_CLIENT);
    }

    /** It by each of its clients: the native one, where there was a C compiler for it, and the portable one. */
    static List<Installation> clients() throws IOException {
        return built().isNative() ? List.of(built(), portable()) : List.of(portable());
    }

    /** Whether this is the native client. */
    boolean isNative() {
        return clientName.equals(CLIENT) && !Files.isSymbolicLink(client());
    }

    /** A copy in a folder of this home, with the times of its files, on which its caches depend. */
    Installation copyTo(Path target) throws IOException {
        Outcome.of(new ProcessBuilder("cp", "-a", folder.toString(), target.toString()), new byte[0]).ok();
        return new Installation(target.toRealPath(), clientName);
    }

    /** The installation's own drop folder. */
    Path dropFolder() {
        return folder.resolve("runtime");
    }

    Path client() {
        return folder.resolve("bin").resolve(clientName);
    }

    /** The wrapper around an OCI runtime. */
    Path runtime() {
        return folder.resolve("bin/secrets-engine-runtime");
    }

    Path engine() {
        return folder.resolve("bin/secrets-engine");
    }

    /** The kind of client, as the scenarios have it. */
    @Override
    public String toString() {
        return isNative() ? "native" : "portable";
    }
}
