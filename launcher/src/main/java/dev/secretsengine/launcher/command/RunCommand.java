package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretValue;
import dev.secretsengine.core.env.Dotenv;
import dev.secretsengine.core.resolve.References;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass run}. */
@Command(name = "run", description = "Run a command with the se:// references of its environment resolved.", synopsisHeading = "Usage: ", customSynopsis = "docker pass run [--env-file FILE]... -- COMMAND [ARG...]", footer = {
        "", "A variable whose value is exactly se://ID gets the secret's value; everything else passes unchanged.",
        "If one reference cannot be resolved the command is not started.",
        "Exit code: the command's own; 125 if it was not started, 126 if it cannot be executed, 127 if it is not there.",
        "Your shell expands $VAR before docker pass runs. To use the value, quote it for a shell of its own:", "",
        "  GH_TOKEN=se://gh-token docker pass run -- gh repo list",
        "  GH_TOKEN=se://gh-token docker pass run -- sh -c 'echo $GH_TOKEN'"})
final class RunCommand implements Callable<Integer> {

    /** Our own failure, as docker run has it. */
    static final int FAILED = 125;

    private static final int MAX_FILE = 4 << 20;
    private static final byte[] SCHEME = References.SCHEME.getBytes(StandardCharsets.US_ASCII);

    private final CommandContext context;

    @Option(names = "--env-file", paramLabel = "FILE", description = "Read variables from a dotenv file; repeatable, later files win over earlier ones and over the environment.")
    private List<String> files = List.of();

    @Parameters(paramLabel = "COMMAND", arity = "0..*", description = "The command and its arguments.")
    private List<String> command = List.of();

    RunCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException {
        if (command.isEmpty()) {
            throw new UsageException("a command is missing: docker pass run -- COMMAND [ARG...]");
        }
        Map<String, byte[]> plain = new LinkedHashMap<>();
        Map<String, SecretValue> resolved;
        try {
            Map<String, String> references = new LinkedHashMap<>(context.session().references());
            for (String file : files) {
                read(file, references, plain);
            }
            resolved = context.engine().references().resolve(references, context.request());
        } catch (References.UnresolvedException e) {
            wipe(plain);
            for (String line : e.lines()) {
                context.printError("docker-pass: " + line);
            }
            return FAILED;
        } catch (Session.FileException | Dotenv.SyntaxException e) {
            wipe(plain);
            context.printError("docker-pass: " + e.getMessage());
            return FAILED;
        }
        resolved.forEach((name, value) -> {
            try (value) {
                plain.put(name, value.copyBytes());
            }
        });
        try {
            for (Map.Entry<String, byte[]> variable : plain.entrySet()) {
                context.variable(variable.getKey(), variable.getValue());
            }
        } finally {
            wipe(plain);
        }
        // Afterwards nobody listens.
        context.announce();
        context.session().become(context.session().arguments().size() - command.size());
        return 0;
    }

    private void read(String file, Map<String, String> references, Map<String, byte[]> plain)
            throws IOException, Session.FileException, Dotenv.SyntaxException {
        byte[] content = context.session().file(file, MAX_FILE);
        Map<String, byte[]> variables;
        try {
            variables = Dotenv.parse(file, content);
        } finally {
            Arrays.fill(content, (byte) 0);
        }
        for (Map.Entry<String, byte[]> variable : variables.entrySet()) {
            String name = variable.getKey();
            byte[] value = variable.getValue();
            references.remove(name);
            plain.remove(name);
            if (isReference(value)) {
                references.put(name, new String(value, StandardCharsets.UTF_8));
            } else if (hasNul(value)) {
                wipe(variables);
                throw new Session.FileException(file + ": the value of " + name + " has a NUL byte");
            } else {
                plain.put(name, value);
            }
        }
    }

    private static boolean isReference(byte[] value) {
        return value.length >= SCHEME.length && Arrays.equals(value, 0, SCHEME.length, SCHEME, 0, SCHEME.length);
    }

    private static boolean hasNul(byte[] value) {
        for (byte b : value) {
            if (b == 0) {
                return true;
            }
        }
        return false;
    }

    private static void wipe(Map<String, byte[]> variables) {
        variables.values().forEach(value -> Arrays.fill(value, (byte) 0));
    }
}
