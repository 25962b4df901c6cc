package dev.secretsengine.launcher.command;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretsException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass rm}. */
@Command(name = "rm", aliases = {"delete", "erase", "remove"}, description = "Remove secrets from the local store.")
final class RemoveCommand implements Callable<Integer> {

    private final CommandContext context;

    @Parameters(paramLabel = "ID", arity = "0..*", description = "The secrets to remove.")
    private List<String> names = List.of();

    @Option(names = "--all", description = "Remove every secret.")
    private boolean all;

    @Option(names = {"-f", "--force"}, description = "Do not ask before --all.")
    private boolean force;

    RemoveCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        if (all == !names.isEmpty()) {
            throw new UsageException("name the secrets to remove, or give --all, and not both");
        }
        List<SecretId> ids = new ArrayList<>();
        if (all) {
            ListCommand.secrets(context, CommandContext.pattern("**")).forEach(secret -> ids.add(secret.id()));
            if (!confirmed(ids.size())) {
                context.printError("docker-pass: nothing was removed");
                return 1;
            }
        } else {
            // All of them are checked before the first is removed.
            for (String name : names) {
                ids.add(CommandContext.id(name));
            }
        }
        return remove(ids) ? 0 : 1;
    }

    private boolean confirmed(int count) throws IOException {
        if (force || count == 0 || !context.session().isTerminal(0)) {
            return true;
        }
        Optional<byte[]> answer = context.session()
                .prompt("Remove all " + count + " secrets? They cannot be brought back. [y/N] ", false);
        return answer.map(bytes -> new String(bytes, StandardCharsets.UTF_8).strip())
                .filter(text -> text.equalsIgnoreCase("y") || text.equalsIgnoreCase("yes")).isPresent();
    }

    private boolean remove(List<SecretId> ids) throws IOException, SecretsException {
        LocalStore store = context.engine().localStore(context.request());
        Progress progress = new Progress(context, "removed", ids.size());
        boolean good = true;
        for (SecretId id : ids) {
            String line;
            try {
                boolean removed = store.remove(id, context.request());
                line = removed ? "RM: " + id : "ERR: " + id + ": there is no such secret";
                good &= removed;
            } catch (SecretsException e) {
                line = "ERR: " + id + ": " + e.advice();
                good = false;
            }
            progress.step(line);
        }
        progress.end();
        return good;
    }
}
