package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the native client promises beyond the portable one: it is CMD, to the byte and to the signal. */
class NativeClientIT {

    private static final int MAX_KIB = 3 * 1024;

    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAge();
        assertFalse(Files.isSymbolicLink(home.installation().client()),
                "the installation was built without a C compiler: apt-get install gcc libc6-dev");
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void commandHasTheClientsPidAndParent() throws Exception {
        Outcome outcome = home.sh(
                "docker-pass run -- sh -c 'echo $$ $PPID' > command & echo $! $$ > client; wait; cat command client");
        List<String> lines = outcome.ok().lines().toList();
        assertEquals(2, lines.size(), outcome::toString);
        assertEquals(lines.get(1), lines.get(0));
    }

    @Test
    void engineThatTheClientHasStartedIsNoChildOfTheCommand() throws Exception {
        home.pass("engine", "stop").ok();
        Outcome children = home.sh("docker-pass run -- sh -c 'read x < /proc/$$/task/$$/children; echo \"<$x>\"'");
        assertEquals("<>\n", children.ok());
        assertEquals(1, home.engines().size());
    }

    @Test
    void environmentAndArgumentsPassUnchangedWhateverTheirBytes() throws Exception {
        home.passWith(new byte[]{(byte) 0xFF, 'v', (byte) 0xC3, '='}, "set", "--raw", "bytes").ok();
        Outcome outcome = home.sh("""
                env -i HOME="$HOME" PATH="$PATH" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" a.b=1 "$(printf 'n\\377=\\376v')" \
                =none EMPTY= X=se://bytes 'a b=se://bytes' \
                docker-pass run -- cat /proc/self/environ
                """);
        assertEquals("", outcome.err());
        String all = new String(outcome.bytes(), StandardCharsets.ISO_8859_1);
        String value = "\u00ffv\u00c3=";
        for (String variable : List.of("HOME=" + home.folder(), "a.b=1", "n\u00ff=\u00fev", "=none", "EMPTY=",
                "X=" + value, "a b=" + value)) {
            assertTrue(("\0" + all).contains("\0" + variable + "\0"), () -> variable + " is not in " + all);
        }
        // A shell between would have made it eleven or more.
        assertEquals(9, all.chars().filter(b -> b == 0).count(), all);
        Outcome refused = home.sh(
                "env \"$(printf 'm\\377')=se://bytes\" docker-pass run -- touch started; r=$?; ls started; exit $r");
        assertEquals(125, refused.code(), refused::toString);
        Outcome argument = home.sh("docker-pass run -- printf %s \"$(printf '\\377 \\n=')\" | od -An -tx1");
        assertEquals(" ff 20 0a 3d\n", argument.ok());
    }

    @Test
    void whatDockerTellsItsPluginsIsNotTheCommands() throws Exception {
        Outcome outcome = home.sh("DOCKER_CLI_PLUGIN_SOCKET=@nobody-listens DOCKER_CLI_PLUGIN_ORIGINAL_CLI_COMMAND=x"
                + " DOCKER_CLI_PLUGIN_OTHER=kept docker-pass run -- env | grep ^DOCKER_CLI");
        assertEquals("DOCKER_CLI_PLUGIN_OTHER=kept\n", outcome.ok());
        assertEquals("", home.sh("docker pass run -- env | grep ^DOCKER_CLI || true").ok());
    }

    @Test
    void commandHasNoFileOfOurs() throws Exception {
        String list = "sh -c 'exec 9<&-; ls /proc/$$/fd' < /dev/null";
        assertEquals(home.sh(list).ok(), home.sh("A=se://none; docker-pass run -- " + list).ok());
    }

    @Test
    void signalsAreIgnoredAndBlockedAsTheyWereGiven() throws Exception {
        String show = "grep -E '^Sig(Ign|Blk|Cgt)' /proc/self/status";
        for (String before : List.of("", "trap '' HUP INT TERM PIPE TSTP; ",
                "exec perl -MPOSIX -e 'sigprocmask(SIG_BLOCK, POSIX::SigSet->new(SIGUSR1, SIGTERM)); exec @ARGV' ")) {
            String expected = home.sh(before + show).ok();
            assertEquals(expected, home.sh(before + "docker-pass run -- " + show).ok(), before);
        }
    }

