package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** What the tests with containers play on: a user with secrets in an age store, a running engine, and a dockerd. */
final class ContainerStage implements AutoCloseable {

    private final Home home;
    private final DockerDaemon daemon;

    private ContainerStage(Home home, Map<String, List<String>> runtimes) throws Exception {
        this.home = home;
        try {
            home.pass("engine", "start").ok();
            daemon = DockerDaemon.start(home, runtimes);
        } catch (Exception | AssertionError e) {
            home.close();
            throw e;
        }
    }

    static ContainerStage open() throws Exception {
        return new ContainerStage(Home.withAge(), Map.of());
    }

    /** With further runtimes, which are registered beside the default one. */
    static ContainerStage open(Home home, Map<String, List<String>> runtimes) throws Exception {
        return new ContainerStage(home, runtimes);
    }

    Home home() {
        return home;
    }

    DockerDaemon daemon() {
        return daemon;
    }

    /** Stores a secret, without the time that a client process takes. */
    void set(String id, String value) throws IOException {
        set(id, value.getBytes(StandardCharsets.UTF_8));
    }

    void set(String id, byte[] value) throws IOException {
        assertEquals(0, home.direct().passWith(value, "set", id, "--raw").code(), id);
    }

    Outcome docker(String... arguments) throws IOException {
        return daemon.docker(arguments);
    }

    /** A command line that has {@code docker} in it. */
    Outcome sh(String line) throws IOException {
        return home.sh(line);
    }

    /** A file in the home. */
    Path file(String name) {
        return home.folder().resolve(name);
    }

    /**
     * Fails unless dockerd refused to start what {@code container} names, said these things in one line of ours, and
     * remembers them.
     */
    void assertRefused(Outcome outcome, int code, String container, String... words) throws IOException {
        assertSays(outcome, code, words);
        assertEquals("0", daemon.inspect(container, "{{.State.Pid}}"));
        String remembered = daemon.inspect(container, "{{.State.Error}}");
        for (String word : words) {
            assertTrue(remembered.contains(word), remembered);
        }
    }

    /** Fails unless the command ended with this code and had these words in one line of ours. */
    static void assertSays(Outcome outcome, int code, String... words) {
        assertEquals(code, outcome.code(), outcome::toString);
        // The docker client writes what has become of exec to standard output.
        List<String> ours = (outcome.out() + outcome.err()).lines().filter(line -> line.contains("docker-pass: "))
                .toList();
        assertEquals(1, ours.size(), outcome::toString);
        for (String word : words) {
            assertTrue(ours.get(0).contains(word), () -> "not " + word + " in " + outcome);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            daemon.close();
        } finally {
            home.close();
        }
    }
}
