package dev.secretsengine.launcher.command;

import dev.secretsengine.api.LocalStore;
import dev.secretsengine.api.RequestContext;
import dev.secretsengine.api.SecretId;
import dev.secretsengine.api.SecretPattern;
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

    private static final int FAILED = 1;

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
        return remove(ids);
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

    /** Removes all it can; a store that does not answer, or a user who refuses, matters more than a missing secret. */
    private int remove(List<SecretId> ids) throws IOException, SecretsException {
        // One deadline for all: a store that hangs is waited for once.
        RequestContext request = context.request();
        LocalStore store = context.engine().localStore(request);
        Progress progress = new Progress(context, "removed", ids.size());
        int worst = 0;
        for (SecretId id : ids) {
            String line = "RM: " + id;
            boolean removed = false;
            try {
                removed = store.remove(id, request);
                if (!removed) {
                    line = "ERR: " + id + ": " + missing(id, request);
                    worst = Math.max(worst, FAILED);
                }
            } catch (SecretsException e) {
                line = "ERR: " + id + ": " + e.advice();
                worst = Math.max(worst, Dispatcher.code(e));
            }
            progress.step(line);
            if (removed) {
                noteRemains(id, request);
            }
        }
        progress.end();
        return worst;
    }

    private String missing(SecretId id, RequestContext request) {
        return context.engine().store().missing(id, request).map(SecretsException::advice)
                .orElse("there is no such secret");
    }

    private void noteRemains(SecretId id, RequestContext request) throws IOException {
        Optional<String> note;
        try {
            note = context.engine().store().elsewhere(SecretPattern.of(id), request).left(id);
        } catch (SecretsException e) {
            note = Optional.of("other collections may still have " + id + ": " + e.advice());
        }
        if (note.isPresent()) {
            context.printError("docker-pass: note: " + note.get());
        }
    }
}
