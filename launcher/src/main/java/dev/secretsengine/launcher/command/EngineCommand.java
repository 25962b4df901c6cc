package dev.secretsengine.launcher.command;

import dev.secretsengine.launcher.docker.DockerCli;
import dev.secretsengine.launcher.docker.Resume;
import dev.secretsengine.launcher.format.Listing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code docker pass engine}; what needs no engine, or a new one, is the client's part. */
@Command(name = "engine", description = "Manage the user's engine.", synopsisSubcommandLabel = "COMMAND", footer = {"",
        "Every other command starts the engine when it is not running."})
final class EngineCommand extends CommandGroup {

    private static final long FOLLOW_MILLIS = 200;

    private final CommandContext context;

    EngineCommand(CommandContext context) {
        this.context = context;
    }

    @Command(name = "start", description = "Start the engine.")
    int start(
            @Option(names = "--resume", description = "Start the containers again whose start was refused while it was down or locked.") boolean resume)
            throws IOException {
        context.print("The engine is running with pid " + ProcessHandle.current().pid());
        if (!resume) {
            return 0;
        }
        int uid = (Integer) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        return new Resume(DockerCli.find(context.session().environment()), uid, context::print,
                () -> context.session().cancellation().isCancelled()).run();
    }

    @Command(name = "stop", description = "Stop the engine; commands that still wait are cancelled.")
    int stop() throws IOException {
        context.print("The engine has stopped");
        context.control().stop();
        return 0;
    }

    @Command(name = "restart", description = "Stop the engine and start it again.")
    int restart() throws IOException {
        return start(false);
    }

    @Command(name = "status", description = "Show what the engine is and does.")
    int status(
            @Option(names = "--format", paramLabel = "FORMAT", description = "table, json or a template such as '{{.PID}}'.", defaultValue = "") String format)
            throws IOException {
        Map<String, Object> status = context.control().status();
        if (!format.isEmpty()) {
            List<String> fields = List.copyOf(status.keySet());
            Listing listing = CommandContext.listing(format, fields, fields);
            context.print(listing, List.of(status));
            return 0;
        }
        int width = status.keySet().stream().mapToInt(String::length).max().orElse(0);
        for (Map.Entry<String, Object> fact : status.entrySet()) {
            context.print(fact.getKey() + ":" + " ".repeat(width - fact.getKey().length() + 2) + fact.getValue());
        }
        return 0;
    }

    @Command(name = "logs", description = "Show the engine's log.")
    int logs(@Option(names = {"-n",
            "--tail"}, paramLabel = "LINES", defaultValue = "-1", description = "Only the last lines.") int tail,
            @Option(names = {"-f", "--follow"}, description = "Go on until interrupted.") boolean follow)
            throws IOException {
        Path log = context.control().log();
        long at = 0;
        try {
            byte[] text = Files.readAllBytes(log);
            at = text.length;
            context.session().out().write(last(text, tail));
        } catch (NoSuchFileException e) {
            at = 0;
        }
        while (follow && !context.session().cancellation().isCancelled()) {
            pause();
            at = printFrom(log, at);
        }
        return 0;
    }

    private static byte[] last(byte[] text, int lines) {
        int at = text.length;
        int seen = 0;
        while (at > 0 && lines >= 0) {
            if (text[at - 1] == '\n' && at < text.length) {
                seen++;
            }
            if (seen == lines) {
                break;
            }
            at--;
        }
        String all = new String(text, lines < 0 ? 0 : at, text.length - (lines < 0 ? 0 : at), StandardCharsets.UTF_8);
        return all.getBytes(StandardCharsets.UTF_8);
    }

    private long printFrom(Path log, long at) throws IOException {
        long size = Files.exists(log) ? Files.size(log) : 0;
        if (size < at) {
            // A new file has taken its place.
            return printFrom(log, 0);
        }
        if (size > at) {
            try (var in = Files.newInputStream(log)) {
                in.skipNBytes(at);
                byte[] more = in.readNBytes((int) Math.min(size - at, 1 << 20));
                context.session().out().write(more);
                return at + more.length;
            }
        }
        return at;
    }

    private static void pause() {
        try {
            Thread.sleep(FOLLOW_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
