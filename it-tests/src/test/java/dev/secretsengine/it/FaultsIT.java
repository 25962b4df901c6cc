package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A world that is not as it should be: each fault is one line with what to do, and nothing is lost. */
class FaultsIT {

    @Test
    void fullDiskDuringSetKeepsTheOldValueAndTheEngine() throws Exception {
        Tools.require("unshare");
        try (Home home = Home.withAge()) {
            Path script = Files.writeString(home.folder().resolve("full.sh"), """
                    set -e
                    data=$HOME/.local/share/secrets-engine
                    mkdir -p $data
                    mount -t tmpfs -o size=1m,mode=700 none $data
                    docker pass set kept=old
                    head -c 700000 /dev/urandom > large
                    docker pass engine status --format '{{.PID}}' > before
                    dd if=/dev/zero of=$data/filler bs=1024 count=600 status=none
                    docker pass set kept < large 2> error || echo "exit $?"
                    docker pass get --reveal kept; echo
                    docker pass ls
                    docker pass engine status --format '{{.PID}}' | cmp - before && echo same engine
                    rm $data/filler
                    docker pass set kept=new
                    docker pass get --reveal kept; echo
                    docker pass engine stop > stopped
                    """);
            List<String> command = new ArrayList<>(Tools.asRoot());
            // What is mounted is gone with the last process of the name space.
            command.addAll(List.of("unshare", "--mount", "env"));
            home.environment().forEach((name, value) -> command.add(name + "=" + value));
            command.addAll(List.of("sh", script.toString()));
            Outcome outcome = Outcome.of(home.process(command.toArray(String[]::new)), new byte[0]);
            assertEquals("exit 1\nold\nkept\nsame engine\nnew\n", outcome.ok());
            List<String> error = Files.readAllLines(home.folder().resolve("error"));
            assertEquals(1, error.size(), error::toString);
            assertTrue(error.get(0).contains("disk full: free space in "), error.get(0));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void withoutAnyHomeThereIsOneLineOfAdvice(Installation installation) throws Exception {
        try (Home home = Home.withAge(installation)) {
            Outcome outcome = home.sh("unset HOME; docker-pass ls");
            assertTrue(outcome.failed(1).contains("HOME is not set: set HOME, or SECRETS_ENGINE_HOME"),
                    outcome::toString);
            Outcome run = home.sh("unset HOME; docker-pass run -- true");
            assertTrue(run.failed(125).contains("HOME is not set"), run::toString);
            assertEquals(List.of(), home.engines());
            assertFalse(Files.exists(home.state()));
        }
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void socketPathThatIsTooLongIsOneLineOfAdvice(Installation installation) throws Exception {
        try (Home home = Home.withAge(installation)) {
            home.set("XDG_RUNTIME_DIR",
                    Files.createDirectories(home.folder().resolve("run/" + "long/".repeat(20))).toString());
            Outcome outcome = home.pass("ls");
            assertTrue(outcome.failed(1).contains("107"), outcome::toString);
            assertTrue(outcome.err().contains("XDG_RUNTIME_DIR"), outcome::toString);
            assertEquals(List.of(), home.engines());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void homeThatCannotBeWrittenToIsOneLineOfAdvice(Installation installation) throws Exception {
        try (Home home = Home.withAge(installation)) {
            Files.writeString(home.folder().resolve("file"), "");
            home.set("SECRETS_ENGINE_HOME", home.folder().resolve("file/in/the/way").toString());
            Outcome outcome = home.pass("ls");
            assertTrue(outcome.failed(4).contains("cannot write to "), outcome::toString);
        }
    }

    @Test
    void strangersAreHungUpOnWithoutAWord() throws Exception {
        try (OtherUser other = new OtherUser()) {
            // Proof that the engine does answer, its own user.
            assertTrue(other.pass("engine", "start").ok().startsWith("The engine is running"));
            other.letEverybodyIn();
            assertEquals(-1, firstByteFrom(other.socket()));
        }
    }

    /** What an engine says to a complete request: the first byte of its answer, -1 if it hangs up. */
    private static int firstByteFrom(Path socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer answer = ByteBuffer.allocate(1);
            try {
                // Hello, version 1, no build; no arguments; go.
                channel.write(ByteBuffer.wrap("H\0\0\0\0031\0000G\0\0\0\0".getBytes(StandardCharsets.ISO_8859_1)));
                return channel.read(answer) < 0 ? -1 : answer.get(0);
            } catch (IOException e) {
                // Hung up on before the request was out.
                return -1;
            }
        }
    }

    @Test
    void lockedKeyringIsSaidAndNotWaitedFor() throws Exception {
        try (Keyring keyring = Keyring.locked(); Home home = Home.with(keyring)) {
            long begin = System.nanoTime();
            for (String[] line : List.of(new String[]{"set", "a=1"}, new String[]{"get", "--reveal", "a"})) {
                Outcome outcome = home.pass(line);
                assertTrue(outcome.failed(4).contains("locked"), outcome::toString);
            }
            Outcome run = home.sh("X=se://a docker pass run -- true");
            assertTrue(run.failed(125).contains("locked"), run::toString);
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(60), "it waited for an unlocking hand");
            Outcome listing = home.pass("plugins", "ls");
            assertTrue(listing.ok().contains("locked"), listing::toString);
            assertEquals("keychain\n", home.pass("engine", "status", "--format", "{{.Store}}").ok());
        }
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void keyringThatGoesAndComesBackIsFoundAgain(Installation installation) throws Exception {
        try (Home home = Home.withAge(installation)) {
            home.chooseStore("keychain");
            try (Keyring keyring = Keyring.unlocked()) {
                home.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
                home.pass("set", "a=1").ok();
            }
            Outcome gone = home.pass("get", "--reveal", "a");
            assertEquals(4, gone.code(), gone::toString);
            // The next login has another bus.
            try (Keyring keyring = Keyring.unlocked()) {
                home.set("DBUS_SESSION_BUS_ADDRESS", keyring.address());
                home.pass("set", "b=2").ok();
                assertEquals("b\n", home.pass("ls").ok());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("dev.secretsengine.it.Installation#clients")
    void callersWithOddEnvironmentsAreServed(Installation installation) throws Exception {
        try (Home home = Home.withAge(installation)) {
            home.pass("set", "a=1").ok();
            for (Map.Entry<String, String> odd : Map.of("LC_ALL", "de_DE.ISO-8859-1", "JAVA_TOOL_OPTIONS", "-Xmx1k",
                    "JDK_JAVA_OPTIONS", "-nonsense", "_JAVA_OPTIONS", "-Dx=y", "PATH", "/usr/local/bin:/usr/bin:/bin",
                    "TERM", "").entrySet()) {
                String before = home.environment().get(odd.getKey());
                home.set(odd.getKey(), odd.getValue());
                assertEquals("1", home.pass("get", "--reveal", "a").ok(), odd::toString);
                if (before == null) {
                    home.environment().remove(odd.getKey());
                } else {
                    home.set(odd.getKey(), before);
                }
            }
        }
    }
}