    @Test
    void pipeThatNobodyReadsEndsItQuietly() throws Exception {
        home.pass("set", "a=1").ok();
        Outcome outcome = home.sh("""
                mkfifo pipe ended
                { docker-pass get --reveal a; echo $? > code; : > ended; } > pipe &
                exec 3< pipe; exec 3<&-
                cat ended code
                """);
        // The reader may have been too late to be gone before the value was written.
        assertTrue(List.of("0\n", "141\n").contains(outcome.out()), outcome::toString);
        assertEquals("", outcome.err().replaceAll("Broken pipe\\n", ""));
        Outcome full = home.sh("docker-pass get --reveal a > /dev/full");
        assertTrue(full.failed(1).contains("standard output cannot be written to"), full::toString);
    }

    @Test
    void closedStreamsAreErrorsAndNoFilesOfOurs() throws Exception {
        Outcome in = home.sh("docker-pass set never <&-");
        assertTrue(in.failed(1).contains("standard input cannot be read"), in::toString);
        assertEquals("", home.pass("ls").ok());
        home.pass("set", "a=1").ok();
        assertEquals(1, home.sh("docker-pass get --reveal a >&-").code());
        assertEquals("closed\n",
                home.sh("docker-pass run -- sh -c '[ -e /proc/$$/fd/0 ] || echo closed' <&-").ok());
    }

    @Test
    void memoryStaysBelowThreeMebibytes() throws Exception {
        Process client = home.process(home.installation().client().toString(), "set", "large")
                .redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
        try (OutputStream in = client.getOutputStream()) {
            // More than a pipe holds: the conversation is under way.
            in.write(new byte[512 * 1024]);
            in.flush();
            String peak = Files.readAllLines(Path.of("/proc/" + client.pid() + "/status")).stream()
                    .filter(line -> line.startsWith("VmHWM:")).findFirst().orElseThrow().replaceAll("\\D", "");
            assertTrue(Integer.parseInt(peak) < MAX_KIB, peak + " KiB");
        }
        assertTrue(client.waitFor(10, TimeUnit.SECONDS));
        assertEquals(0, client.exitValue());
    }

    @Test
    void commandsAreLookedUpAsExecvpDoes() throws Exception {
        Outcome outcome = home
                .sh("""
                        mkdir -p first/tool second; printf 'echo "no interpreter named: $0 $1"' > second/tool; chmod +x second/tool
                        printf '#!/no/such/interpreter\\n' > second/broken; chmod +x second/broken; : > second/plain
                        PATH=$PWD/first:second:$PATH
                        docker-pass run -- tool x
                        for c in broken plain first ''; do docker-pass run -- "$c" 2>&1; echo $?; done
                        cd second; PATH=:$PATH; docker-pass run -- tool y
                        """);
        assertEquals("""
                no interpreter named: second/tool x
                docker-pass: broken cannot be executed
                126
                docker-pass: plain is not executable
                126
                docker-pass: there is no command first
                127
                docker-pass: there is no command\s
                127
                no interpreter named: ./tool y
                """, outcome.ok());
    }

    /** A shell that leaves the terminal's settings as it finds them. */
    @Test
    void stoppingAtThePromptRestoresEcho() throws Exception {
        Tools.require("expect", "stty");
        Path script = Files.writeString(home.folder().resolve("script.exp"), """
                set timeout 30
                proc need {text} {
                  expect {
                    -ex $text {}
                    timeout { puts "<no $text>"; exit 99 }
                  }
                }
                spawn env PS1=ready> sh -im
                need "ready>"
                send "docker-pass set KEY\\r"
                need "KEY: "
                send "\\032"
                need "ready>"
                send "stty -a | tr ' ' _\\r"
                need "_echo_"
                send "fg\\r"
                need "set KEY"
                sleep 0.5
                send "typed\\r"
                need "Once more: "
                send "typed\\r"
                need "ready>"
                """);
        Outcome shown = Outcome.of(home.process("expect", "-f", script.toString()), new byte[0]);
        assertEquals(0, shown.code(), shown::toString);
        assertFalse(shown.out().contains("typed"), shown::toString);
        assertEquals("typed", home.pass("get", "--reveal", "KEY").ok());
    }
}
