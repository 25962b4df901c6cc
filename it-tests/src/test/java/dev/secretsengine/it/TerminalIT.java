package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is asked and shown on a terminal, and what signals do. Typed by expect. */
@ParameterizedClass
@MethodSource("dev.secretsengine.it.Installation#clients")
class TerminalIT {

    private static final String PROCEDURES = """
            set timeout 30
            proc need {text} {
              expect {
                -ex $text {}
                timeout { puts "<no $text>"; exit 99 }
                eof { puts "<ended before $text>"; exit 98 }
              }
            }
            proc ended {} {
              expect eof
              exit [lindex [wait] 3]
            }
            """;

    private final Installation installation;
    private Home home;

    TerminalIT(Installation installation) {
        this.installation = installation;
    }

    @BeforeEach
    void makeHome() throws IOException {
        Tools.require("expect", "stty");
        home = Home.withAge(installation);
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    /** Runs lines of expect; its output is what the terminal showed. */
    private Outcome type(String lines) throws IOException {
        Path script = Files.writeString(home.folder().resolve("script.exp"), PROCEDURES + lines);
        return Outcome.of(home.process("expect", "-f", script.toString()), new byte[0]);
    }

    @Test
    void setAsksTwiceWithoutEcho() throws Exception {
        Outcome shown = type("""
                spawn docker pass set KEY
                need "KEY: "
                send "typed é\\r"
                need "Once more: "
                send "typed é\\r"
                ended
                """);
        assertEquals(0, shown.code(), shown::toString);
        assertFalse(shown.out().contains("typed"), shown::toString);
        assertEquals("typed é", home.pass("get", "--reveal", "KEY").ok());
    }

    @Test
    void entriesThatDifferStoreNothing() throws Exception {
        home.pass("set", "KEY=old").ok();
        Outcome shown = type("""
                spawn docker pass set KEY
                need "KEY: "
                send "one\\r"
                need "Once more: "
                send "two\\r"
                ended
                """);
        assertEquals(1, shown.code(), shown::toString);
        assertTrue(shown.out().contains("nothing was stored"), shown::toString);
        assertEquals("old", home.pass("get", "--reveal", "KEY").ok());
    }

    @Test
    void emptyEntryAndEndOfInputStoreNothing() throws Exception {
        for (String key : new String[]{"\\r", "\\004"}) {
            Outcome shown = type("spawn docker pass set KEY\nneed \"KEY: \"\nsend \"" + key + "\"\nended\n");
            assertEquals(1, shown.code(), shown::toString);
            assertEquals("", home.pass("ls").ok());
        }
    }

    @Test
    void pipeOnATerminalIsNotAskedFor() throws Exception {
        Outcome shown = type("spawn sh -c {echo piped | docker pass set KEY}\nended\n");
        assertEquals(0, shown.code(), shown::toString);
        assertEquals("piped", home.pass("get", "--reveal", "KEY").ok());
    }

    @Test
    void interruptAtThePromptRestoresEcho() throws Exception {
        Outcome shown = type("""
                spawn sh -c {trap : INT; docker pass set KEY; echo "code $?"; stty -a}
                need "KEY: "
                sleep 0.5
                send "half\\003"
                need "code "
                ended
                """);
        assertTrue(shown.out().matches("(?s).*[ ;]echo[ ;].*"), shown::toString);
        assertFalse(shown.out().contains("-echo "), shown::toString);
        assertFalse(shown.out().contains("code 0"), shown::toString);
        assertFalse(shown.out().contains("half"), shown::toString);
        assertEquals("", home.pass("ls").ok());
    }

    @Test
    void removingAllAsksFirst() throws Exception {
        for (int i = 0; i < 12; i++) {
            home.direct().pass("set", "n/" + i + "=1").ok();
        }
        for (String answer : new String[]{"n\\r", "\\r", "\\004", "nonsense\\r"}) {
            Outcome kept = type("spawn docker pass rm --all\nneed \"12 secrets\"\nsend \"" + answer + "\"\nended\n");
            assertEquals(1, kept.code(), kept::toString);
            assertEquals(12, home.pass("ls").ok().lines().count());
        }
        Outcome removed = type("spawn docker pass rm --all\nneed \"12 secrets\"\nsend \"y\\r\"\nended\n");
        assertEquals(0, removed.code(), removed::toString);
        assertEquals(12, removed.out().split("RM: ", -1).length - 1, removed::toString);
        assertTrue(removed.out().contains("removed 11 of 12"), removed::toString);
        assertEquals("", home.pass("ls").ok());
    }

    @Test
    void forcedRemovingAsksNothing() throws Exception {
        home.pass("set", "a=1").ok();
        Outcome removed = type("spawn docker pass rm --all -f\nended\n");
        assertEquals(0, removed.code(), removed::toString);
        assertTrue(removed.out().contains("RM: a\r\n"), removed::toString);
    }

    @Test
    void revealedValueEndsWithALineEndOnATerminal() throws Exception {
        home.pass("set", "KEY=value").ok();
        Outcome shown = type("spawn docker pass get --reveal KEY\nended\n");
        assertTrue(shown.out().endsWith("\r\nvalue\r\n"), shown::toString);
    }

    @Test
    void commandHasTheTerminal() throws Exception {
        Outcome shown = type(
                """
                        spawn docker pass run -- sh -c {test -t 0 && test -t 1 && test -t 2 && printf "name: " && read name && exit 5}
                        need "name: "
                        send "alice\\r"
                        ended
                        """);
        assertEquals(5, shown.code(), shown::toString);
    }

    @Test
    void controlCReachesTheCommandAndItsExitCodeComesBack() throws Exception {
        Outcome shown = type("""
                spawn docker pass run -- sh -c {trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.1; done}
                need "ready"
                sleep 0.3
                send "\\003"
                need "caught"
                ended
                """);
        assertEquals(7, shown.code(), shown::toString);
    }

    @Test
    void controlCEndsTheCommandWithItsSignal() throws Exception {
        Outcome shown = type("""
                spawn docker pass run -- sh -c {echo ready; exec sleep 60}
                need "ready"
                send "\\003"
                ended
                """);
        assertEquals(130, shown.code(), shown::toString);
    }

    @Test
    void signalOfTheTerminalReachesTheCommandOnce() throws Exception {
        Outcome shown = type("""
                spawn docker pass run -- perl -e {
                  $| = 1; my $count = 0; $SIG{INT} = sub { $count++; print "caught\n" }; print "ready\n";
                  1 until defined sysread(STDIN, my $line, 9); print "times: $count\n"; exit 4
                }
                need "ready"
                send "\\003"
                need "caught"
                send "\\r"
                need "times: 1"
                ended
                """);
        assertEquals(4, shown.code(), shown::toString);
    }

    @Test
    void signalsToTheClientReachTheCommand() throws Exception {
        for (String signal : List.of("TERM", "HUP", "INT", "USR2")) {
            // Not by the shell's own &: that would have SIGINT ignored.
            Process client = start(installation.client().toString(), "run", "--", "sh", "-c",
                    "trap 'exit 9' " + signal + "; touch ready; while :; do sleep 0.1; done");
            awaitFile("ready");
            home.sh("kill -" + signal + " " + client.pid()).ok();
            assertTrue(client.waitFor(10, TimeUnit.SECONDS), signal);
            assertEquals(9, client.exitValue(), signal);
            Files.delete(home.folder().resolve("ready"));
        }
    }

    /** The command is what sends it here, so that no client can have been too slow or too fast. */
    @Test
    void signalInTheCommandsFirstMomentReachesItToo() throws Exception {
        // The native client has become the command.
        String client = installation.isNative() ? "$$" : "$PPID";
        for (String signal : List.of("TERM", "HUP", "INT", "USR2")) {
            Process process = start(installation.client().toString(), "run", "--", "sh", "-c", "trap 'exit 9' " + signal
                    + "; kill -" + signal + " " + client
                    + "; for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.2; done; exit 3");
            assertTrue(process.waitFor(10, TimeUnit.SECONDS), signal);
            assertEquals(9, process.exitValue(), signal);
        }
    }

    @Test
    void commandEndsWithTheDockerClient() throws Exception {
        Process docker = start("docker", "pass", "run", "--", "sh", "-c", "touch ready; exec sleep 60");
        awaitFile("ready");
        List<ProcessHandle> all = docker.descendants().toList();
        // The signal goes to the docker client alone.
        docker.destroy();
        for (ProcessHandle process : all) {
            process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
        }
        assertTrue(docker.waitFor(10, TimeUnit.SECONDS));
    }

    /** A process without a terminal, which keeps no stream of ours open. */
    private Process start(String... command) throws IOException {
        return home.process(command).redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
    }

    private void awaitFile(String name) throws Exception {
        long begin = System.nanoTime();
        while (!Files.exists(home.folder().resolve(name))) {
            assertTrue(System.nanoTime() - begin < TimeUnit.SECONDS.toNanos(20), "the command did not start");
            Thread.sleep(10);
        }
    }
}
