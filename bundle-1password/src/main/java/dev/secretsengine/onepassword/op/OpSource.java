package dev.secretsengine.onepassword.op;

import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.kit.JsonReader;
import dev.secretsengine.kit.Program;
import dev.secretsengine.kit.WipedBuffer;
import dev.secretsengine.onepassword.item.Item;
import dev.secretsengine.onepassword.item.ItemName;
import dev.secretsengine.onepassword.item.ItemReader;
import dev.secretsengine.onepassword.item.Names;
import dev.secretsengine.onepassword.item.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

/** One caller's {@code op}. IDs are its only arguments that come from outside, and those come from itself. */
final class OpSource implements Source {

    private static final int MAX_ANSWER = 16 << 20;
    private static final int MAX_ERRORS = 16 << 10;

    private final Op op;
    private final Path program;
    private final Map<String, String> variables;

    OpSource(Op op, Path program, Map<String, String> variables) {
        this.op = op;
        this.program = program;
        this.variables = variables;
    }

    /** The program, and whose account it will find; callers of different PATHs are one. */
    private record Account(Path program, Map<String, String> variables) {
    }

    @Override
    public Object account() {
        Map<String, String> relevant = new TreeMap<>(variables);
        relevant.remove("PATH");
        return new Account(program, Map.copyOf(relevant));
    }

    @Override
    public Names names(RequestContext context) throws SecretsException {
        return ask(List.of("item", "list"), json -> new Names(ItemReader.names(json, Map.of())), context);
    }

    @Override
    public Item item(ItemName name, RequestContext context) throws SecretsException {
        return ask(List.of("item", "get", name.id(), "--vault", name.vaultId()), ItemReader::item, context);
    }

    @Override
    public void check(RequestContext context) throws SecretsException {
        // op whoami says yes to a token that is good for nothing.
        ask(List.of("vault", "list"), ItemReader::vaults, context);
    }

    /** Takes an answer in. */
    private interface Reading<T> {

        T read(JsonReader json) throws JsonReader.Malformed;
    }

    private <T> T ask(List<String> arguments, Reading<T> reading, RequestContext context) throws SecretsException {
        op.limit().require();
        try {
            op.gate().enter(context);
            try {
                op.limit().require();
                return run(arguments, reading, context);
            } finally {
                op.gate().leave();
            }
        } catch (TimeoutException e) {
            throw new SecretsException.Unavailable(op.plugin(), "op did not answer in time",
                    "see whether 1Password waits for you to authorize it, and try again");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SecretsException.Unavailable(op.plugin(), "the call of op was interrupted", "try again");
        }
    }

    private <T> T run(List<String> arguments, Reading<T> reading, RequestContext context)
            throws SecretsException, TimeoutException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(arguments);
        command.addAll(List.of("--format", "json"));
        if (!op.account().isEmpty()) {
            command.addAll(List.of("--account", op.account()));
        }
        try (WipedBuffer output = new WipedBuffer(MAX_ANSWER); WipedBuffer errors = new WipedBuffer(MAX_ERRORS)) {
            int exit = Program.of(command, op.environment(variables)).run(output, errors, context);
            if (output.isOver()) {
                throw failed("op answered more than 16 MiB", "make the item smaller");
            }
            if (exit != 0) {
                throw failure(errors.text(), exit);
            }
            op.gate().authorized();
            return reading.read(output.json());
        } catch (JsonReader.Malformed e) {
            throw failed("op gave an answer that is not in its format", "update op");
        } catch (IOException e) {
            throw new SecretsException.Unavailable(op.plugin(), "op cannot be started",
                    "run 'op vault list' to see why").causedBy(e);
        }
    }

    private SecretsException failure(String stderr, int exit) {
        OpFailure kind = OpFailure.of(stderr);
        SecretsException failure = switch (kind) {
            case BAD_TOKEN -> op.hasToken() ? badToken() : notSignedIn();
            case NOT_SIGNED_IN -> op.hasToken() ? badToken() : notSignedIn();
            case DISMISSED -> new SecretsException.Denied(op.plugin(),
                    "1Password's authorization prompt was dismissed or timed out",
                    "docker pass plugins enable " + op.plugin() + " lets it ask again").fatal();
            case UNREACHABLE -> new SecretsException.Unavailable(op.plugin(), "op cannot reach the 1Password app",
                    "start and unlock the app, and turn on its integration with the CLI");
            case LIMITED -> op.limit().reached(OpFailure.retryAfter(stderr));
            case MISSING -> new SecretsException.NotFound(op.plugin(), "1Password has no such item any more",
                    "look at 'op item list'");
            case OFFLINE -> new SecretsException.Unavailable(op.plugin(), "op cannot reach 1Password",
                    "see whether the network is up, and look at the setting proxy");
            case OTHER -> failed("op failed with exit code " + exit, "run 'op item list' to see why");
        };
        switch (kind) {
            case BAD_TOKEN, NOT_SIGNED_IN, DISMISSED, UNREACHABLE -> op.gate().refused(failure);
            case LIMITED, MISSING -> op.gate().authorized();
            case OFFLINE, OTHER -> {
                // It says nothing about a prompt.
            }
        }
        return failure;
    }

    private SecretsException badToken() {
        return new SecretsException.Denied(op.plugin(), "1Password does not accept the service account's token",
                "docker pass plugins 1password setup takes a new one");
    }

    private SecretsException notSignedIn() {
        return new SecretsException.Unavailable(op.plugin(), "op is not signed in to 1Password",
                "run 'op signin', or turn on the 1Password app's integration with the CLI");
    }

    private SecretsException failed(String what, String hint) {
        return new SecretsException.Failed(op.plugin(), what, hint);
    }
}
