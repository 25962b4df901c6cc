package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The native client that docker has called: the parent of CMD, which hardly notices. */
class NativeParentIT {

    private static final int MAX_KIB = 1024;

    /** Tells of each signal that it gets, until it reads a line. */
    private static final String LISTENER = """
            $| = 1;
            for my $name (qw(TERM HUP INT QUIT USR1 USR2 ALRM WINCH TSTP CONT)) { $SIG{$name} = sub { print "$name\\n" } }
            print "ready\\n";
            1 until defined sysread(STDIN, my $line, 1);
            print "end\\n"; exit 5;
            """;

    private Home home;

    @BeforeEach
    void makeHome() throws IOException {
        home = Home.withAge();
        home.pass("engine", "start").ok();
    }

    @AfterEach
    void removeHome() throws IOException {
        home.close();
    }

    @Test
    void conversationEndsWithDocker() throws Exception {
        Process docker = home.process("docker", "pass", "set", "never").redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD).start();
        ProcessHandle client = find(plugin("set\0never\0"));
        docker.destroy();
        client.onExit().get(10, TimeUnit.SECONDS);
        assertTrue(docker.waitFor(10, TimeUnit.SECONDS));
        docker.getOutputStream().close();
        assertEquals("", home.pass("ls").ok());
    }

    @Test
    void commandAndParentEndWithDocker() throws Exception {
        Sleeper run = new Sleeper("60.3");
        run.docker.destroy();
        run.awaitEnd(143);
    }

    @Test
    void commandEndsWithItsParent() throws Exception {
        Sleeper run = new Sleeper("60.4");
        run.parent.destroyForcibly();
        run.awaitEnd(255);
    }

    @Test
    void parentHoldsNoValueAndLittleMemory() throws Exception {
        Sleeper run = new Sleeper("60.5");
        assertEquals(List.of(run.command), run.parent.children().toList());
        List<String> files = Sandbox.root("sh", "-c", "readlink /proc/" + run.parent.pid() + "/fd/*").ok().lines()
                .toList();
        assertEquals(5, files.size(), files::toString);
        assertTrue(files.get(3).startsWith("socket:"), files::toString);
        assertEquals("anon_inode:[signalfd]", files.get(4));
        assertFalse(memory(run.parent).contains(run.value), "the parent holds the secret");
        assertTrue(memory(run.command).contains(run.value), "the search finds nothing at all");
        String peak = status(run.parent, "VmHWM");
        assertTrue(Integer.parseInt(peak.replaceAll("\\D", "")) < MAX_KIB, peak);
        run.command.destroy();
        run.awaitEnd(143);
    }

    @Test
    void stoppedCommandGoesOn() throws Exception {
        Sleeper run = new Sleeper("60.6");
        home.sh("kill -STOP " + run.command.pid()).ok();
        Poll.until("the stop", () -> status(run.command, "State").startsWith("T"));
        home.sh("kill -CONT " + run.command.pid()).ok();
        Poll.until("the command to go on", () -> status(run.command, "State").startsWith("S"));
        assertTrue(run.parent.isAlive());
        home.sh("kill -USR1 " + run.command.pid()).ok();
        run.awaitEnd(138);
    }

    @Test
    void signalsToTheParentAloneReachTheCommandOnce() throws Exception {
        Path out = home.folder().resolve("out");
        Process docker = home.process("docker", "pass", "run", "--", "perl", "-e", LISTENER)
                .redirectOutput(out.toFile()).start();
        StringBuilder expected = new StringBuilder("ready\n");
        Poll.until("the command", () -> Files.readString(out).contentEquals(expected));
        ProcessHandle parent = find(plugin("run\0--\0perl\0-e\0" + LISTENER + "\0"));
        for (String signal : List.of("TERM", "HUP", "INT", "QUIT", "USR1", "USR2", "ALRM", "WINCH", "TSTP", "CONT")) {
            home.sh("kill -" + signal + " " + parent.pid()).ok();
            expected.append(signal).append('\n');
            Poll.until(signal, () -> Files.readString(out).contentEquals(expected));
        }
        docker.getOutputStream().write('\n');
        docker.getOutputStream().close();
        assertTrue(docker.waitFor(10, TimeUnit.SECONDS));
        assertEquals(5, docker.exitValue());
        assertEquals(expected.append("end\n").toString(), Files.readString(out));
    }

    /** The docker client ignores SIGHUP where it was told to, and handles all others. */
    @Test
    void signalsAreIgnoredAndBlockedAsDockerGivesThem() throws Exception {
        String show = "grep -E '^Sig(Ign|Blk)' /proc/self/status";
        for (String before : List.of("", "trap '' HUP; ")) {
            assertEquals(home.sh(before + show).ok(), home.sh(before + "docker pass run -- " + show).ok(), before);
        }
    }

    @Test
    void shellThatTakesTheTerminalGivesItBack() throws Exception {
        type("""
                send "docker pass run -- env PS1='in''ner>' sh -im\\r"
                need "inner>"
                send "sh -c 'echo re\\"\\"ady; sleep 60'\\r"
                need "ready"
                send "\\032"
                need "Stopped"
                need "inner>"
                send "exit 5\\r"
                need "stopped jobs"
                need "inner>"
                send "exit 5\\r"
                need "outer>"
                send "echo code $?\\r"
                need "code 5"
                send "docker pass run -- sh -c 'read x; echo got \\$x'; echo code $?\\r"
                send "line\\r"
                need "got line"
                need "code 0"
                """);
    }

    @Test
    void jobIsStoppedAndContinuedFromTheTerminal() throws Exception {
        type("""
                send "docker pass run -- sh -c 'echo re\\"\\"ady; read x; echo got \\$x; exit 3'\\r"
                need "ready"
                send "\\032"
                need "Stopped"
                need "outer>"
                send "fg\\r"
                need "docker pass run"
                send "line\\r"
                need "got line"
                need "outer>"
                send "echo code $?\\r"
                need "code 3"
                """);
    }

    /** Lines of expect in a shell with job control. */
    private void type(String lines) throws IOException {
        Tools.require("expect");
        Path script = Files.writeString(home.folder().resolve("script.exp"), """
                set timeout 30
                proc need {text} {
                  expect {
                    -ex $text {}
                    timeout { puts "<no $text>"; exit 99 }
                    eof { puts "<ended before $text>"; exit 98 }
                  }
                }
                spawn env PS1=outer> sh -im
                need "outer>"
                """ + lines);
        Outcome shown = Outcome.of(home.process("expect", "-f", script.toString()), new byte[0]);
        assertEquals(0, shown.code(), shown::toString);
    }

    private static String status(ProcessHandle process, String field) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + process.pid() + "/status")).stream()
                .filter(line -> line.startsWith(field + ":")).findFirst().orElseThrow()
                .substring(field.length() + 1).strip();
    }

    /** All that a process may write to, which has its secrets if it has any. */
    private static String memory(ProcessHandle process) throws IOException {
        Outcome outcome = Sandbox.root("perl", "-e", """
                open(my $maps, '<', "/proc/$ARGV[0]/maps") or die; open(my $mem, '<:raw', "/proc/$ARGV[0]/mem") or die;
                while (<$maps>) {
                  next unless /^([0-9a-f]+)-([0-9a-f]+) rw/;
                  sysseek($mem, hex($1), 0); sysread($mem, my $part, hex($2) - hex($1)); print $part;
                }""", Long.toString(process.pid()));
        assertEquals(0, outcome.code(), outcome::err);
        return new String(outcome.bytes(), StandardCharsets.ISO_8859_1);
    }

    /** The command line of the plugin that docker starts for these arguments, each with its NUL. */
    private String plugin(String arguments) {
        return home.folder() + "/.docker/cli-plugins/docker-pass\0pass\0" + arguments;
    }

    /** The one process with this command line. */
    private static ProcessHandle find(String line) throws Exception {
        List<ProcessHandle> found = new ArrayList<>();
        Poll.until(line, () -> {
            found.clear();
            ProcessHandle.allProcesses().filter(process -> line(process).equals(line)).forEach(found::add);
            return found.size() == 1;
        });
        return found.get(0);
    }

    private static String line(ProcessHandle process) {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/cmdline"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    /** A command started by docker, with a secret in its environment, and its parent. */
    private final class Sleeper {

        private final Process docker;
        private final ProcessHandle command;
        private final ProcessHandle parent;
        private final String value = new Canary().text();

        /** A command that sleeps so long; no other process has exactly this argument. */
        Sleeper(String seconds) throws Exception {
            home.pass("set", "planted=" + value).ok();
            ProcessBuilder builder = home.process("docker", "pass", "run", "--", "sleep", seconds);
            builder.environment().put("X", "se://planted");
            docker = builder.redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD).start();
            command = find("sleep\0" + seconds + "\0");
            parent = find(plugin("run\0--\0sleep\0" + seconds + "\0"));
        }

        /** Fails unless all of it ends soon, docker with this code. */
        void awaitEnd(int code) throws Exception {
            command.onExit().get(10, TimeUnit.SECONDS);
            parent.onExit().get(10, TimeUnit.SECONDS);
            assertTrue(docker.waitFor(10, TimeUnit.SECONDS));
            assertEquals(code, docker.exitValue());
        }
    }
}
