package dev.secretsengine.it;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The desktop session of an ordinary user, with a session bus but without a keyring, in network, mount and process
 * namespaces of its own: see keyrings/session.sh. Closing it ends all that runs in it, and nothing is left of it.
 */
final class KeyringSession implements AutoCloseable {

    private static final byte[] NOTHING = new byte[0];
    private static final String UID = "4242";
    private static final String HOME = "/run/home";
    private static final String BUS = "/run/user/" + UID + "/bus";

    private final Process process;
    private final List<String> entry;
    private int started;

    private KeyringSession(boolean screen, List<String> services) throws Exception {
        Tools.require("unshare", "nsenter", "setpriv", "ip", "mount", "docker", "dbus-daemon", "dbus-monitor");
        Path helpers = helpers();
        process = Sandbox.asRoot("unshare", "--net", "--mount", "--pid", "--fork", "sh",
                helpers.resolve("session.sh").toString(), Installation.built().folder().toString(),
                helpers.toString(), UID).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        String pid = process.inputReader(StandardCharsets.US_ASCII).readLine();
        assertNotNull(pid, "there is no session");
        entry = List.of("nsenter", "--target", pid, "--mount", "--net", "--pid", "setpriv", "--reuid", UID, "--regid",
                UID, "--clear-groups", "env", "-i", "--default-signal=INT", "-C", HOME, "HOME=" + HOME,
                "XDG_RUNTIME_DIR=/run/user/" + UID, "DBUS_SESSION_BUS_ADDRESS=unix:path=" + BUS, "DISPLAY=:1",
                "PATH=/run/keyrings:/run/image/bin:/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TERM=xterm");
        try {
            open(screen, services);
        } catch (Exception | AssertionError e) {
            close();
            throw e;
        }
    }

    /** A session whose bus starts nothing. */
    static KeyringSession plain() throws Exception {
        return new KeyringSession(false, List.of());
    }

    /** A session whose bus starts the Secret Service by this command, a line of the shell. */
    static KeyringSession starting(String command) throws Exception {
        return new KeyringSession(false, List.of(service("org.freedesktop.secrets", "/bin/sh -c '" + command + "'")));
    }

    /** A session with an X server, in which gnome-keyring shows its own prompts. */
    static KeyringSession withScreen() throws Exception {
        Tools.require("Xvfb", "xdotool");
        return new KeyringSession(true,
                List.of(service("org.gnome.keyring.SystemPrompter", "/usr/libexec/gcr-prompter")));
    }

    private static String service(String name, String command) {
        return "printf '[D-BUS Service]\\nName=" + name + "\\nExec=%s\\n' \"" + command + "\" >services/" + name
                + ".service\n";
    }

    private static Path helpers() throws URISyntaxException {
        return Path.of(KeyringSession.class.getResource("/keyrings").toURI());
    }

    private void open(boolean screen, List<String> services) throws Exception {
        sh("umask 077\nmkdir -p logs pids services .docker/cli-plugins .config/secrets-engine\n"
                + "ln -s /run/image/bin/docker-pass .docker/cli-plugins\n" + String.join("", services)).ok();
        chooseStore("keychain");
        if (screen) {
            daemon("xvfb", "Xvfb :1 -screen 0 800x600x24 -nolisten tcp");
            await("[ -S /tmp/.X11-unix/X1 ]");
        }
        daemon("bus", "dbus-daemon --config-file=/run/keyrings/bus.conf --nofork --nopidfile");
        await("[ -S " + BUS + " ]");
        daemon("monitor", "dbus-monitor --session interface=org.freedesktop.Secret.Service "
                + "interface=org.freedesktop.Secret.Prompt interface=dev.secretsengine.Mark");
        await("dbus-send --session /mark dev.secretsengine.Mark.Here && grep -q Here logs/monitor");
    }

    /** Waits, inside, until a line of the shell succeeds. */
    void await(String condition) throws IOException {
        Outcome outcome = sh("exec 2>/dev/null\nend=$(($(date +%s) + 60))\nuntil { " + condition
                + "; }; do [ $(date +%s) -lt $end ] || exit 1; sleep .02; done");
        if (outcome.code() != 0) {
            throw new AssertionError("waited in vain for: " + condition + "\n" + logs());
        }
    }

