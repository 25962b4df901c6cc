package dev.secretsengine.launcher.command;

import dev.secretsengine.api.SecretInfo;
import dev.secretsengine.api.SecretPattern;
import dev.secretsengine.api.SecretsException;
import dev.secretsengine.core.resolve.InternalIds;
import dev.secretsengine.launcher.format.Listing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code docker pass ls}. */
@Command(name = "ls", aliases = "list", description = "List the secrets of the local store.")
final class ListCommand implements Callable<Integer> {

    private static final List<String> FIELDS = List.of("ID", "CreatedAt", "ModifiedAt", "Metadata");

    private final CommandContext context;

    @Parameters(paramLabel = "PATTERN", arity = "0..1", description = "Only these IDs, such as 'myapp/**'.")
    private String pattern = "**";

    @Option(names = {"-q", "--quiet"}, description = "Print IDs only, as without --format.")
    private boolean quiet;

    @Option(names = "--format", paramLabel = "FORMAT", description = "table, json or a template such as '{{.ID}}'.")
    private @Nullable String format;

    ListCommand(CommandContext context) {
        this.context = context;
    }

    @Override
    public Integer call() throws IOException, SecretsException {
        SecretPattern asked = CommandContext.pattern(pattern);
        Listing listing = format == null || quiet ? null : CommandContext.listing(format, FIELDS, FIELDS);
        List<SecretInfo> secrets = secrets(context, asked);
        if (listing != null) {
            context.print(listing, secrets.stream().map(ListCommand::row).toList());
        } else {
            String ids = secrets.stream().map(secret -> secret.id() + "\n").collect(Collectors.joining());
            context.session().out().write(ids.getBytes(StandardCharsets.UTF_8));
        }
        context.noteOtherCollections(asked, secrets.stream().map(SecretInfo::id).toList());
        return 0;
    }

    /** The user's own secrets, sorted. */
    static List<SecretInfo> secrets(CommandContext context, SecretPattern pattern) throws SecretsException {
        return context.engine().localStore(context.request()).list(pattern, context.request()).stream()
                .filter(secret -> !InternalIds.contains(secret.id())).sorted(Comparator.comparing(SecretInfo::id))
                .toList();
    }

    private static Map<String, Object> row(SecretInfo secret) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("ID", secret.id());
        if (secret.createdAt() != null) {
            row.put("CreatedAt", secret.createdAt());
        }
        if (secret.modifiedAt() != null) {
            row.put("ModifiedAt", secret.modifiedAt());
        }
        row.put("Metadata", secret.metadata());
        return row;
    }
}
