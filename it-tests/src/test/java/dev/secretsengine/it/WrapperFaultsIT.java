package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The wrapper before a runtime that only tells what it was handed, so that odd bundles and engines can be tried. */
class WrapperFaultsIT {

    /** The time that the wrapper takes for what a container can do without, and some more for a busy machine. */
    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private static Path folder;

    private static Path runtime;

    @BeforeAll
    static void writeRuntime() throws Exception {
        runtime = Files.writeString(folder.resolve("runtime"), """
                #!/bin/sh
                # Says which configuration it got, and edits it in place as some runtimes do.
                while [ "$1" != --bundle ]; do shift; done
                cat "$2/config.json"
                case $2 in */dse) printf edited > "$2/config.json" || exit 9; cat "$2/config.json" ;; esac
                """);
        Files.setPosixFilePermissions(runtime, PosixFilePermissions.fromString("rwx------"));
    }

    private static Path bundle(String name, String config) throws IOException {
        Path bundle = Files.createDirectories(folder.resolve(name));
        Files.writeString(bundle.resolve("config.json"), config);
        return bundle;
    }

    private static String config(String... variables) {
        return "{\"process\":{\"env\":[\"" + String.join("\",\"", variables) + "\"]}}";
    }

    private static Outcome create(Path socket, Path bundle) throws IOException {
        List<String> line = new ArrayList<>(List.of(Installation.built().runtime().toString()));
        line.addAll(List.of("--se-uid=" + Tools.uid(), "--se-socket=" + socket, "--se-runtime=" + runtime, "create",
                "--bundle", bundle.toString(), "x"));
        return Outcome.of(new ProcessBuilder(line), new byte[0]);
    }

    private static Path nobody() {
        return folder.resolve("nobody.sock");
    }

    @Test
    void configurationThatIsTooLargeToReadIsNotPassedOnUnread() throws Exception {
        Path bundle = bundle("large", "{\"annotations\":{\"a\":\"" + "x".repeat(17 << 20) + "\"},"
                + config("X=se://a").substring(1));
        Outcome refused = create(nobody(), bundle);
        assertEquals("", refused.out());
        assertTrue(refused.failed(1).contains("more than 16 MiB"), refused::err);
    }

    @Test
    void configurationThatIsNoJsonIsPassedOnOnlyWithoutReferences() throws Exception {
        assertEquals("{\"process\":", create(nobody(), bundle("cut", "{\"process\":")).ok());
        Outcome refused = create(nobody(), bundle("cut", config("X=se://a").replace("]", "")));
        assertTrue(refused.failed(1).contains("damaged"), refused::err);
    }

    @Test
    void sameVariableWithTwoReferencesIsRefused() throws Exception {
        Outcome refused = create(nobody(), bundle("twice", config("X=se://a", "X=se://b")));
        assertTrue(refused.failed(1).contains("X=se://a: the variable is there twice"), refused::err);
    }

    @Test
    void whatNeedsNothingNewGetsTheBundleAsItIs() throws Exception {
        for (String config : List.of(config("X=1"), config("X="), config("X=see se://a"), "{}")) {
            Path bundle = bundle("plain", config);
            assertEquals(config, create(nobody(), bundle).ok());
            assertFalse(Files.exists(bundle.resolve("dse")), config);
        }
    }

    @Test
    void runtimeMayEditItsConfiguration() throws Exception {
        try (FakeEngine engine = new FakeEngine(folder.resolve("edit.sock"))) {
            engine.answer(FakeEngine.frame('h', "1\0" + "0.0\0ok"), FakeEngine.frame('v', "X=s3cr3t"),
                    FakeEngine.frame('x', "0"));
            Path bundle = bundle("edited", config("X=se://a"));
            assertEquals(config("X=s3cr3t") + "edited", create(folder.resolve("edit.sock"), bundle).ok());
            assertEquals(config("X=se://a"), Files.readString(bundle.resolve("config.json")));
        }
    }

    @Test
    void valueThatCannotBeHandedOverIsDoneWithoutOnlyWhereItMayBe() throws Exception {
        try (FakeEngine engine = new FakeEngine(folder.resolve("blocked.sock"))) {
            engine.answer(FakeEngine.frame('h', "1\0" + "0.0\0ok"), FakeEngine.frame('v', "X=s3cr3t"),
                    FakeEngine.frame('x', "0"));
            Path bundle = bundle("blocked", config("X="));
            // No folder can be made where a file is.
            Files.writeString(bundle.resolve("dse"), "");
            assertEquals(config("X="), create(folder.resolve("blocked.sock"), bundle).ok());
            bundle("blocked", config("X=se://a"));
            Outcome refused = create(folder.resolve("blocked.sock"), bundle);
            assertTrue(refused.failed(1).contains("the bundle cannot be written to"), refused::err);
        }
    }

    @Test
    void engineThatDribblesHasNoMoreTimeThanASilentOne() throws Exception {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(folder.resolve("dribble.sock")));
            Thread.ofPlatform().daemon().start(() -> dribble(server));
            assertInTime(folder.resolve("dribble.sock"));
        }
    }

    private static void dribble(ServerSocketChannel server) {
        try (SocketChannel channel = server.accept()) {
            for (int i = 0; i < 100; i++) {
                channel.write(ByteBuffer.wrap(new byte[]{'h'}));
                Thread.sleep(500);
            }
        } catch (IOException | InterruptedException e) {
            // The wrapper has hung up, as it should.
        }
    }

    @Test
    void engineThatTakesNoConnectionsHoldsNobodyUp() throws Exception {
        List<SocketChannel> waiting = new ArrayList<>();
        Path socket = folder.resolve("full.sock");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket), 1);
            for (int i = 0; i < 2; i++) {
                waiting.add(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
            }
            assertInTime(socket);
            Outcome refused = create(socket, bundle("full", config("X=se://a")));
            assertTrue(refused.failed(1).contains("takes no requests: docker pass engine restart"), refused::err);
        } finally {
            for (SocketChannel channel : waiting) {
                channel.close();
            }
        }
    }

    /** A variable that need not be filled is left as it is before long. */
    private static void assertInTime(Path socket) throws IOException {
        long begin = System.nanoTime();
        assertEquals(config("X="), create(socket, bundle("late", config("X="))).ok());
        assertTrue(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begin) < SOON.toSeconds());
    }
}
