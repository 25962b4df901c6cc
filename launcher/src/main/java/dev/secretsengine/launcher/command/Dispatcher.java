package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.Engine;
import dev.secretsengine.launcher.format.Trace;
import dev.secretsengine.launcher.protocol.Invocation;
import java.io.IOException;
import java.util.List;
import java.util.OptionalInt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;

/** Runs one command line and answers its exit code. */
public final class Dispatcher {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int NOT_FOUND = 3;

    /** The exit code where the engine, a store or a provider cannot be reached. */
    public static final int UNAVAILABLE = 4;

    private static final int DENIED = 5;

    private final Engine engine;
    private final EngineControl control;

    /** Commands of this engine. */
    public Dispatcher(Engine engine, EngineControl control) {
        this.engine = engine;
        this.control = control;
    }

    /**
     * Runs what the session asks for. Failures are printed; only a broken connection is thrown.
     *
     * @return the exit code
     */
    public int run(Session session) throws IOException {
        engine.lookAgain();
        CommandContext context = new CommandContext(engine, session, control);
        Invocation invocation;
        try {
            invocation = new Arguments(session).invocation();
        } catch (UsageException e) {
            context.printError("docker-pass: " + e.getMessage());
            return USAGE;
        }
        if (invocation.is("__complete") || invocation.is("__completeNoDesc")) {
            return new Completion(context).run(invocation.arguments());
        }
        if (invocation.is(ContainerEnvironment.COMMAND)) {
            List<String> names = invocation.arguments();
            return new ContainerEnvironment(context).run(names.subList(1, names.size()));
        }
        long begin = System.nanoTime();
        int code = run(context, invocation);
        LOG.info("{} ended with {} after {} ms", commandName(invocation), code,
                (System.nanoTime() - begin) / 1_000_000);
        context.announce();
        return code;
    }

    /** The exit code of a command that is cut off; empty where the end of the connection tells its client enough. */
    public static OptionalInt codeOfCutOff(Session session) {
        Invocation invocation = new Arguments(session).invocation();
        return invocation.is(ContainerEnvironment.COMMAND)
                ? OptionalInt.empty()
                : OptionalInt.of(invocation.is("run") ? RunCommand.FAILED : UNAVAILABLE);
    }

    private static String firstWord(Invocation invocation) {
        return invocation.arguments().isEmpty() ? "" : invocation.arguments().get(0);
    }

    /** Never more of the line than this: the rest may be a value. */
    private static String commandName(Invocation invocation) {
        String first = firstWord(invocation);
        return CommandTree.has(first) ? first : "an unknown command";
    }

    private int run(CommandContext context, Invocation invocation) throws IOException {
        boolean runs = invocation.is("run");
        List<String> words = PluginSetupCommand.inOrder(invocation.arguments());
        boolean known = CommandTree.has(firstWord(invocation));
        CommandLine line = known ? CommandTree.single(words.get(0), context) : CommandTree.whole(context);
        String[] failure = new String[1];
        line.setParameterExceptionHandler((exception, arguments) -> {
            failure[0] = usage(exception, !known && exception.getCommandLine().getParent() == null);
            return USAGE;
        });
        line.setExecutionExceptionHandler((exception, command, parsed) -> {
            if (exception instanceof IOException broken) {
                throw broken;
            }
            Exception told = exception instanceof SecretsException failed ? engine.explained(failed) : exception;
            failure[0] = message(told);
            if (invocation.debug()) {
                failure[0] += "\n" + Trace.of(exception);
            }
            return code(told);
        });
        int code = line.execute(words.subList(known ? 1 : 0, words.size()).toArray(String[]::new));
        if (failure[0] != null) {
            context.printError("docker-pass: " + failure[0]);
            return runs ? RunCommand.FAILED : code;
        }
        return code;
    }

    /** Says what is wrong without quoting more of the line than an option's name: the rest may be a value. */
    private static String usage(ParameterException exception, boolean isCommand) {
        String message = switch (exception) {
            case CommandLine.UnmatchedArgumentException unmatched when isPlugin(unmatched) ->
                "behind plugins stands ls, enable, disable, inspect or new, or a plugin's name and then setup or purge";
            case CommandLine.UnmatchedArgumentException unmatched ->
                unmatched(unmatched.getUnmatched().get(0), isCommand);
            case CommandLine.MissingParameterException missing -> String.valueOf(missing.getMessage());
            default -> exception.getArgSpec() instanceof OptionSpec option
                    ? "the value of " + option.longestName() + " makes no sense"
                    : String.valueOf(exception.getMessage());
        };
        return message.lines().findFirst().orElse("wrong usage") + ": see "
                + exception.getCommandLine().getCommandSpec().qualifiedName() + " --help";
    }

    private static boolean isPlugin(CommandLine.UnmatchedArgumentException unmatched) {
        return unmatched.getCommandLine().getCommand() instanceof PluginsCommand
                && !unmatched.getUnmatched().get(0).startsWith("-");
    }

    private static String unmatched(String argument, boolean isCommand) {
        if (!argument.startsWith("-")) {
            return isCommand && argument.indexOf('=') < 0
                    ? "there is no command " + argument
                    : "there is a word too many, or no such command";
        }
        return "there is no option "
                + (argument.startsWith("--")
                        ? argument.split("=", 2)[0]
                        : argument.substring(0, Math.min(2, argument.length())));
    }

    private static String message(Exception exception) {
        return switch (exception) {
            case SecretsException known -> known.advice();
            case UsageException usage -> String.valueOf(usage.getMessage());
            default -> {
                LOG.error("a command failed", exception);
                yield "something went wrong in the engine: docker pass engine logs says more";
            }
        };
    }

    /** The exit code that tells this kind of failure. */
    static int code(Exception exception) {
        if (exception instanceof UsageException) {
            return USAGE;
        }
        if (!(exception instanceof SecretsException known)) {
            return FAILED;
        }
        return switch (known) {
            case SecretsException.NotFound e -> NOT_FOUND;
            case SecretsException.Unavailable e -> UNAVAILABLE;
            case SecretsException.Denied e -> DENIED;
            case SecretsException.Invalid e -> FAILED;
            case SecretsException.Failed e -> FAILED;
        };
    }

    /** Loads and links what the first command would otherwise wait for. */
    public static void warmUp() {
        CommandTree.single("get", null).parseArgs("X");
    }
}