    /** Starts a command that goes on until it is killed or the session ends; answers its pid inside. */
    String daemon(String name, String line) throws IOException {
        return sh(line + " >>logs/" + name + " 2>&1 & echo $!").ok().strip();
    }

    /** Ends a process, by its pid inside, and waits for that. */
    void kill(String pid) throws IOException {
        sh("kill " + pid).ok();
        await("[ ! -e /proc/" + pid + " ]");
    }

    /** A process inside, of the session's user. */
    ProcessBuilder process(String... command) throws IOException {
        List<String> line = new ArrayList<>(entry);
        line.addAll(Arrays.asList(command));
        return Sandbox.asRoot(line.toArray(String[]::new));
    }

    /** Runs a line of the shell, inside and without input. */
    Outcome sh(String line) throws IOException {
        return Outcome.of(process("sh", "-c", line), NOTHING);
    }

    /** Runs {@code docker pass}, as the user does. */
    Outcome pass(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("docker", "pass"));
        command.addAll(List.of(arguments));
        return Outcome.of(process(command.toArray(String[]::new)), NOTHING);
    }

    /** Starts a line of the shell that may be interrupted. */
    Started start(String line) throws IOException {
        String file = "pids/command" + ++started;
        return new Started(process("sh", "-c", "echo $$ >" + file + "; exec " + line), file);
    }

    /** Asks the Secret Service for something: see keyrings/keyring.py. */
    String keyring(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("keyring.py"));
        command.addAll(List.of(arguments));
        return Outcome.of(process(command.toArray(String[]::new)), NOTHING).ok().strip();
    }

    void chooseStore(String store) throws IOException {
        sh("echo 'store = \"" + store + "\"' >.config/secrets-engine/config.toml").ok();
    }

    /** How often a member of the Secret Service, as Unlock, was called so far. */
    int calls(String member) throws IOException {
        // Seen in this order: when the mark is there, so is all that was sent before it.
        String marks = "grep -c member=Here logs/monitor";
        await("n=$(" + marks + ") && dbus-send --session /mark dev.secretsengine.Mark.Here && "
                + "{ for j in $(seq 100); do [ $(" + marks + ") -gt $n ] && break; sleep .02; done; }");
        return Integer.parseInt(sh("grep -c '^method call.*member=" + member + "$' logs/monitor || true").ok().strip());
    }

    /**
     * Runs a line of the shell, and types into the windows that it has shown.
     *
     * @param answers names of windows, regular expressions, each with the keys to type
     */
    Outcome answered(String line, String... answers) throws Exception {
        StringBuilder typing = new StringBuilder();
        for (int i = 0; i < answers.length; i += 2) {
            typing.append("xdotool search --onlyvisible --name '").append(answers[i]).append("' windowfocus %1 key ")
                    .append(answers[i + 1]).append('\n');
        }
        Started command = start(line);
        // More than once: a window is there a moment before it listens.
        Poll.until("the end of: " + line, () -> {
            sh(typing.toString());
            return command.endsWithin(300);
        });
        return command.end();
    }

    /** Waits for a window of this name. */
    void awaitWindow(String name) throws IOException {
        await("xdotool search --onlyvisible --name '" + name + "'");
    }

    /** What the daemons have said, for the message of a failed test. */
    String logs() throws IOException {
        return sh("tail -n 30 $(ls logs/* | grep -v monitor)").toString();
    }

    @Override
    public void close() throws IOException {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                throw new AssertionError("the session does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A command that runs beside the test. */
    final class Started {

        private final CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        private final String pidFile;

        private Started(ProcessBuilder builder, String pidFile) {
            this.pidFile = pidFile;
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    outcome.complete(Outcome.of(builder, NOTHING));
                } catch (IOException | AssertionError e) {
                    outcome.completeExceptionally(e);
                }
            });
        }

        boolean endsWithin(long millis) throws Exception {
            try {
                outcome.get(millis, TimeUnit.MILLISECONDS);
                return true;
            } catch (TimeoutException e) {
                return false;
            }
        }

        /** As Ctrl-C does. */
        void interrupt() throws IOException {
            await("[ -s " + pidFile + " ]");
            sh("kill -INT $(cat " + pidFile + ")").ok();
        }

        /** Its end, for which this waits. */
        Outcome end() throws Exception {
            return outcome.get();
        }
    }
}
