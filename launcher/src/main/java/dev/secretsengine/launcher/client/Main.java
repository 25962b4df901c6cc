package dev.secretsengine.launcher.client;

import dev.secretsengine.core.config.EnginePaths;
import dev.secretsengine.core.config.SudoCaller;
import dev.secretsengine.launcher.project.NewProject;
import dev.secretsengine.launcher.protocol.Build;
import dev.secretsengine.launcher.protocol.Invocation;
import dev.secretsengine.launcher.setup.Setup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** {@code docker-pass} where there is no native client. */
public final class Main {

    /** The engine, or the keychain behind it, cannot be reached. */
    static final int UNREACHABLE = 4;

    /** Our own failure while a command was to be run. */
    static final int RUN_FAILED = 125;

    private Main() {
    }

    /** Runs one command and ends with its exit code. */
    public static void main(String[] args) {
        int code;
        try {
            code = run(List.of(args));
        } catch (ClientException e) {
            Terminal.error(e.getMessage());
            // CMD's own trouble has a code of its own, 126 or 127.
            code = isRun(args) ? Math.max(RUN_FAILED, e.code()) : e.code();
        } catch (IllegalArgumentException e) {
            // EnginePaths: the environment leads nowhere.
            Terminal.error(e.getMessage());
            code = isRun(args) ? RUN_FAILED : 1;
        } catch (IOException e) {
            Terminal.error("the connection to the engine broke: docker pass engine logs says more");
            code = isRun(args) ? RUN_FAILED : UNREACHABLE;
        }
        // Not exit: there is nothing to run at the end, and this is faster.
        Runtime.getRuntime().halt(code);
    }

    private static boolean isRun(String[] args) {
        return Invocation.of(List.of(args)).is("run");
    }

    private static void say(String line) {
        Terminal.out((line + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** Nothing is made or asked in another user's folders; in root's own it is said whose they are. */
    private static void checkSudo(Map<String, String> environment, Invocation invocation) throws IOException {
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        SudoCaller sudo = SudoCaller.of(environment, uid).orElse(null);
        if (sudo == null) {
            return;
        }
        Optional<String> objection = sudo.objection();
        if (objection.isPresent()) {
            throw new ClientException(1, objection.get());
        }
        if (!invocation.is("__complete") && !invocation.is("__completeNoDesc")) {
            sudo.note().ifPresent(Terminal::error);
        }
    }

    private static int run(List<String> args) throws IOException {
        Invocation invocation = Invocation.of(args);
        if (LocalAnswers.print(invocation)) {
            return 0;
        }
        if (invocation.is("setup")) {
            return Setup.run(invocation.arguments().subList(1, invocation.arguments().size()),
                    ClientEnvironment.ofCaller(), new TerminalConsole());
        }
        if (invocation.is("plugins", "new") || invocation.is("plugin", "new")) {
            return new NewProject(Build.image(), Build.ofThisImage().version(), Main::say, Terminal::error)
                    .run(invocation.arguments().subList(2, invocation.arguments().size()));
        }
        Caller caller = Caller.ofThisProcess(args);
        checkSudo(caller.environment(), invocation);
        EngineFinder finder = new EngineFinder(EnginePaths.of(caller.environment()), caller.environment());
        if (invocation.is("engine", "restart")) {
            finder.stop();
            return new Conversation(caller, finder, invocation).hold(List.of("engine", "start"));
        }
        if (invocation.is("engine") && !invocation.is("engine", "start") && finder.connect().isEmpty()) {
            return finder.answerWithoutEngine(invocation);
        }
        int code = new Conversation(caller, finder, invocation).hold();
        if (invocation.is("engine", "stop") && code == 0) {
            finder.awaitEnd();
        }
        return code;
    }
}
